/** The life of one request: what it waited for and did, one state after another; and all exemplars as dots to choose from. */
import {scaleLinear, scaleLog} from 'd3';
import {formatQuantity, wholeNumber} from '../base/units.ts';
import {percent, wordsOf} from '../metrics/answer.ts';
import {minmax} from './charts.ts';
import {ttftOf, type Exemplar} from './exemplars.ts';
import {axisX, axisY, duration, figure, round, timeDecades, timeTicks, type Picture} from './frame.ts';
import {escapeHtml} from './page.ts';
import type {ReportData} from './reportData.ts';

/** Requests that are listed at once. */
const SHOWN = 8;

/** Where a request's own timeline is on the page. */
export function anchorOf({session, turn}: Exemplar): string {
  return `request-${session}-${turn}`;
}

/** The exemplar whose TTFT is nearest to this one. */
export function nearestTo(exemplars: readonly Exemplar[], seconds: number): Exemplar | null {
  const distance = (exemplar: Exemplar): number => Math.abs(ttftOf(exemplar) - seconds);
  return exemplars.reduce<Exemplar | null>((best, one) => (best === null || distance(one) < distance(best) ? one : best), null);
}

/** TTFT against arrival; every dot leads to that request's timeline. */
export function exemplarChart({exemplars}: ReportData): Picture | null {
  const drawn = exemplars.filter((exemplar) => ttftOf(exemplar) > 0);
  if (drawn.length < 2) return null;
  const last = Math.max(...drawn.map(({arrival}) => arrival), 1e-9);
  const [low, high] = minmax(drawn.map(ttftOf));
  return {
    title: 'Requests to look into, by arrival and TTFT',
    caption: 'arrival in simulated time; TTFT on a log scale',
    legend: [],
    marks: 'areas',
    links: true,
    body: (box) => {
      const x = scaleLinear([0, last], [box.left + 6, box.right - 6]);
      const y = scaleLog([low / 1.3, high * 1.3], [box.bottom, box.top]);
      const dots = drawn.map(
        (exemplar) =>
          `<a href="#${anchorOf(exemplar)}"><title>session ${exemplar.session}, turn ${exemplar.turn}: TTFT ${time(ttftOf(exemplar))}</title><circle class="f0" cx="${round(x(exemplar.arrival))}" cy="${round(y(ttftOf(exemplar)))}" r="5" fill-opacity=".75"/></a>`,
      );
      return axisX(box, timeTicks(last), x, duration) + axisY(box, timeDecades(low / 1.3, high * 1.3), y, duration) + dots.join('');
    },
  };
}

/** A row a request, which opens its timeline. `named`: what a request stands for, such as the median. */
export function requestList({exemplars, states, tierNames}: ReportData, named: ReadonlyMap<Exemplar, string>): string {
  const rows = [...named.keys(), ...exemplars.filter((exemplar) => !named.has(exemplar))].map((exemplar) => {
    const [state, share] = worstOf(exemplar, states);
    const found =
      exemplar.blocks === 0 ? 'nothing' : percent(exemplar.hitBlocks.reduce((sum, blocks) => sum + blocks, 0) / exemplar.blocks);
    const facts = `Session ${exemplar.session}, turn ${exemplar.turn} (${exemplar.latencyClass}), arrived at ${duration(exemplar.arrival)}, prefilled by instance ${exemplar.instance}: ${wholeNumber(exemplar.inputTokens)} tokens of prompt, ${found} of its blocks found${foundWhere(exemplar, tierNames)}; ${wholeNumber(exemplar.outputTokens)} tokens generated${exemplar.preemptions > 0 ? `; preempted ${exemplar.preemptions} times` : ''}.`;
    return `<details id="${anchorOf(exemplar)}"><summary><b>${time(ttftOf(exemplar))}</b> ${named.has(exemplar) ? `${named.get(exemplar)!}: ` : ''}session ${exemplar.session}, turn ${exemplar.turn} <span>${percent(share)} ${escapeHtml(wordsOf(state))}</span></summary>${figure(lifeOf(exemplar, states))}<p class="note">${escapeHtml(facts)}</p>${stayTable(exemplar, states)}</details>`;
  });
  const more = rows.slice(SHOWN);
  return `<div class="requests">${rows.slice(0, SHOWN).join('')}</div>${more.length === 0 ? '' : `<details class="requests"><summary>${more.length} more</summary>${more.join('')}</details>`}`;
}

function foundWhere({hitBlocks, blocks}: Exemplar, tierNames: readonly string[]): string {
  const parts = hitBlocks.flatMap((hits, tier) => (hits > 0 ? [`${percent(hits / blocks)} in ${tierNames[tier]!}`] : []));
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

/** The state that took most of the TTFT, and its share. */
function worstOf({path, firstToken, arrival}: Exemplar, states: readonly string[]): [string, number] {
  const spent = new Map<string, number>();
  for (const [state, since, until] of path) {
    const seconds = Math.max(0, Math.min(until, firstToken) - since);
    spent.set(states[state]!, (spent.get(states[state]!) ?? 0) + seconds);
  }
  const [state, seconds] = [...spent].reduce((worst, entry) => (entry[1] > worst[1] ? entry : worst), ['queued', 0]);
  return [state, firstToken > arrival ? seconds / (firstToken - arrival) : 0];
}

/** A lane a state that it was in, time to the right. */
export function lifeOf(exemplar: Exemplar, states: readonly string[]): Picture {
  const {arrival, firstToken, end, path} = exemplar;
  const lanes = [...new Set(path.map(([state]) => state))];
  const height = lanes.length * 24;
  const span = Math.max(end - arrival, 1e-9);
  return {
    title: `Session ${exemplar.session}, turn ${exemplar.turn}: from arrival to the last token`,
    caption: 'time since arrival; upright: first token',
    legend: [],
    marks: 'areas',
    small: true,
    left: Math.ceil(Math.max(...lanes.map((state) => shortWords(states[state]!).length)) * 6.6 + 14),
    plotHeight: {wide: height, narrow: height},
    body: (box) => {
      const x = scaleLinear([0, span], [box.left, box.right]);
      const names = lanes.map(
        (state, lane) =>
          `<text class="soft" x="${box.left - 6}" y="${box.top + lane * 24 + 16}" text-anchor="end">${escapeHtml(shortWords(states[state]!))}</text>`,
      );
      const stays = path.map(([state, since, until]) => {
        const left = round(x(since - arrival));
        const rect = `x="${left}" y="${box.top + lanes.indexOf(state) * 24 + 3}" width="${Math.max(1, round(x(until - arrival) - left))}" height="18"`;
        return `<rect class="f${state % 10}" ${rect}><title>${escapeHtml(wordsOf(states[state]!))}: ${time(until - since)}</title></rect>`;
      });
      const first = round(x(firstToken - arrival));
      return `${axisX(box, timeTicks(span), x, duration)}${names.join('')}${stays.join('')}<line class="rule" x1="${first}" x2="${first}" y1="${box.top - 4}" y2="${box.bottom}"/>`;
    },
  };
}

function shortWords(state: string): string {
  return state.replace(/^load:/, 'load from ').replace('handOff', 'hand-off');
}

function stayTable({path, arrival}: Exemplar, states: readonly string[]): string {
  const rows = path.map(
    ([state, since, until]) =>
      `<tr><th scope="row">${escapeHtml(wordsOf(states[state]!))}</th><td>${time(since - arrival)}</td><td>${time(until - since)}</td></tr>`,
  );
  return `<details><summary>The figures</summary><table><thead><tr><th scope="col">state</th><th scope="col">after arrival</th><th scope="col">for</th></tr></thead><tbody>${rows.join('')}</tbody></table></details>`;
}

function time(seconds: number): string {
  return seconds === 0 ? '0' : formatQuantity(seconds * 1e9, 'time');
}
