/**
 * What a global view of every drive's queue is worth, by its age: 1,000 and 10,000 drives, blocks of 1 MiB that may go to any of them (writes of offloaded
 * blocks, reads of blocks kept on many), sent by 100 servers that each choose for themselves.
 *   npm run bench:queues [-- --quick]
 * Prints mean, p50, p99 and p99.9 of the time that a block takes beside what an idle drive would take, and writes docs/images/queues.svg.
 */
import fs from 'node:fs';
import path from 'node:path';
import {Stream} from '../../src/base/random.ts';
import {Engine} from '../../src/engine/engine.ts';
import {Histogram} from '../../src/metrics/histogram.ts';
import {rangeChart} from '../../src/reports/charts.ts';
import {svgFile} from '../../src/reports/frame.ts';
import {View} from './view.ts';

/** How a server chooses among all drives; the last three by the view, in which `corrected` counts what it has itself sent since. */
const CHOICES = ['hash', 'twoChoices', 'leastOutstanding', 'corrected'] as const;
type Choice = (typeof CHOICES)[number];

const SERVERS = 100;
/** A block of 1 MiB from or to a drive of 6.5 GB/s, a little more or less by chance, and one in 200 behind garbage collection. */
const SERVICE_NS = {fixed: 120e3, spread: 40e3, stall: 3e6, stallShare: 0.005};
/** A block alone; and the square of it, for the closed form of one drive in a crowd that hashes (M/G/1). */
const MEAN_NS = SERVICE_NS.fixed + SERVICE_NS.spread + SERVICE_NS.stallShare * SERVICE_NS.stall;
const SQUARE_NS = (() => {
  const {fixed, spread, stall, stallShare} = SERVICE_NS;
  return (1 - stallShare) * ((fixed + spread) ** 2 + spread ** 2) + stallShare * ((fixed + spread + stall) ** 2 + spread ** 2);
})();

class Drives {
  readonly latency = new Histogram();
  private readonly engine = new Engine();
  private readonly arrivals = new Stream(1, 'arrivals');
  private readonly services = new Stream(1, 'services');
  private readonly chances = new Stream(1, 'choices');
  private readonly queues: number[][];
  /** Blocks at each drive: truth, of which the view is told every `age`. */
  private readonly outstanding: Int32Array;
  private readonly view: View;
  private readonly choice: Choice;
  private readonly gapNs: number;
  private readonly blocks: number;
  private readonly ageNs: number;
  private sent = 0;
  private readonly arriveOp: number;
  private readonly departOp: number;

  constructor(drives: number, load: number, choice: Choice, ageNs: number, blocks: number) {
    this.queues = Array.from({length: drives}, () => []);
    this.outstanding = new Int32Array(drives);
    this.view = new View(this.outstanding, SERVERS, this.chances);
    this.choice = choice;
    this.gapNs = MEAN_NS / (load * drives);
    this.blocks = blocks;
    this.ageNs = ageNs;
    this.arriveOp = this.engine.on('arrive', () => this.arrive());
    this.departOp = this.engine.on('depart', (drive) => this.depart(drive));
    const look = this.engine.on('look', () => {
      this.view.look();
      if (this.sent < this.blocks) this.engine.at(this.engine.now + ageNs, look, 0);
    });
    if (ageNs > 0) this.engine.at(0, look, 0);
    this.engine.at(0, this.arriveOp, 0);
  }

  run(): Histogram {
    this.engine.run();
    return this.latency;
  }

  private arrive(): void {
    const {engine, queues, outstanding, ageNs} = this;
    if (++this.sent < this.blocks)
      engine.at(engine.now + Math.max(1, Math.round(this.arrivals.exponential() * this.gapNs)), this.arriveOp, 0);
    const drive = this.choose(this.sent % SERVERS);
    outstanding[drive]!++;
    if (ageNs === 0) this.view.changed(drive);
    queues[drive]!.push(engine.now);
    if (queues[drive]!.length === 1) this.serve(drive);
  }

  private choose(server: number): number {
    const {view, chances, choice} = this;
    const any = chances.below(this.queues.length);
    if (choice === 'hash') return any;
    if (choice === 'twoChoices') return view.lesser(any, chances.below(this.queues.length));
    return choice === 'corrected' ? view.leastBeside(server) : view.least();
  }

  private serve(drive: number): void {
    const {fixed, spread, stall, stallShare} = SERVICE_NS;
    const ns = fixed + this.services.exponential() * spread + (this.services.uniform() < stallShare ? stall : 0);
    this.engine.at(this.engine.now + Math.round(ns), this.departOp, drive);
  }

  private depart(drive: number): void {
    const queue = this.queues[drive]!;
    const arrived = queue.shift()!;
    this.outstanding[drive]!--;
    if (this.ageNs === 0) this.view.changed(drive);
    // the first fifth fills the queues
    if (this.sent > this.blocks / 5) this.latency.record(this.engine.now - arrived);
    if (queue.length > 0) this.serve(drive);
  }
}

const quick = process.argv.includes('--quick');
const AGES_NS = [0, 100e3, 1e6, 10e6];
/** Simulated: so long at least, so many looks, and so many times that in which a lone queue forgets how it began (E[S^2] / E[S] / (1 - load)^2). */
const LASTS = {ns: 60e6, looks: 25, relaxations: 6};
const LOADS = quick ? [0.7, 0.9] : [0.3, 0.5, 0.7, 0.8, 0.9, 0.95];
const micro = (ns: number): string => (ns / 1e3).toFixed(0).padStart(8);
const series: {name: string; points: [number, number][]}[] = [];

for (const drives of quick ? [1000] : [1000, 10_000]) {
  console.log(`\n${drives} drives; an idle one takes ${micro(MEAN_NS).trim()} us a block on average\n`);
  const meanOf = (load: number): number => MEAN_NS + (load * SQUARE_NS) / MEAN_NS / (2 * (1 - load));
  console.log(`hash, mean by Pollaczek and Khinchine: ${LOADS.map((load) => `${load} ${micro(meanOf(load)).trim()} us`).join(', ')}\n`);
  console.log('choice            view    load      mean       p50       p99     p99.9  us');
  for (const choice of CHOICES)
    for (const ageNs of choice === 'hash' ? [0] : choice === 'corrected' ? AGES_NS.slice(1) : AGES_NS) {
      const points: [number, number][] = [];
      for (const load of LOADS) {
        const blocks = Math.round(
          ((load * drives) / MEAN_NS) *
            Math.max(LASTS.ns, LASTS.looks * ageNs, (LASTS.relaxations * SQUARE_NS) / MEAN_NS / (1 - load) ** 2) *
            (quick ? 0.5 : 1),
        );
        const latency = new Drives(drives, load, choice, ageNs, blocks).run();
        points.push([load, latency.percentile(0.99) / 1e3]);
        const age = choice === 'hash' ? 'none' : ageNs === 0 ? 'exact' : `${ageNs / 1e3} us`;
        console.log(
          `${choice.padEnd(16)} ${age.padStart(8)} ${load.toFixed(2).padStart(6)}  ${micro(latency.mean)}  ${micro(latency.percentile(0.5))}  ${micro(latency.percentile(0.99))}  ${micro(latency.percentile(0.999))}`,
        );
        if (drives === 10_000 && load === LOADS[0]) series.push({name: `${choice}, ${age}`, points});
      }
    }
}

const told = [
  'hash, none',
  'twoChoices, exact',
  'twoChoices, 10000 us',
  'leastOutstanding, exact',
  'leastOutstanding, 1000 us',
  'corrected, 1000 us',
];
const picture = rangeChart(
  'p99 of a block by load: 10,000 drives, 100 servers that choose',
  'share of what the drives can do',
  LOADS.map(String),
  series
    .filter(({name}) => told.includes(name))
    .map(({name, points}) => ({name, points: points.map(([load, us]) => [load, us / 1e6] as const)})),
  {label: (seconds) => `${(seconds * 1e3).toFixed(1)} ms`, knee: null},
);
if (!quick && picture !== null) fs.writeFileSync(path.resolve('docs/images/queues.svg'), svgFile(picture));
