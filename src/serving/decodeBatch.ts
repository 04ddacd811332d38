/** The requests that an instance decodes together: their context, when the next one ends, and when the next one needs a block. O(1) a step. */
import {FinishHeap} from './finishHeap.ts';
import type {LiveRequest} from './liveRequest.ts';

export class DecodeBatch {
  /** Steps done since the run began. */
  step = 0;
  /** KV tokens that the next step reads: every context, and the token that it adds to each. */
  kvTokens = 0;
  /** The same, each context counted up to the window; and how many contexts still grow within it. Nothing where there is no window. */
  windowTokens = 0;
  windowGrowth = 0;
  readonly members = new FinishHeap();
  private readonly blockTokens: number;
  private readonly window: number;
  /** Requests that fill the window at a step: from that step on they read no more. */
  private readonly fills = new Map<number, number>();
  /** Requests by (context - step) modulo blockTokens: a request needs a block in the step before which its context is a multiple. */
  private readonly phases: Int32Array;

  /** `window`: keys that windowed layers see at most; 0: none. */
  constructor(blockTokens: number, window: number) {
    this.blockTokens = blockTokens;
    this.window = window;
    this.phases = new Int32Array(blockTokens);
  }

  get size(): number {
    return this.members.size;
  }

  /** From the next step on, with `context` KV tokens and `remaining` tokens to generate. */
  join(request: LiveRequest, context: number, remaining: number): void {
    request.joinStep = this.step;
    request.joinContext = context;
    request.finishStep = this.step + remaining;
    request.inDecode = true;
    this.members.push(request);
    this.kvTokens += context + 1;
    this.phases[this.phaseOf(request)]++;
    if (this.window > 0) this.enterWindow(context + 1, 1);
  }

  /** Out of the batch, its tokens and growth counted. */
  leave(request: LiveRequest): void {
    this.members.remove(request);
    this.kvTokens -= request.contextAt(this.step) + 1;
    if (this.window > 0) this.enterWindow(request.contextAt(this.step) + 1, -1);
    this.phases[this.phaseOf(request)]--;
    request.generated += this.step - request.joinStep;
    request.grownBlocks += blocksBetween(request.joinContext, request.contextAt(this.step), this.blockTokens);
    request.prefilled = request.contextAt(this.step);
    request.inDecode = false;
  }

  advance(steps: number): void {
    this.step += steps;
    this.kvTokens += steps * this.size;
    if (this.window === 0) return;
    this.windowTokens += steps * this.windowGrowth;
    this.windowGrowth -= this.fills.get(this.step) ?? 0;
    this.fills.delete(this.step);
  }

  /** Blocks that step `step` needs before it runs. */
  growthAt(step: number): number {
    const remainder = step % this.blockTokens;
    return this.phases[remainder === 0 ? 0 : this.blockTokens - remainder];
  }

  /** Steps from now, at most `limit`, until the batch changes by itself: a request ends, fills the window, or growth after the first step exceeds `headroom`. */
  spanLength(limit: number, headroom: number): number {
    const end = Math.min(limit, this.members.peek()!.finishStep - this.step);
    let growth = 0;
    for (let steps = 1; steps < end; steps++) {
      growth += this.growthAt(this.step + steps);
      if (growth > headroom || (this.windowGrowth > 0 && this.fills.has(this.step + steps))) return steps;
    }
    return end;
  }

  /** `count` (1 or -1) requests that read `tokens` in the next step. */
  private enterWindow(tokens: number, count: number): void {
    this.windowTokens += count * Math.min(tokens, this.window);
    if (tokens >= this.window) return;
    this.windowGrowth += count;
    const step = this.step + this.window - tokens;
    const filling = (this.fills.get(step) ?? 0) + count;
    if (filling === 0) this.fills.delete(step);
    else this.fills.set(step, filling);
  }

  private phaseOf(request: LiveRequest): number {
    const phase = (request.joinContext - request.joinStep) % this.blockTokens;
    return phase < 0 ? phase + this.blockTokens : phase;
  }
}

/** Blocks begun when a context grows from `from` to `to` tokens. */
export function blocksBetween(from: number, to: number, blockTokens: number): number {
  return Math.ceil(to / blockTokens) - Math.ceil(from / blockTokens);
}
