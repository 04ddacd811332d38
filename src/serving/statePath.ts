/** The states that a request passes through, in order, and when it entered each: columns that grow and are used again. */
export class StatePath {
  count = 0;
  states = new Uint8Array(16);
  since = new Float64Array(16);

  clear(): void {
    this.count = 0;
  }

  add(state: number, since: number): void {
    if (this.count === this.states.length) {
      const {states, since: times} = this;
      (this.states = new Uint8Array(this.count * 2)).set(states);
      (this.since = new Float64Array(this.count * 2)).set(times);
    }
    this.states[this.count] = state;
    this.since[this.count++] = since;
  }

  /** The same path, its times divided by `unit`. */
  copy(path: StatePath, unit: number): void {
    this.clear();
    for (let i = 0; i < path.count; i++) this.add(path.states[i], path.since[i] / unit);
  }
}
