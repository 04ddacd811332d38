/** The page: what is chosen goes to the worker, what comes back is drawn. */
import {catalogue} from '../src/catalogue.ts';
import {formatQuantity, shortNumber, wholeNumber} from '../src/base/units.ts';
import {percent} from '../src/metrics/answer.ts';
import type {Summary} from '../src/metrics/summary.ts';
import {cdfChart, rangeChart} from '../src/reports/charts.ts';
import {figure} from '../src/reports/frame.ts';
import type {ReportData} from '../src/reports/reportData.ts';
import {lifeOf, nearestTo} from '../src/reports/requestTimeline.ts';
import {sectionsOf} from '../src/reports/sections.ts';
import {styles, textures} from '../src/reports/styles.ts';
import {controls, stepsOf, type Control} from './controls.ts';
import {ladderSvg} from './ladder.ts';
import {presets} from './presets.ts';
import {Runner} from './runner.ts';
import {contentOf, hashOf, overridesOf, stateOf, yamlOf, type State} from './state.ts';
import type {Told} from './worker.ts';

interface Result {
  readonly summary: Summary;
  readonly data: ReportData;
}

/** After the last movement of a slider. */
const QUIET_MS = 120;

const policies = catalogue.policies.map(({name}) => name);
const element = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;

let state = stateOf(location.hash, policies);
let result: Result | null = null;
let before: Result | null = null;
/** What has been tried of the control that was moved last: its value and the p99, all else equal. */
let tried: {control: Control | null; rest: string; points: Map<number, number>} = {control: null, rest: '', points: new Map()};
let timer: ReturnType<typeof setTimeout> | undefined;
const runner = new Runner(hear);

begin();

function begin(): void {
  const sheet = document.createElement('style');
  sheet.textContent = styles;
  document.head.prepend(sheet);
  document.body.insertAdjacentHTML('afterbegin', `<svg class="defs" aria-hidden="true">${textures}</svg>`);
  const preset = element<HTMLSelectElement>('preset');
  for (const {name, title} of presets) preset.add(new Option(title, name));
  preset.addEventListener('change', () => choose({preset: presets[preset.selectedIndex]!, values: new Map(), policy: null}));
  element('reset').addEventListener('click', () => choose({...state, values: new Map(), policy: null}));
  element('copy-yaml').addEventListener('click', () =>
    copy(yamlOf(state), 'The scenario is in the clipboard: tierscape run FILE gives the same digest.'),
  );
  element('copy-link').addEventListener('click', () => copy(location.href, 'The link is in the clipboard.'));
  element('show-p99').addEventListener('click', toggleRequest);
  element<HTMLFormElement>('controls').addEventListener('submit', (event) => event.preventDefault());
  addEventListener('hashchange', () => {
    if (location.hash !== hashOf(state)) choose(stateOf(location.hash, policies));
  });
  choose(state);
}

/** Draws the controls anew and runs. */
function choose(next: State): void {
  state = next;
  before = null;
  tried = {control: null, rest: '', points: new Map()};
  const content = contentOf(state.preset.text, []);
  element<HTMLSelectElement>('preset').value = state.preset.name;
  element('question').textContent = String(content['question']);
  const sliders = controls.flatMap((control) => (control.read(content) === null ? [] : [slider(control)]));
  element('sliders').replaceChildren(...sliders, policySelect());
  changed(0);
}

function slider(control: Control): HTMLElement {
  const content = contentOf(state.preset.text, []);
  const steps = stepsOf(control, content);
  const label = Object.assign(document.createElement('label'), {className: 'control'});
  const output = document.createElement('output');
  const input = Object.assign(document.createElement('input'), {type: 'range', id: control.id, min: '0', max: String(steps.length - 1)});
  const show = (): void => {
    const text = control.show(steps[Number(input.value)]!);
    output.textContent = text;
    input.setAttribute('aria-valuetext', text);
  };
  input.value = String(steps.indexOf(state.values.get(control.id) ?? control.read(content)!));
  input.addEventListener('input', () => {
    show();
    const value = steps[Number(input.value)]!;
    const values = new Map(state.values);
    if (value === control.read(content)) values.delete(control.id);
    else values.set(control.id, value);
    state = {...state, values};
    follow(control, content);
    changed(QUIET_MS);
  });
  show();
  label.append(control.label, output, input);
  return label;
}

/** Points of the curve of what has been tried belong together while nothing else changes. */
function follow(control: Control, content: ReturnType<typeof contentOf>): void {
  const values = new Map(state.values);
  values.delete(control.id);
  const rest = hashOf({...state, values});
  if (tried.control === control && tried.rest === rest) return;
  tried = {control, rest, points: new Map()};
  const was = result?.summary.ttft.p99;
  if (was !== undefined && was !== null) tried.points.set(valueBefore(control, content), was);
}

function valueBefore(control: Control, content: ReturnType<typeof contentOf>): number {
  return stateOf(location.hash, policies).values.get(control.id) ?? control.read(content)!;
}

function policySelect(): HTMLElement {
  const label = Object.assign(document.createElement('label'), {className: 'control', textContent: 'Eviction policy of all tiers '});
  const select = Object.assign(document.createElement('select'), {id: 'policy'});
  select.add(new Option('as in the scenario', ''));
  for (const name of policies) select.add(new Option(name, name));
  select.value = state.policy ?? '';
  select.addEventListener('change', () => {
    state = {...state, policy: select.value === '' ? null : select.value};
    tried = {control: null, rest: '', points: new Map()};
    changed(0);
  });
  label.append(select);
  return label;
}

function changed(quietMs: number): void {
  clearTimeout(timer);
  timer = setTimeout(() => {
    history.replaceState(null, '', hashOf(state));
    element('yaml').querySelector('pre')!.textContent = yamlOf(state);
    document.body.dataset['state'] = 'running';
    element<HTMLProgressElement>('progress').value = 0;
    runner.run({text: state.preset.text, overrides: overridesOf(state)});
  }, quietMs);
}

function hear(told: Told, milliseconds: number): void {
  if (told.kind === 'progress') {
    element<HTMLProgressElement>('progress').value = told.share;
    return;
  }
  document.body.dataset['state'] = told.kind;
  element<HTMLProgressElement>('progress').value = 1;
  if (told.kind === 'failed') {
    element('answer').textContent = told.message;
    return;
  }
  before = result;
  result = told;
  const {summary} = told;
  if (tried.control !== null && summary.ttft.p99 !== null) {
    const value = state.values.get(tried.control.id) ?? tried.control.read(contentOf(state.preset.text, []))!;
    tried.points.set(value, summary.ttft.p99);
  }
  draw(told, milliseconds);
}

function draw({summary, data}: Result, milliseconds: number): void {
  const time = (seconds: number | null): string => (seconds === null ? '-' : formatQuantity(seconds * 1e9, 'time'));
  element('p99').textContent = time(summary.ttft.p99);
  element('answer').textContent = summary.answer;
  const was = before === null || before.summary.ttft.p99 === null ? '' : `p99 was ${time(before.summary.ttft.p99)}. `;
  const good = summary.goodput.share === null ? '' : `${percent(summary.goodput.share)} of requests meet their objectives. `;
  element('facts').textContent = `${was}${good}${shortNumber(summary.throughput.outputTokensPerSecond ?? 0)} tokens/s of output.`;
  element('ladder').innerHTML = ladderSvg(summary, element('ladder').clientWidth < 560 ? 380 : 760);
  element('pictures').innerHTML = picturesHtml(summary, data);
  const footer = element('footer');
  footer.textContent = `${summary.scenario}, seed ${summary.seed}, digest ${summary.digest}, ${wholeNumber(summary.events)} events, simulated in ${Math.round(milliseconds)} ms.`;
  footer.dataset['digest'] = summary.digest;
  footer.dataset['milliseconds'] = String(Math.round(milliseconds));
  drawRequest();
}

function picturesHtml(summary: Summary, data: ReportData): string {
  const all = new Map(sectionsOf(summary, data).flatMap(({pictures}) => pictures));
  const ghost = before === null ? [] : [{...before.data.ttft[0]!, name: 'before'}];
  const ttft = cdfChart('Time to first token: now and before', 'time since arrival', [{...data.ttft[0]!, name: 'now'}, ...ghost]);
  const shown = [triedChart(), ttft, ...['attribution', 'found', 'occupancy', 'utilisation'].map((name) => all.get(name) ?? null)];
  const drawn = shown.flatMap((picture) => (picture === null ? [] : [`<h2>${picture.title}</h2>${figure(picture)}`]));
  const tables = sectionsOf(summary, data).filter(({id}) => ['first-token', 'attribution', 'found', 'tiers', 'utilisation'].includes(id));
  return `${drawn.join('')}<details><summary>The figures</summary>${tables.map(({title, table}) => `<h3>${title}</h3>${table}`).join('')}</details>`;
}

/** The p99 over what has been dragged so far. */
function triedChart(): ReturnType<typeof rangeChart> {
  const {control, points} = tried;
  if (control === null || points.size < 3) return null;
  const sorted = [...points].sort(([a], [b]) => a - b);
  return rangeChart(
    'What you have tried',
    `${control.label.toLowerCase()}, evenly spaced`,
    sorted.map(([value]) => control.show(value)),
    [{name: 'p99 TTFT', points: sorted.map(([, p99], i) => [i, p99])}],
    {label: (seconds) => (seconds === 0 ? '0' : formatQuantity(seconds * 1e9, 'time')), knee: null},
  );
}

function toggleRequest(): void {
  const panel = element('p99-request');
  panel.hidden = !panel.hidden;
  element('show-p99').setAttribute('aria-expanded', String(!panel.hidden));
  drawRequest();
}

function drawRequest(): void {
  const panel = element('p99-request');
  if (panel.hidden || result === null) return;
  const {summary, data} = result;
  const request = summary.ttft.p99 === null ? null : nearestTo(data.exemplars, summary.ttft.p99);
  if (request === null) {
    panel.textContent = 'No request got a first token.';
    return;
  }
  const found = request.blocks === 0 ? 0 : request.hitBlocks.reduce((sum, blocks) => sum + blocks, 0) / request.blocks;
  panel.innerHTML = `<p class="note">Session ${request.session}, turn ${request.turn}: ${wholeNumber(request.inputTokens)} tokens of prompt, ${percent(found)} of its blocks found, ${wholeNumber(request.outputTokens)} tokens generated; first token after ${formatQuantity((request.firstToken - request.arrival) * 1e9, 'time')}.</p>${figure(lifeOf(request, data.states))}`;
}

function copy(text: string, said: string): void {
  void navigator.clipboard.writeText(text).then(
    () => (element('copied').textContent = said),
    () => {
      element<HTMLDetailsElement>('yaml').open = true;
      element('copied').textContent = 'The clipboard is not open to this page: copy from below.';
    },
  );
}
