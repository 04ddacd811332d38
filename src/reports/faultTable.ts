/** What faults took away, and how the requests before, while and after them fared. */
import {shortNumber, wholeNumber} from '../base/units.ts';
import {percent} from '../metrics/answer.ts';
import type {FaultSummary, FaultWindow, Summary} from '../metrics/summary.ts';
import {dataTable, size, time} from './tables.ts';

const HEAD = [
  '',
  'from',
  'for',
  'rate left',
  'transfers cut',
  'lost',
  'restarts',
  'GPU time',
  'requests',
  'TTFT p50',
  'TTFT p99',
  'e2e p50',
  'good',
];
const NOTHING = ['', '', '', '', '', '', ''];

/** A fault, with a line for each of its stretches. */
export function faultTable({faults}: Summary): string {
  return dataTable(
    HEAD,
    faults.flatMap((fault) => [
      ...row(`before ${fault.on}`, NOTHING, fault.before),
      ...row(fault.on, damage(fault), fault.during),
      ...row(`after ${fault.on}`, NOTHING, fault.after),
    ]),
  );
}

function damage({atSeconds, forSeconds, rate, transfersCut, lostBytes, restarts, gpuSecondsDown, rent}: FaultSummary): string[] {
  const price = rent === null || rent === 0 ? '' : `, $${shortNumber(rent)}`;
  const lasts = forSeconds === null ? 'ever' : time(forSeconds);
  return [
    time(atSeconds),
    lasts,
    percent(rate),
    wholeNumber(transfersCut),
    size(lostBytes),
    wholeNumber(restarts),
    `${time(gpuSecondsDown)}${price}`,
  ];
}

function row(name: string, fault: readonly string[], window: FaultWindow | null): string[][] {
  if (window === null) return [];
  const {requests, ttft, e2e, goodShare} = window;
  const good = goodShare === null ? '-' : percent(goodShare);
  return [[name, ...fault, wholeNumber(requests), time(ttft.p50), time(ttft.p99), time(e2e.p50), good]];
}
