/**
 * Max-min fair rates of flows over links, by progressive filling: all rates rise together until a link is full; its flows keep what they
 * have, the others go on. The flows of one path have one rate, so what is solved are paths, each with its number of flows. Only the part of
 * the network that is connected to a change is solved again.
 *
 * Cost: a path of a component is looked at once for every link that it crosses, a link once, and once again for each time it is found
 * less tight than it seemed; the tightest link comes from a heap. 69 bytes a link, 70 a path, 24 a crossing; nothing is allocated by solve().
 */
import {assert} from '../base/assert.ts';
import {grown, NONE} from './columns.ts';
import {DenseSet} from './denseSet.ts';

/** From so many paths on a component that is nearly all of the network is taken to be all of it, for so many solves. */
const WHOLE_PATHS = 32;
const WHOLE_ROUNDS = 15;

export interface PathOptions {
  /** Links in order, each at most once. */
  readonly links: readonly number[];
  /** By link: which part of the bytes of a flow crosses it, above 0 and at most 1, where a flow is striped over several ways. Default all of them. */
  readonly parts?: readonly number[];
  /** Share of each of its flows where a link is full, relative to the others'. Default 1. */
  readonly weight?: number;
  /** Rate of one flow at most. Default no limit. */
  readonly flowRateMax?: number;
}

export class MaxMin {
  linkCount = 0;
  pathCount = 0;
  /** Rate of each flow of a path, as solved. */
  rate = new Float64Array(16);
  /** Paths whose component solve() looked at: touched[0 .. return value). */
  touched = new Int32Array(16);

  /** By link. */
  private capacity = new Float64Array(16);
  /** Of all flows on it, and the number of their paths. */
  private linkWeight = new Float64Array(16);
  private linkPaths = new Int32Array(16);
  /** While filling: what is left of the capacity, and for how many. */
  private left = new Float64Array(16);
  private wanted = new Float64Array(16);
  private open = new Int32Array(16);
  private firstCrossing = new Int32Array(16);
  private linkSeen = new Uint32Array(16);
  private linkDirty = new Uint8Array(16);

  /** By path. */
  private crossingsFrom = new Int32Array(17);
  private weight = new Float64Array(16);
  private flowRateMax = new Float64Array(16);
  private pathRateMax = new Float64Array(16);
  private flows = new Int32Array(16);
  private solvedFlows = new Int32Array(16);
  /** Of all its flows, as solved. */
  private pathWeight = new Float64Array(16);
  private pathDirty = new Uint8Array(16);
  private pathSeen = new Uint32Array(16);
  private fixed = new Uint8Array(16);

  /** By crossing of a path and a link: a list, for each link, of the paths that have flows. */
  private crossingLink = new Int32Array(32);
  private crossingPart = new Float64Array(32);
  private crossingPath = new Int32Array(32);
  private nextCrossing = new Int32Array(32);
  private previousCrossing = new Int32Array(32);

  private dirty = new Int32Array(16);
  private dirtyCount = 0;
  private dirtyPaths = new Int32Array(16);
  private dirtyPathCount = 0;
  private component = new Int32Array(16);
  /** Links (their number) and paths with a limit of their own (~ their number), by the level at which they are full. */
  private heapLevel = new Float64Array(32);
  private heapItem = new Int32Array(32);
  private heapSize = 0;
  private round = 0;
  /** So many solves more take the whole network for one component. */
  private whole = 0;
  private readonly activeLinks = new DenseSet();
  private readonly activePaths = new DenseSet();

  /** Returns the link's number. */
  addLink(capacity: number): number {
    const link = this.linkCount++;
    if (link === this.capacity.length) this.growLinks();
    this.capacity[link] = capacity;
    this.firstCrossing[link] = NONE;
    return link;
  }

  /** Returns the path's number. */
  addPath({links, parts, weight = 1, flowRateMax = Infinity}: PathOptions): number {
    assert(links.length > 0 && new Set(links).size === links.length, `a path over links ${links.join(', ')}`);
    assert(weight > 0 && flowRateMax > 0, `a path of weight ${weight}, rate ${flowRateMax}`);
    const path = this.pathCount++;
    if (path === this.flows.length) this.growPaths();
    const from = this.crossingsFrom[path];
    while (from + links.length > this.crossingLink.length) this.growCrossings();
    links.forEach((link, i) => {
      const part = parts === undefined ? 1 : parts[i];
      assert(link >= 0 && link < this.linkCount, `no link ${link}`);
      assert(part > 0 && part <= 1, `a part of ${part} over link ${link}`);
      this.crossingLink[from + i] = link;
      this.crossingPart[from + i] = part;
      this.crossingPath[from + i] = path;
    });
    this.crossingsFrom[path + 1] = from + links.length;
    this.weight[path] = weight;
    this.flowRateMax[path] = flowRateMax;
    this.pathRateMax[path] = Infinity;
    return path;
  }

  setCapacity(link: number, capacity: number): void {
    this.capacity[link] = capacity;
    this.soil(link);
  }

  /** Limits all flows of a path together. */
  setPathRateMax(path: number, rateMax: number): void {
    this.pathRateMax[path] = rateMax;
    this.soilPath(path);
  }

  /** From now on the path has so many flows. */
  setFlows(path: number, flows: number): void {
    const before = this.flows[path];
    if (before === flows) return;
    this.flows[path] = flows;
    if (before === 0) this.enlist(path);
    else if (flows === 0) this.delist(path);
    if (this.pathDirty[path] === 1) return;
    this.pathDirty[path] = 1;
    this.dirtyPaths[this.dirtyPathCount++] = path;
  }

  /** Whether solve() has anything to do. A flow that took the place of another changes nothing. */
  changed(): boolean {
    for (let i = 0; i < this.dirtyPathCount; i++) {
      const path = this.dirtyPaths[i];
      this.pathDirty[path] = 0;
      if (this.flows[path] === this.solvedFlows[path]) continue;
      this.solvedFlows[path] = this.flows[path];
      this.weigh(path);
      this.soilPath(path);
    }
    this.dirtyPathCount = 0;
    return this.dirtyCount > 0;
  }

  /** Solves what is connected to the changes since the last call. Returns how many paths are in `touched`; their `rate` is new. */
  solve(): number {
    if (!this.changed()) return 0;
    const paths = this.whole > 0 ? this.gatherAll() : this.gather();
    this.fill();
    this.dirtyCount = 0;
    return paths;
  }

  private soil(link: number): void {
    if (this.linkDirty[link] === 1) return;
    this.linkDirty[link] = 1;
    this.dirty[this.dirtyCount++] = link;
  }

  private soilPath(path: number): void {
    for (let c = this.crossingsFrom[path]; c < this.crossingsFrom[path + 1]; c++) this.soil(this.crossingLink[c]);
  }

  /** What the links of a path know of its flows. */
  private weigh(path: number): void {
    const before = this.pathWeight[path];
    const now = (this.pathWeight[path] = this.weight[path] * this.flows[path]);
    const paths = (now > 0 ? 1 : 0) - (before > 0 ? 1 : 0);
    if (paths > 0) this.activePaths.add(path);
    else if (paths < 0) this.activePaths.remove(path);
    for (let c = this.crossingsFrom[path]; c < this.crossingsFrom[path + 1]; c++) {
      const link = this.crossingLink[c];
      if (this.linkPaths[link] === 0) this.activeLinks.add(link);
      this.linkPaths[link] += paths;
      if (this.linkPaths[link] === 0) this.activeLinks.remove(link);
      // From nothing where there is nothing else: no rounding outlives the flows that brought it.
      this.linkWeight[link] = this.linkPaths[link] === 0 ? 0 : this.linkWeight[link] + this.crossingPart[c] * (now - before);
    }
  }

  private enlist(path: number): void {
    const {firstCrossing, nextCrossing, previousCrossing, crossingLink} = this;
    for (let c = this.crossingsFrom[path]; c < this.crossingsFrom[path + 1]; c++) {
      const first = firstCrossing[crossingLink[c]];
      nextCrossing[c] = first;
      previousCrossing[c] = NONE;
      if (first !== NONE) previousCrossing[first] = c;
      firstCrossing[crossingLink[c]] = c;
    }
  }

  private delist(path: number): void {
    const {firstCrossing, nextCrossing, previousCrossing, crossingLink} = this;
    for (let c = this.crossingsFrom[path]; c < this.crossingsFrom[path + 1]; c++) {
      const next = nextCrossing[c];
      const previous = previousCrossing[c];
      if (previous === NONE) firstCrossing[crossingLink[c]] = next;
      else nextCrossing[previous] = next;
      if (next !== NONE) previousCrossing[next] = previous;
    }
  }

  /** Finds what is connected to the dirty links: paths into `touched`, links into `component`; and makes the heap of what may be full. */
  private gather(): number {
    const {component, touched, linkSeen, pathSeen, firstCrossing, nextCrossing, crossingPath, crossingLink, crossingsFrom} = this;
    const {left, wanted, open, capacity, linkWeight, linkPaths} = this;
    const round = (this.round = (this.round + 1) >>> 0);
    let links = 0;
    let paths = 0;
    for (let i = 0; i < this.dirtyCount; i++) {
      const link = this.dirty[i];
      this.linkDirty[link] = 0;
      linkSeen[link] = round;
      component[links++] = link;
    }
    for (let at = 0; at < links; at++) {
      const here = component[at];
      left[here] = capacity[here];
      wanted[here] = linkWeight[here];
      open[here] = linkPaths[here];
      for (let crossing = firstCrossing[here]; crossing !== NONE; crossing = nextCrossing[crossing]) {
        const path = crossingPath[crossing];
        if (pathSeen[path] === round) continue;
        pathSeen[path] = round;
        touched[paths++] = path;
        for (let c = crossingsFrom[path], end = crossingsFrom[path + 1]; c < end; c++) {
          const link = crossingLink[c];
          if (linkSeen[link] === round) continue;
          linkSeen[link] = round;
          component[links++] = link;
        }
      }
    }
    // Not where everything has changed at once: that says nothing of what is connected.
    if (paths >= WHOLE_PATHS && paths >= 0.75 * this.activePaths.size && this.dirtyCount * 4 < links) this.whole = WHOLE_ROUNDS;
    this.heapify(links, paths);
    return paths;
  }

  /** Where nearly all is connected, looking for what is costs more than solving all. */
  private gatherAll(): number {
    const {component, touched, left, wanted, open, capacity, linkWeight, linkPaths, activeLinks, activePaths} = this;
    this.whole--;
    for (let i = 0; i < this.dirtyCount; i++) this.linkDirty[this.dirty[i]] = 0;
    for (let i = 0; i < activeLinks.size; i++) {
      const link = (component[i] = activeLinks.items[i]);
      left[link] = capacity[link];
      wanted[link] = linkWeight[link];
      open[link] = linkPaths[link];
    }
    for (let i = 0; i < activePaths.size; i++) touched[i] = activePaths.items[i];
    this.heapify(activeLinks.size, activePaths.size);
    return activePaths.size;
  }

  private heapify(links: number, paths: number): void {
    const {heapLevel, heapItem, touched, component, open, capacity, wanted, flowRateMax, pathRateMax, flows, weight, fixed} = this;
    let size = 0;
    for (let i = 0; i < links; i++) {
      const link = component[i];
      if (open[link] === 0) continue;
      heapLevel[size] = capacity[link] / wanted[link];
      heapItem[size++] = link;
    }
    for (let i = 0; i < paths; i++) {
      const path = touched[i];
      fixed[path] = 0;
      const rateMax = Math.min(flowRateMax[path], pathRateMax[path] / flows[path]);
      if (rateMax === Infinity) continue;
      heapLevel[size] = rateMax / weight[path];
      heapItem[size++] = ~path;
    }
    this.heapSize = size;
    for (let at = (size >> 1) - 1; at >= 0; at--) this.sink(at, heapLevel[at], heapItem[at]);
  }

  /** Takes links and limits as they become full. Levels only rise while flows are fixed, so an old level in the heap is never too high. */
  private fill(): void {
    const {heapLevel, heapItem, left, wanted, open, fixed, firstCrossing, nextCrossing, crossingPath, crossingLink, crossingsFrom} = this;
    const {rate, weight, pathWeight, crossingPart} = this;
    while (this.heapSize > 0) {
      const item = heapItem[0];
      const seemed = heapLevel[0];
      if (item < 0) {
        this.pop();
        if (fixed[~item] === 0) this.fix(~item, seemed);
        continue;
      }
      if (open[item] === 0) {
        this.pop();
        continue;
      }
      const level = left[item] > 0 ? left[item] / wanted[item] : 0;
      if (level > seemed) {
        this.sink(0, level, item);
        continue;
      }
      this.pop();
      for (let crossing = firstCrossing[item]; crossing !== NONE; crossing = nextCrossing[crossing]) {
        const path = crossingPath[crossing];
        if (fixed[path] === 1) continue;
        // As fix(), which a path's own limit calls.
        fixed[path] = 1;
        rate[path] = level * weight[path];
        const all = pathWeight[path];
        for (let c = crossingsFrom[path], end = crossingsFrom[path + 1]; c < end; c++) {
          const link = crossingLink[c];
          const crossing = crossingPart[c] * all;
          left[link] -= level * crossing;
          wanted[link] -= crossing;
          open[link]--;
        }
      }
    }
  }

  /** The flows of a path get their rate, and leave the rest of its links to others. */
  private fix(path: number, level: number): void {
    const {left, wanted, open, crossingLink, crossingPart} = this;
    const all = this.pathWeight[path];
    this.fixed[path] = 1;
    this.rate[path] = level * this.weight[path];
    for (let c = this.crossingsFrom[path]; c < this.crossingsFrom[path + 1]; c++) {
      const link = crossingLink[c];
      const crossing = crossingPart[c] * all;
      left[link] -= level * crossing;
      wanted[link] -= crossing;
      open[link]--;
    }
  }

  private pop(): void {
    const size = --this.heapSize;
    if (size > 0) this.sink(0, this.heapLevel[size], this.heapItem[size]);
  }

  private sink(from: number, level: number, item: number): void {
    const {heapLevel, heapItem, heapSize} = this;
    let at = from;
    for (let child = 2 * at + 1; child < heapSize; child = 2 * at + 1) {
      if (child + 1 < heapSize && heapLevel[child + 1] < heapLevel[child]) child++;
      if (level <= heapLevel[child]) break;
      heapLevel[at] = heapLevel[child];
      heapItem[at] = heapItem[child];
      at = child;
    }
    heapLevel[at] = level;
    heapItem[at] = item;
  }

  private growLinks(): void {
    const size = this.capacity.length * 2;
    this.capacity = grown(this.capacity, new Float64Array(size));
    this.linkWeight = grown(this.linkWeight, new Float64Array(size));
    this.linkPaths = grown(this.linkPaths, new Int32Array(size));
    this.left = grown(this.left, new Float64Array(size));
    this.wanted = grown(this.wanted, new Float64Array(size));
    this.open = grown(this.open, new Int32Array(size));
    this.firstCrossing = grown(this.firstCrossing, new Int32Array(size));
    this.linkSeen = grown(this.linkSeen, new Uint32Array(size));
    this.linkDirty = grown(this.linkDirty, new Uint8Array(size));
    this.dirty = grown(this.dirty, new Int32Array(size));
    this.component = grown(this.component, new Int32Array(size));
    this.growHeap();
  }

  private growPaths(): void {
    const size = this.flows.length * 2;
    this.rate = grown(this.rate, new Float64Array(size));
    this.touched = grown(this.touched, new Int32Array(size));
    this.crossingsFrom = grown(this.crossingsFrom, new Int32Array(size + 1));
    this.weight = grown(this.weight, new Float64Array(size));
    this.flowRateMax = grown(this.flowRateMax, new Float64Array(size));
    this.pathRateMax = grown(this.pathRateMax, new Float64Array(size));
    this.flows = grown(this.flows, new Int32Array(size));
    this.solvedFlows = grown(this.solvedFlows, new Int32Array(size));
    this.pathWeight = grown(this.pathWeight, new Float64Array(size));
    this.pathDirty = grown(this.pathDirty, new Uint8Array(size));
    this.dirtyPaths = grown(this.dirtyPaths, new Int32Array(size));
    this.pathSeen = grown(this.pathSeen, new Uint32Array(size));
    this.fixed = grown(this.fixed, new Uint8Array(size));
    this.growHeap();
  }

  private growCrossings(): void {
    const size = this.crossingLink.length * 2;
    this.crossingLink = grown(this.crossingLink, new Int32Array(size));
    this.crossingPart = grown(this.crossingPart, new Float64Array(size));
    this.crossingPath = grown(this.crossingPath, new Int32Array(size));
    this.nextCrossing = grown(this.nextCrossing, new Int32Array(size));
    this.previousCrossing = grown(this.previousCrossing, new Int32Array(size));
  }

  /** Room for every link and every path once. */
  private growHeap(): void {
    const size = this.capacity.length + this.flows.length;
    this.heapLevel = grown(this.heapLevel, new Float64Array(size));
    this.heapItem = grown(this.heapItem, new Int32Array(size));
  }
}
