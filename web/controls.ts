/** What can be dragged: where it lies in a scenario, its steps, and how it is written there. */
import {formatQuantity, parseQuantity, wholeNumber} from '../src/base/units.ts';

export interface Control {
  readonly id: string;
  readonly label: string;
  /** Its value in this scenario; null: the scenario has no such thing. */
  readonly read: (content: Content) => number | null;
  /** Paths and values that put it there. */
  readonly write: (value: number, content: Content) => [string, string][];
  readonly steps: readonly number[];
  readonly show: (value: number) => string;
}

/** A scenario's YAML as plain values. */
export type Content = {readonly [key: string]: unknown};

const decades = (from: number, to: number, digits: readonly number[]): number[] => {
  const steps: number[] = [];
  for (let decade = 1; decade <= to; decade *= 10)
    for (const digit of digits) if (digit * decade >= from && digit * decade <= to) steps.push(digit * decade);
  return steps;
};
const fine = [1, 1.5, 2, 3, 4, 5, 6, 8];

export const controls: readonly Control[] = [
  {
    id: 'context',
    label: 'Context, compacted at',
    read: () => 155_000,
    write: (value) => [
      ['workload.compactAtTokens', String(value)],
      ['workload.contextMaxTokens', String(Math.round(value * 6.5))],
    ],
    steps: decades(10_000, 600_000, fine),
    show: (value) => `${wholeNumber(value / 1000)} k tokens`,
  },
  {
    id: 'agents',
    label: 'Agents at a time',
    read: (content) => numberAt(content, 'workload.sessions.keep'),
    write: (value) => [['workload.sessions.keep', String(value)]],
    steps: decades(1, 300, [1, 2, 3, 4, 5, 6, 8]),
    show: wholeNumber,
  },
  {
    id: 'drives',
    label: 'Drives of a server',
    read: (content) => numberAt(content, 'tiers.nvme.drives'),
    write: (value) => [['tiers.nvme.drives', String(value)]],
    steps: Array.from({length: 16}, (_, i) => i + 1),
    show: wholeNumber,
  },
  {
    id: 'ports',
    label: 'Storage ports of a server',
    read: (content) => numberAt(content, 'networks.northSouth.ports'),
    write: (value) => [['networks.northSouth.ports', String(value)]],
    steps: [1, 2, 3, 4, 6, 8],
    show: wholeNumber,
  },
  {
    id: 'dram',
    label: 'DRAM for KV of a server',
    read: (content) => bytesAt(content, 'tiers.dram.capacity'),
    write: (value) => [['tiers.dram.capacity', `${value / 1e9} GB`]],
    steps: decades(8, 8000, fine)
      .filter(Number.isInteger)
      .map((value) => value * 1e9),
    show: (value) => formatQuantity(value, 'bytes'),
  },
  {
    id: 'ttl',
    label: 'Kept when unused for',
    read: () => Infinity,
    write: (minutes, content) =>
      Object.keys(at(content, 'tiers') as Content).map((tier): [string, string] => [`tiers.${tier}.ttl`, `${minutes} min`]),
    steps: [1, 2, 5, 10, 15, 30, 60, 240, 1440, Infinity],
    show: (minutes) => (minutes === Infinity ? 'for ever' : formatQuantity(minutes * 60e9, 'time')),
  },
  {
    id: 'requests',
    label: 'Requests to simulate',
    read: () => 400,
    write: (value) => [['limits.requests', String(value)]],
    steps: decades(200, 5000, [1, 2, 3, 4, 6]),
    show: wholeNumber,
  },
];

/** The steps of a control, the scenario's own value among them. */
export function stepsOf(control: Control, content: Content): readonly number[] {
  const own = control.read(content);
  return own === null || control.steps.includes(own) ? control.steps : [...control.steps, own].sort((a, b) => a - b);
}

export function at(content: Content, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, key) => (typeof value === 'object' && value !== null ? (value as Content)[key] : undefined), content);
}

function numberAt(content: Content, path: string): number | null {
  const value = at(content, path);
  return typeof value === 'number' ? value : null;
}

function bytesAt(content: Content, path: string): number | null {
  const value = at(content, path);
  return typeof value === 'string' ? parseQuantity(value, 'bytes') : null;
}
