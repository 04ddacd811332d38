/**
 * The classes by which returns are learned (returnHazards.ts), as numbers of a tree.
 *
 *   0              everything
 *   1 ..           by how the request ended; of that, by the stream's usual gap; of that, by its turn
 *   REMNANT        what a request left of the group that it continues
 *   COMMON ..      blocks that several streams begin with, by how often one has branched off at or behind them
 *   TIP ..         the deepest block of a prompt, by how the request ended: it may be a partial one, which is never found again
 */
import {ln, pow} from '../../base/mathematics.ts';
import {NONE} from '../ports.ts';

/** Turns or branches: 1, 2 to 3, 4 to 9, and more. */
const LEVEL_ENDS = [1, 3, 9];
const LEVELS = LEVEL_ENDS.length + 1;
const ENDINGS = 3;
/** No gap seen yet, or one of the steps above the least. */
const GAPS = 16;
/** The least gap that is told from others: 2^26 ns = 67 ms. */
const GAP_MIN_NS = 2 ** 26;

const BY_ENDING = 1;
const BY_GAP = BY_ENDING + ENDINGS;
const BY_TURN = BY_GAP + ENDINGS * GAPS;
export const REMNANT = BY_TURN + ENDINGS * GAPS * LEVELS;
const COMMON = REMNANT + 1;
const TIP = COMMON + 1 + LEVELS;
const KINDS = TIP + 1 + ENDINGS;

function levelOf(count: number): number {
  let level = 0;
  while (level < LEVEL_ENDS.length && count > LEVEL_ENDS[level]) level++;
  return level;
}

/** @param branches at least 1 */
export function commonKind(branches: number): number {
  return COMMON + 1 + levelOf(branches);
}

export function isCommon(kind: number): boolean {
  return kind > COMMON && kind < TIP;
}

export function tipKind(ending: number): number {
  return TIP + 1 + ending;
}

/** ln of a gap in nanoseconds, as streams smooth it. */
export function gapOf(ns: number): number {
  return ln(Math.max(GAP_MIN_NS, ns));
}

export class StreamKinds {
  /** Parent of each class, with a smaller number; NONE above the root. */
  readonly parents = new Int32Array(KINDS);
  /** Nanoseconds from which on each class's hazard is taken to fall: its usual gap, and at least `fallsAfterNs`. */
  readonly fallsFrom: Float64Array;
  private readonly gapStep: number;

  constructor(gapStep: number, fallsAfterNs: number) {
    const {parents} = this;
    this.gapStep = ln(gapStep);
    this.fallsFrom = new Float64Array(KINDS).fill(fallsAfterNs);
    parents[0] = NONE;
    for (let i = 0; i < ENDINGS * GAPS; i++) {
      parents[BY_GAP + i] = BY_ENDING + Math.floor(i / GAPS);
      parents.fill(BY_GAP + i, BY_TURN + i * LEVELS, BY_TURN + (i + 1) * LEVELS);
      const usualNs = i % GAPS === 0 ? 0 : GAP_MIN_NS * pow(gapStep, i % GAPS);
      this.fallsFrom[BY_GAP + i] = Math.max(fallsAfterNs, usualNs);
      this.fallsFrom.fill(this.fallsFrom[BY_GAP + i], BY_TURN + i * LEVELS, BY_TURN + (i + 1) * LEVELS);
    }
    parents.fill(COMMON, COMMON + 1, TIP);
    parents.fill(TIP, TIP + 1);
  }

  /** @param gap as gapOf; 0: none seen yet */
  streamKind(ending: number, turn: number, gap: number): number {
    const step = gap === 0 ? 0 : Math.min(GAPS - 1, 1 + Math.floor((gap - gapOf(0)) / this.gapStep));
    return BY_TURN + (ending * GAPS + step) * LEVELS + levelOf(turn);
  }
}
