/** What servers know of all drives' queues: as it was at the last look, in order, so that the least of ten thousand costs no search. */
import type {Stream} from '../../src/base/random.ts';

export class View {
  private readonly truth: Int32Array;
  private readonly seen: Int32Array;
  private readonly chances: Stream;
  /** Drives in order of what was seen; the place of each; the first place of each length of queue. */
  private readonly order: Int32Array;
  private readonly place: Int32Array;
  private readonly first: number[] = [];
  /** By server: drives that it has used since the look, counted from a place of its own. */
  private readonly used: Int32Array;
  private readonly origin: Int32Array;

  constructor(truth: Int32Array, servers: number, chances: Stream) {
    this.truth = truth;
    this.seen = new Int32Array(truth.length);
    this.chances = chances;
    this.order = Int32Array.from(truth, (_, drive) => drive);
    this.place = Int32Array.from(truth, (_, drive) => drive);
    this.used = new Int32Array(servers);
    this.origin = new Int32Array(servers);
    this.look();
  }

  /** Everybody learns the truth. Counting sort. */
  look(): void {
    const {truth, seen, order, place, first} = this;
    seen.set(truth);
    const counts: number[] = [];
    for (const length of seen) counts[length] = (counts[length] ?? 0) + 1;
    let at = 0;
    first.length = 0;
    for (let length = 0; length < counts.length; length++) {
      first[length] = at;
      at += counts[length] ?? 0;
    }
    const next = [...first];
    seen.forEach((length, drive) => {
      place[drive] = next[length]!++;
      order[place[drive]!] = drive;
    });
    this.used.fill(0);
    for (let server = 0; server < this.origin.length; server++) this.origin[server] = this.chances.below(order.length);
  }

  /** An exact view: one more or one less at a drive, which goes to the border of its length and over it. */
  changed(drive: number): void {
    const {truth, seen, first} = this;
    const [was, is] = [seen[drive]!, truth[drive]!];
    if (is === was + 1) {
      this.swap(drive, (first[is] ??= this.order.length) - 1);
      first[is]!--;
    } else {
      this.swap(drive, first[was]!);
      first[was]!++;
    }
    seen[drive] = is;
  }

  lesser(one: number, other: number): number {
    return this.seen[other]! < this.seen[one]! ? other : one;
  }

  /** One of those that have least, at random: all who look choose among the same few. */
  least(): number {
    return this.order[this.chances.below(this.atLeast())]!;
  }

  /** The same, but a server counts what it has sent since the look: it goes through the least in turn, then through those that have one more. */
  leastBeside(server: number): number {
    const few = this.atLeast();
    const at = this.used[server]!++ % this.order.length;
    return this.order[at < few ? (this.origin[server]! + at) % few : at]!;
  }

  /** Drives that have least. */
  private atLeast(): number {
    const next = this.first.findIndex((place) => place > 0);
    return next < 0 ? this.order.length : this.first[next]!;
  }

  private swap(drive: number, to: number): void {
    const {order, place} = this;
    const [from, other] = [place[drive]!, order[to]!];
    order[from] = other;
    order[to] = drive;
    place[other] = from;
    place[drive] = to;
  }
}
