/**
 * How soon things come back, learned as it happens: by class, the chance that something idle for so long returns before it has been idle for a little
 * longer. Ages fall into bins whose ends are a geometric series. Classes form a tree, and each borrows from its parent in proportion to how little
 * it has seen itself: p = (returns + s p_parent) / (at risk + s). The root borrows from the bin before, as if the chance were the same in each: the
 * hazard then falls as 1/age, and with nothing learned whoever is idle longest is least likely to return.
 *
 * rank() is the Gittins index of a block idle so long: the largest ratio, over all times to wait, of the chance that it returns within that time to the
 * time for which it is expected to take up its place. Places are best given to those of the highest index (Gittins, J. R. Stat. Soc. B 41, 1979).
 */

/** Ages are told apart from 2^26 ns = 67 ms to 2^57 ns = 4.6 years. */
const FIRST_NS = 2 ** 26;
const LAST_NS = 2 ** 57;

export interface HazardSettings {
  readonly ageRatio: number;
  readonly strength: number;
  readonly belief: number;
}

export interface HazardClasses {
  /** Parent of each class, with a smaller number; negative above the root. */
  readonly parents: Int32Array;
  /** Age in nanoseconds from which on the class's hazard is taken to fall. */
  readonly fallsFrom: Float64Array;
}

export class ReturnHazards {
  readonly bins: number;
  readonly classes: HazardClasses;
  /** Nanoseconds at which a bin ends; the last is endless. */
  readonly ends: Float64Array;
  private readonly settings: HazardSettings;
  private readonly widths: Float64Array;
  /** By class and bin. */
  private readonly returns: Float64Array;
  private readonly atRisk: Float64Array;
  private readonly chance: Float64Array;
  private readonly ranks: Float64Array;
  private observed = 0;
  private refreshAt = 0;
  /** Of fall(): runs of bins with one hazard. */
  private readonly runRate: Float64Array;
  private readonly runWeight: Float64Array;
  private readonly runBins: Int32Array;

  constructor(classes: HazardClasses, settings: HazardSettings) {
    const ends: number[] = [];
    for (let end = FIRST_NS; end < LAST_NS; end *= settings.ageRatio) ends.push(end);
    this.settings = settings;
    this.classes = classes;
    this.ends = Float64Array.of(...ends, Infinity);
    this.widths = this.ends.map((end, bin) => end - (bin === 0 ? 0 : this.ends[bin - 1]));
    this.bins = this.ends.length;
    const cells = classes.parents.length * this.bins;
    this.returns = new Float64Array(cells);
    this.atRisk = new Float64Array(cells);
    this.chance = new Float64Array(cells);
    this.ranks = new Float64Array(cells);
    this.runRate = new Float64Array(this.bins);
    this.runWeight = new Float64Array(this.bins);
    this.runBins = new Int32Array(this.bins);
  }

  /** Something of the class reached the bin, and returned in it (1) or left it older (0). */
  observe(kind: number, bin: number, returned: number): void {
    for (let node = kind; node >= 0; node = this.classes.parents[node]) {
      this.returns[node * this.bins + bin] += returned;
      this.atRisk[node * this.bins + bin]++;
    }
    this.observed++;
  }

  /** Learns from what was observed, once that has become a sixteenth more. */
  refresh(): void {
    if (this.observed < this.refreshAt) return;
    this.refreshAt = this.observed * (1 + 1 / 16) + 16;
    for (let node = 0; node < this.classes.parents.length; node++) {
      this.learn(node);
      this.fall(node);
      this.rankBins(node);
    }
  }

  /** Returns per nanosecond of occupancy, of something of the class that has reached the bin. */
  rank(kind: number, bin: number): number {
    return this.ranks[kind * this.bins + bin];
  }

  private learn(node: number): void {
    const {bins, returns, atRisk, chance} = this;
    const {strength, belief} = this.settings;
    const parent = this.classes.parents[node];
    for (let bin = 0, at = node * bins; bin < bins; bin++, at++) {
      const borrowed = parent >= 0 ? chance[parent * bins + bin] : bin === 0 ? belief : chance[at - 1];
      chance[at] = (returns[at] + strength * borrowed) / (atRisk[at] + strength);
    }
  }

  /** From some age on the hazard does not rise: bins where it would take the mean of those before (pool adjacent violators). */
  private fall(node: number): void {
    const {bins, chance, atRisk, ends, widths, runRate, runWeight, runBins} = this;
    const {strength} = this.settings;
    let first = 0;
    while (first < bins - 2 && ends[first] < this.classes.fallsFrom[node]) first++;
    let runs = 0;
    for (let bin = first; bin < bins - 1; bin++) {
      const at = node * bins + bin;
      const seen = atRisk[at] + strength;
      runWeight[runs] = seen * widths[bin] * (1 - chance[at] / 2);
      runRate[runs] = (seen * chance[at]) / runWeight[runs];
      runBins[runs++] = 1;
      for (; runs > 1 && runRate[runs - 1] > runRate[runs - 2]; runs--) {
        const weight = runWeight[runs - 1] + runWeight[runs - 2];
        runRate[runs - 2] = (runRate[runs - 1] * runWeight[runs - 1] + runRate[runs - 2] * runWeight[runs - 2]) / weight;
        runWeight[runs - 2] = weight;
        runBins[runs - 2] += runBins[runs - 1];
      }
    }
    for (let run = 0, bin = first; run < runs; run++)
      for (const end = bin + runBins[run]; bin < end; bin++) {
        const expected = runRate[run] * widths[bin];
        chance[node * bins + bin] = expected / (1 + expected / 2);
      }
  }

  private rankBins(node: number): void {
    const {bins, chance, ranks, widths} = this;
    for (let first = 0; first < bins; first++) {
      let away = 1;
      let occupied = 0;
      let best = 0;
      for (let bin = first; bin < bins - 1; bin++) {
        const p = chance[node * bins + bin];
        occupied += away * widths[bin] * (1 - p / 2);
        away *= 1 - p;
        best = Math.max(best, (1 - away) / occupied);
      }
      ranks[node * bins + first] = best;
    }
  }
}
