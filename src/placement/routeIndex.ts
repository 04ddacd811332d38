/** Which route leads from a pool to a pool: a hash table, so that ten thousand pools with a few routes each cost kilobytes and not a square of pools. */
import type {PoolIndex, RouteConfig} from './ports.ts';

export class RouteIndex {
  private readonly mask: number;
  private readonly source: Int32Array;
  private readonly target: Int32Array;
  /** Route + 1; 0 where empty. */
  private readonly route: Int32Array;

  constructor(routes: readonly RouteConfig[]) {
    let size = 8;
    while (size < routes.length * 2) size *= 2;
    this.mask = size - 1;
    this.source = new Int32Array(size);
    this.target = new Int32Array(size);
    this.route = new Int32Array(size);
    routes.forEach(({source, target}, index) => {
      const at = this.place(source, target);
      if (this.route[at] !== 0) return;
      this.source[at] = source;
      this.target[at] = target;
      this.route[at] = index + 1;
    });
  }

  /** Index of the route, the first where there are several; or NONE. */
  find(source: PoolIndex, target: PoolIndex): number {
    return this.route[this.place(source, target)] - 1;
  }

  private place(source: PoolIndex, target: PoolIndex): number {
    const {mask, route} = this;
    let at = (Math.imul(source, 0x9e3779b1) ^ Math.imul(target, 0x85ebca6b)) & mask;
    while (route[at] !== 0 && (this.source[at] !== source || this.target[at] !== target)) at = (at + 1) & mask;
    return at;
  }
}
