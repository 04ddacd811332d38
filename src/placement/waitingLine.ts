/**
 * Requests that have come and are not admitted, in the order in which they began to wait: opened, or thrown back. The brain does not know at which
 * instance a request is queued, nor priorities, so there is one line for all pools.
 */
import type {BlockTable} from './blockTable.ts';
import {NONE, type RequestRow, type Waiting} from './ports.ts';
import type {RequestTable} from './requestTable.ts';

export class WaitingLine implements Waiting {
  version = 0;
  private readonly blocks: BlockTable;
  private readonly requests: RequestTable;
  private readonly line = new Set<RequestRow>();

  constructor(blocks: BlockTable, requests: RequestTable) {
    this.blocks = blocks;
    this.requests = requests;
  }

  join(request: RequestRow): void {
    this.line.add(request);
    this.version++;
  }

  leave(request: RequestRow): void {
    if (this.line.delete(request)) this.version++;
  }

  has(request: RequestRow): boolean {
    return this.line.has(request);
  }

  visit(requests: number, see: (key: number, place: number) => void): void {
    const {blocks} = this;
    let place = 0;
    for (const request of this.line) {
      if (place === requests) return;
      for (let row = this.requests.tip[request]; row !== NONE; row = blocks.parent[row]) see(blocks.key(row), place);
      place++;
    }
  }
}
