/** Decoding requests by the step at which they end; ties by row of joining, so that the order is the same however steps are advanced. */
import type {LiveRequest} from './liveRequest.ts';

export class FinishHeap {
  private readonly items: LiveRequest[] = [];

  get size(): number {
    return this.items.length;
  }

  /** The request that ends first. */
  peek(): LiveRequest | undefined {
    return this.items[0];
  }

  push(request: LiveRequest): void {
    this.items.push(request);
    this.up(this.items.length - 1);
  }

  pop(): LiveRequest {
    return this.removeAt(0);
  }

  remove(request: LiveRequest): void {
    this.removeAt(this.items.indexOf(request));
  }

  /** All of them, in no order that may decide anything. */
  all(): readonly LiveRequest[] {
    return this.items;
  }

  private removeAt(index: number): LiveRequest {
    const {items} = this;
    const removed = items[index];
    const last = items.pop()!;
    if (index < items.length) {
      items[index] = last;
      this.up(index);
      this.down(index);
    }
    return removed;
  }

  private up(index: number): void {
    const {items} = this;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!before(items[index], items[parent])) return;
      [items[index], items[parent]] = [items[parent], items[index]];
      index = parent;
    }
  }

  private down(index: number): void {
    const {items} = this;
    for (;;) {
      let least = index;
      for (let child = 2 * index + 1; child <= 2 * index + 2 && child < items.length; child++)
        if (before(items[child], items[least])) least = child;
      if (least === index) return;
      [items[index], items[least]] = [items[least], items[index]];
      index = least;
    }
  }
}

function before(a: LiveRequest, b: LiveRequest): boolean {
  return a.finishStep < b.finishStep || (a.finishStep === b.finishStep && a.order < b.order);
}
