/**
 * The report's only script: values under the pointer or under a slider that appears for the keyboard; a request's timeline when its address is
 * asked for; the answer card to the clipboard. Without it the page says the same in its tables. The page's policy lets this text run
 * and no other: where it is changed, its digest below changes too (a test says what to).
 */
export const script = `'use strict';
for (const figure of document.querySelectorAll('figure')) {
  const data = figure.querySelector('script');
  if (data) readable(figure, JSON.parse(data.textContent));
}
let shown = null;
for (const title of document.querySelectorAll('svg.chart title')) {
  title.parentNode.dataset.tip = title.textContent;
  if (title.parentNode.tagName === 'a') title.parentNode.setAttribute('aria-label', title.textContent);
  title.remove();
}
document.addEventListener('pointermove', ({target, clientX, clientY}) => {
  const marked = target.closest && target.closest('[data-tip]');
  if (!marked) return shown && shown.own && hide();
  show(target.closest('figure'), clientX, clientY, (tip) => tip.append(marked.dataset.tip));
  shown.own = true;
});
function readable(figure, readout) {
  const title = figure.querySelector('svg').getAttribute('aria-label');
  const colours = [...figure.querySelectorAll('.legend .f0,.legend .line,.legend rect:first-child')];
  const slider = document.createElement('input');
  Object.assign(slider, {type: 'range', min: 0, max: readout.at.length - 1, value: 0, className: 'reader'});
  slider.setAttribute('aria-label', 'Read along: ' + title);
  figure.append(slider);
  const describe = (i) => readout.labels[i] + ': ' + readout.rows.map((row) => row.name + ' ' + row.values[i]).join(', ');
  const read = (i, svg, y) => {
    slider.value = i;
    slider.setAttribute('aria-valuetext', describe(i));
    const [left, right, top, bottom] = svg.dataset.plot.split(' ').map(Number);
    const x = left + readout.at[i] * (right - left);
    let cursor = svg.querySelector('.cursor');
    if (!cursor) svg.append((cursor = document.createElementNS(svg.namespaceURI, 'line')));
    cursor.setAttribute('class', 'cursor');
    for (const [name, value] of Object.entries({x1: x, x2: x, y1: top, y2: bottom})) cursor.setAttribute(name, value);
    const box = svg.getBoundingClientRect();
    show(figure, box.left + (x * box.width) / svg.viewBox.baseVal.width, y ?? box.top + 20, (tip) => {
      tip.append(Object.assign(document.createElement('b'), {textContent: readout.labels[i]}));
      readout.rows.forEach((row, k) => {
        const line = document.createElement('div');
        if (colours.length) line.append(Object.assign(document.createElement('i'), {className: 'b' + (k % (colours[0].matches('.line') ? 6 : 10))}));
        line.append(row.name || title, Object.assign(document.createElement('span'), {textContent: row.values[i]}));
        tip.append(line);
      });
    });
  };
  slider.setAttribute('aria-valuetext', describe(0));
  const visible = () => [...figure.querySelectorAll('svg.chart')].find((svg) => svg.getBoundingClientRect().width > 0);
  slider.addEventListener('input', () => read(Number(slider.value), visible()));
  slider.addEventListener('focus', () => slider.matches(':focus-visible') && read(Number(slider.value), visible()));
  slider.addEventListener('blur', hide);
  for (const svg of figure.querySelectorAll('svg.chart')) {
    svg.addEventListener('pointermove', (event) => {
      const box = svg.getBoundingClientRect();
      const [left, right] = svg.dataset.plot.split(' ').map(Number);
      const place = (((event.clientX - box.left) / box.width) * svg.viewBox.baseVal.width - left) / (right - left);
      if (place < -0.02 || place > 1.02) return hide();
      let best = 0;
      readout.at.forEach((at, i) => (best = Math.abs(at - place) < Math.abs(readout.at[best] - place) ? i : best));
      read(best, svg, event.clientY);
      event.stopPropagation();
    });
    svg.addEventListener('pointerleave', hide);
  }
}
function show(figure, x, y, fill) {
  hide();
  const tip = Object.assign(document.createElement('div'), {className: 'tip', ariaHidden: 'true'});
  fill(tip);
  figure.append(tip);
  const box = figure.getBoundingClientRect();
  const left = x - box.left + 14;
  const overRight = left + tip.offsetWidth > box.width;
  tip.style.left = Math.max(0, overRight ? left - 28 - tip.offsetWidth : left) + 'px';
  tip.style.top = Math.max(0, y - box.top - tip.offsetHeight - 10) + 'px';
  shown = {tip, own: false};
}
function hide() {
  if (!shown) return;
  shown.tip.remove();
  for (const cursor of document.querySelectorAll('.cursor')) cursor.remove();
  shown = null;
}
function open() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target || target.tagName !== 'DETAILS') return;
  for (let at = target; at; at = at.parentElement.closest('details')) at.open = true;
  target.querySelector('summary').focus();
}
addEventListener('hashchange', open);
document.addEventListener('click', (event) => event.target.closest('a[href^="#request"]') && setTimeout(open));
open();
for (const copy of document.querySelectorAll('#copy')) {
  copy.hidden = false;
  copy.addEventListener('click', () => copyCard(copy));
}
async function copyCard(copy) {
  const card = document.querySelector('.card');
  getSelection().selectAllChildren(card);
  try {
    await navigator.clipboard.writeText(card.textContent);
    copy.textContent = 'Copied';
  } catch {
    copy.textContent = 'Selected: copy it';
  }
}
`;

/** SHA-256 of the script in base64, for the page's content policy. */
export const scriptDigest = 'TZNJ6rUMM207qvSMyKHUHWXfNXMTBfz8+ymHMHGEFvk=';
