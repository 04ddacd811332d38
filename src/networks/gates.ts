/**
 * Gates let so many flows through at once: a network card its limit of flows in flight, a queue pair one. A flow needs a place in every gate
 * of its path and holds none while it waits, so none can wait for ever. The flows of a path keep their order; at a gate the paths that wait
 * take turns, a flow each. 16 bytes a gate, 12 a path.
 */
import {assert} from '../base/assert.ts';
import type {Flows} from './flows.ts';
import {grown, NONE} from './columns.ts';

export class Gates {
  private readonly flows: Flows;
  /** By gate. Head and tail: paths that wait at it. */
  private limit = new Int32Array(16);
  private inside = new Int32Array(16);
  private head = new Int32Array(16);
  private tail = new Int32Array(16);
  private count = 0;
  /** By path: its gates; its flows that wait; the path behind it at its gate. */
  private readonly gatesOf: (readonly number[])[] = [];
  private firstFlow = new Int32Array(16);
  private lastFlow = new Int32Array(16);
  private behind = new Int32Array(16);

  constructor(flows: Flows) {
    this.flows = flows;
  }

  add(limit: number): number {
    assert(limit >= 1 && Number.isInteger(limit), `a limit of ${limit} flows`);
    const gate = this.count++;
    if (gate === this.limit.length) this.growGates();
    this.limit[gate] = limit;
    this.head[gate] = NONE;
    return gate;
  }

  /** Paths are added in order, from 0. */
  addPath(gates: readonly number[]): void {
    const path = this.gatesOf.push(gates) - 1;
    if (path === this.firstFlow.length) this.growPaths();
    this.firstFlow[path] = NONE;
  }

  /** True: the flow has a place in all gates of its path. False: it waits. */
  enter(row: number): boolean {
    const path = this.flows.path[row];
    const full = this.firstFlow[path] === NONE ? this.fullGate(path) : NONE;
    if (this.firstFlow[path] === NONE && full === NONE) {
      this.occupy(path);
      return true;
    }
    this.flows.next[row] = NONE;
    if (this.firstFlow[path] === NONE) {
      this.firstFlow[path] = row;
      this.queue(path, full);
    } else this.flows.next[this.lastFlow[path]] = row;
    this.lastFlow[path] = row;
    return false;
  }

  /** A flow of this path has ended. Then take() from each of its gates until NONE. */
  leave(path: number): void {
    for (const gate of this.gatesOf[path]) this.inside[gate]--;
  }

  gates(path: number): readonly number[] {
    return this.gatesOf[path];
  }

  /** The next flow that may begin now that a gate has a free place; NONE where there is none. */
  take(gate: number): number {
    while (this.head[gate] !== NONE && this.inside[gate] < this.limit[gate]) {
      const path = this.head[gate];
      this.head[gate] = this.behind[path];
      const full = this.fullGate(path);
      if (full !== NONE) {
        this.queue(path, full);
        continue;
      }
      const row = this.firstFlow[path];
      this.firstFlow[path] = this.flows.next[row];
      this.occupy(path);
      if (this.firstFlow[path] !== NONE) this.queue(path, gate);
      return row;
    }
    return NONE;
  }

  private fullGate(path: number): number {
    for (const gate of this.gatesOf[path]) if (this.inside[gate] >= this.limit[gate]) return gate;
    return NONE;
  }

  private occupy(path: number): void {
    for (const gate of this.gatesOf[path]) this.inside[gate]++;
  }

  private queue(path: number, gate: number): void {
    this.behind[path] = NONE;
    if (this.head[gate] === NONE) this.head[gate] = path;
    else this.behind[this.tail[gate]] = path;
    this.tail[gate] = path;
  }

  private growGates(): void {
    const size = this.limit.length * 2;
    this.limit = grown(this.limit, new Int32Array(size));
    this.inside = grown(this.inside, new Int32Array(size));
    this.head = grown(this.head, new Int32Array(size));
    this.tail = grown(this.tail, new Int32Array(size));
  }

  private growPaths(): void {
    const size = this.firstFlow.length * 2;
    this.firstFlow = grown(this.firstFlow, new Int32Array(size));
    this.lastFlow = grown(this.lastFlow, new Int32Array(size));
    this.behind = grown(this.behind, new Int32Array(size));
  }
}
