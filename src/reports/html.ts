/** report.html: one file, one script that its policy names, no request to anywhere: the question, the answer, and the pictures behind it, each with its table. */
import {formatQuantity, shortNumber, wholeNumber} from '../base/units.ts';
import {percent} from '../metrics/answer.ts';
import type {Summary} from '../metrics/summary.ts';
import {cardText} from './card.ts';
import {figure} from './frame.ts';
import {escapeHtml, pageHead, pageScript} from './page.ts';
import type {ReportData} from './reportData.ts';
import {sectionsOf, type Section} from './sections.ts';
import {figures} from './tables.ts';

export function* html(summary: Summary, data: ReportData): Generator<string> {
  const sections = sectionsOf(summary, data);
  yield pageHead(`${summary.scenario} - tierscape`);
  yield header(summary);
  yield `<nav aria-label="Sections">${[...sections, {id: 'card', title: 'Answer card'}, {id: 'figures', title: 'All figures'}].map(({id, title}) => `<a href="#${id}">${escapeHtml(title)}</a>`).join('')}</nav>`;
  for (const section of sections) yield sectionHtml(section);
  yield `<section id="card"><h2>Answer card</h2><p class="note">To paste into a chat.</p><div class="card">${escapeHtml(cardText(summary, data.command))}</div><button id="copy" type="button" hidden>Copy</button></section>`;
  yield `<section id="figures"><h2>All figures</h2>${figures(summary)}</section>`;
  yield footer(summary);
  yield pageScript();
}

function header(summary: Summary): string {
  const big = summary.ttft.p99 === null ? '-' : formatQuantity(summary.ttft.p99 * 1e9, 'time');
  const facts = [
    ['median TTFT', summary.ttft.p50 === null ? '-' : formatQuantity(summary.ttft.p50 * 1e9, 'time')],
    ['blocks found again', summary.cache.hitRatio === null ? '-' : percent(summary.cache.hitRatio)],
    ['an unlimited cache', summary.cache.infiniteHitRatio === null ? '-' : percent(summary.cache.infiniteHitRatio)],
    ['requests completed', `${wholeNumber(summary.requests.completed)} of ${wholeNumber(summary.requests.offered)}`],
    [
      'output',
      summary.throughput.outputTokensPerSecond === null ? '-' : `${shortNumber(summary.throughput.outputTokensPerSecond)} tokens/s`,
    ],
  ];
  const warnings = summary.warnings.map((warning) => `<p class="warning">${escapeHtml(warning)}</p>`).join('');
  const expectations = summary.expect
    .map(
      ({text, passed, actual}) =>
        `<p class="${passed ? 'holds' : 'warning'}">${passed ? 'holds' : 'fails'}: ${escapeHtml(text)}${actual === null ? '' : ` (found ${shortNumber(actual)})`}</p>`,
    )
    .join('');
  return `<header><h1 class="question">${escapeHtml(summary.question)}</h1><div class="answer"><div class="big"><span>${big}</span><small>p99 TTFT</small></div><p>${unbroken(escapeHtml(summary.answer))}</p></div>
<dl>${facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${escapeHtml(value!)}</dd></div>`).join('')}</dl>${warnings}${expectations}</header>`;
}

function sectionHtml({id, title, note, pictures, table, more}: Section): string {
  const drawn = pictures.flatMap(([, picture]) =>
    picture === null ? [] : [`${pictures.length > 1 ? `<h3>${escapeHtml(picture.title)}</h3>` : ''}${figure(picture)}`],
  );
  const nothing = drawn.length === 0 && more === undefined ? '<p class="note">Nothing to draw: too short a run.</p>' : '';
  const details = table === '' ? '' : `<details><summary>The figures</summary>${table}</details>`;
  return `<section id="${id}"><h2>${escapeHtml(title)}</h2><p class="note">${escapeHtml(note)}</p>${drawn.join('')}${nothing}${more ?? ''}${details}</section>`;
}

function footer(summary: Summary): string {
  const traces =
    summary.traces.length === 0
      ? ''
      : `<p>${summary.traces.length} trace files, ${summary.traces.reduce((sum, trace) => sum + trace.requests, 0)} requests.</p>`;
  return `<footer><p>${escapeHtml(summary.scenario)}, seed ${summary.seed}, tierscape ${escapeHtml(summary.version)}, digest <code>${summary.digest}</code>, ${wholeNumber(summary.events)} events, ${formatQuantity(summary.simulatedSeconds * 1e9, 'time')} simulated.</p>${traces}</footer>`;
}

/** No line ends between a number and its unit. */
function unbroken(text: string): string {
  return text.replaceAll(/(\d) (?=%|[a-z]{1,3}\b)/g, '$1\u00a0');
}
