/** What regress says: on a terminal, for JUnit, for GitHub, and as a page with the old curve beside the new one. */
import {CURVE_SHARES, CURVES, type Baseline, type BaselinePoint, type Change, type Verdict} from '../experiments/regression.ts';
import {wordsOf} from '../metrics/answer.ts';
import {cdfChart} from './charts.ts';
import {figure} from './frame.ts';
import {escapeHtml, page} from './page.ts';
import {formatMetric} from './sweepText.ts';

export interface Judged {
  readonly name: string;
  readonly baseline: Baseline;
  readonly points: readonly BaselinePoint[];
  readonly verdict: Verdict;
}

/** One line, and what moved under it. */
export function regressionText({name, baseline, points, verdict}: Judged): string {
  const runs = points.reduce((sum, point) => sum + point.runs.length, 0);
  if (verdict.identical) return `ok    ${name}: ${runs} runs, digests equal\n`;
  const lines = verdict.changes.filter(({failed}) => failed || verdict.passed).map((change) => `      ${changeText(change)}\n`);
  const moved = verdict.passed ? 'moved within tolerance' : 'MOVED';
  const noted = `${name}: ${moved} (tolerance ${percent(baseline.tolerance)}; the smallest shift seen for sure is ${percent(verdict.detectable)})`;
  return `${verdict.passed ? 'ok   ' : 'FAIL '} ${noted}\n${lines.join('')}${attributionText(baseline, points)}`;
}

/** A measurement against the one kept: one line, and what moved under it; where nothing did, what moved most. */
export function measuredText(name: string, changes: readonly Change[], tolerance: number): string {
  const failed = changes.filter((change) => change.failed);
  const most = changes.reduce((worst, one) => (Math.abs(one.shift) - one.half > Math.abs(worst.shift) - worst.half ? one : worst));
  const shown = failed.length > 0 ? failed : [most];
  const head = `${failed.length > 0 ? 'FAIL ' : 'ok   '} ${name}: ${failed.length} of ${changes.length} figures moved (tolerance ${percent(tolerance)} beyond the noise)`;
  return `${head}\n${shown.map((change) => `      ${changeText(change)}\n`).join('')}`;
}

function changeText({values, name, before, after, shift, half}: Change): string {
  const where = values.length === 0 ? '' : `at ${values.join(', ')}: `;
  const unit = name.split(' ')[0]!;
  return `${where}${name} ${formatMetric(unit, before)} -> ${formatMetric(unit, after)} (${shift > 0 ? '+' : ''}${percent(shift)}${half > 0 ? ` ±${percent(half)}` : ''})`;
}

/** Where mean TTFT went, before and after, summed over the points: the states that moved. */
function attributionText(baseline: Baseline, points: readonly BaselinePoint[]): string {
  const sum = (of: readonly BaselinePoint[]): Map<string, number> => {
    const states = new Map<string, number>();
    const runs = of.flatMap((point) => point.runs);
    for (const run of runs)
      for (const [state, seconds] of Object.entries(run.attribution)) states.set(state, (states.get(state) ?? 0) + seconds / runs.length);
    return states;
  };
  const [before, after] = [sum(baseline.points), sum(points)];
  const moved = [...new Set([...before.keys(), ...after.keys()])]
    .map((state) => ({state, was: before.get(state) ?? 0, is: after.get(state) ?? 0}))
    .filter(({was, is}) => was !== is)
    .sort((a, b) => Math.abs(b.is - b.was) - Math.abs(a.is - a.was))
    .slice(0, 3);
  return moved
    .map(({state, was, is}) => `      mean TTFT, ${wordsOf(state)}: ${formatMetric('ttft', was)} -> ${formatMetric('ttft', is)}\n`)
    .join('');
}

export function junit(judged: readonly Judged[]): string {
  const failures = judged.filter(({verdict}) => !verdict.passed).length;
  const cases = judged.map((one) => {
    const body = one.verdict.passed
      ? ''
      : `<failure message="${escapeHtml(`${one.name} moved`)}">${escapeHtml(regressionText(one))}</failure>`;
    return `  <testcase classname="tierscape.regress" name="${escapeHtml(one.name)}">${body}</testcase>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuite name="tierscape regress" tests="${judged.length}" failures="${failures}">\n${cases.join('\n')}\n</testsuite>\n`;
}

/** Annotations for stdout of a GitHub job. */
export function githubAnnotations(judged: readonly Judged[], fileOf: (name: string) => string): string {
  return judged
    .filter(({verdict}) => !verdict.passed)
    .map(
      (one) =>
        `::error file=${fileOf(one.name)},title=tierscape regress: ${one.name}::${regressionText(one).replaceAll('%', '%25').replaceAll('\n', '%0A')}\n`,
    )
    .join('');
}

/** For $GITHUB_STEP_SUMMARY. */
export function githubSummary(judged: readonly Judged[]): string {
  const rows = judged.map(
    ({name, verdict}) =>
      `| ${name} | ${verdict.identical ? 'equal' : verdict.passed ? 'within tolerance' : '**moved**'} | ${verdict.changes
        .filter(({failed}) => failed)
        .map(changeText)
        .join('<br>')} |`,
  );
  return `## tierscape regress\n\n| baseline | verdict | what moved |\n|---|---|---|\n${rows.join('\n')}\n`;
}

export function regressionHtml(judged: readonly Judged[]): string {
  const sections = judged.map((one) => {
    const charts = one.verdict.identical
      ? '<p class="note">Every digest is equal: the curves are the same.</p>'
      : CURVES.flatMap((curve) => one.baseline.points.map((before, i) => chartOf(curve, before, one.points[i]!))).join('');
    return `<section><h2>${escapeHtml(one.name)}: ${one.verdict.passed ? 'ok' : 'moved'}</h2><pre>${escapeHtml(regressionText(one))}</pre>${charts}</section>`;
  });
  return page('tierscape regress', sections.join(''));
}

function chartOf(curve: (typeof CURVES)[number], before: BaselinePoint, after: BaselinePoint): string {
  const series = [
    {name: 'before', points: pointsOf(before.runs[0]!.curves[curve])},
    {name: 'now', points: pointsOf(after.runs[0]!.curves[curve])},
  ];
  const picture = cdfChart(`${curve}${before.values.length === 0 ? '' : ` at ${before.values.join(', ')}`}`, 'time', series);
  return picture === null ? '' : figure(picture);
}

function pointsOf(seconds: readonly number[]): (readonly [number, number])[] {
  return seconds.map((value, i) => [value, CURVE_SHARES[i]!] as const);
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}
