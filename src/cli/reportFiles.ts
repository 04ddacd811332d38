/** The pictures of a report as files of their own. */
import type {Summary} from '../metrics/summary.ts';
import {cardSvg} from '../reports/card.ts';
import {svgFile} from '../reports/frame.ts';
import type {ReportData} from '../reports/reportData.ts';
import {pictureNames, picturesOf} from '../reports/sections.ts';

/** All that there can be. */
export const svgNames: readonly string[] = ['answer', ...pictureNames].map((name) => `${name}.svg`);

/** [file name, text]. */
export function* svgFiles(summary: Summary, data: ReportData): Generator<[string, string]> {
  yield ['answer.svg', cardSvg(summary, data.command)];
  for (const [name, picture] of picturesOf(summary, data)) yield [`${name}.svg`, svgFile(picture)];
}
