/**
 * Every input of the brain, in order, as words of 8 bytes: kind, arguments. Replaying a journal into a fresh brain of the same configuration
 * must give the same commands: the proof that one brain ran both worlds.
 */
import {Digest} from '../base/digest.ts';
import {Placement} from './placement.ts';
import type {Commands, PlacementConfig} from './ports.ts';
import {WordStream, type WordSink} from './wordStream.ts';

export const OPEN = 1;
export const CLOSE = 2;
export const DEMAND = 3;
export const COMPUTED = 4;
export const GROW = 5;
export const KEEP = 6;
export const RELEASE = 7;
export const HAND_OFF = 8;
export const COMPLETE = 9;
export const EXPIRE = 10;
export const ROUTE_RATE = 11;
export const LOSE = 12;

export class Journal {
  private readonly stream: WordStream;

  constructor(sink: WordSink) {
    this.stream = new WordStream(sink);
  }

  record(kind: number, a = 0, b = 0, c = 0, d = 0, e = 0, f = 0): void {
    const {stream} = this;
    stream.word(kind);
    const length = argumentsOf[kind];
    if (length > 0) stream.word(a);
    if (length > 1) stream.word(b);
    if (length > 2) stream.word(c);
    if (length > 3) stream.word(d);
    if (length > 4) stream.word(e);
    if (length > 5) stream.word(f);
  }

  /** After record(): the runs that belong to it, behind their number of words. */
  runs(runs: readonly number[]): void {
    this.stream.word(runs.length);
    for (let i = 0; i < runs.length; i++) this.stream.word(runs[i]);
  }

  end(): void {
    this.stream.end();
  }
}

/** Arguments of each kind, before any runs. */
const argumentsOf = [0, 2, 1, 5, 3, 3, 3, 4, 6, 3, 1, 3, 3];

/** Feeds a journal to a fresh brain; the digest of its commands, in hexadecimal. */
export function replay(words: Float64Array, config: PlacementConfig): string {
  const placement = new Placement(config);
  const digest = new Digest();
  for (let at = 0; at < words.length;) {
    const kind = words[at++];
    const w = words.subarray(at, at + argumentsOf[kind]);
    at += argumentsOf[kind];
    let runs: number[] = [];
    if (kind === OPEN || kind === KEEP) {
      runs = [...words.subarray(at + 1, at + 1 + words[at])];
      at += 1 + words[at];
    }
    apply(placement, kind, w, runs);
    digestCommands(digest, placement.commands);
  }
  placement.checkInvariants();
  return digest.hex();
}

function apply(placement: Placement, kind: number, w: Float64Array, runs: readonly number[]): void {
  if (kind === OPEN) placement.open(w[0], runs, w[1]);
  else if (kind === CLOSE) placement.close(w[0]);
  else if (kind === DEMAND) placement.demand(w[0], w[1], w[2], w[3], w[4]);
  else if (kind === COMPUTED) placement.computed(w[0], w[1], w[2]);
  else if (kind === GROW) placement.grow(w[0], w[1], w[2]);
  else if (kind === KEEP) placement.keep(w[0], w[1], runs, w[2]);
  else if (kind === RELEASE) placement.release(w[0], w[1], w[2], w[3]);
  else if (kind === HAND_OFF) placement.handOff(w[0], w[1], w[2], w[3], w[4], w[5]);
  else if (kind === COMPLETE) placement.complete(w[0], w[1], w[2]);
  else if (kind === EXPIRE) placement.expire(w[0]);
  else if (kind === ROUTE_RATE) placement.routeRate(w[0], w[1], w[2]);
  else if (kind === LOSE) placement.lose(w[0], w[1], w[2]);
  else throw new RangeError(`a journal holds no input of kind ${kind}`);
}

/** Every column of every command, in issue order. */
export function digestCommands(digest: Digest, commands: Commands): void {
  for (let row = 0; row < commands.count; row++) {
    digest.add(commands.kind[row] + commands.way[row] * 4);
    digest.add(commands.transfer[row]);
    digest.add(commands.source[row] * 65536 + commands.target[row]);
    digest.add(commands.tip[row] + 1);
    digest.add(commands.bytes[row]);
  }
}
