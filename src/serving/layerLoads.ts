/**
 * Loads that a step computes behind, layer by layer (`loading: layered`). A request takes part in a step while its KV is on its way: layer k is
 * computed once the KV of layer k has come, so that a step of C with a load that lands T after its begin ends at max(C, T + C / layers), as layers
 * are alike and come in order. The rest of the batch waits with it, as it does in engines whose layers wait within the forward pass.
 */
import type {LiveRequest} from './liveRequest.ts';
import type {Ticks} from './ports.ts';

export class LayerLoads {
  /** Requests that load, in order of admission: those that the next step may take in. */
  readonly waiting: LiveRequest[] = [];
  /** Of the step under way: requests whose KV has not come yet. */
  private readonly awaited = new Set<LiveRequest>();
  private readonly layers: number;
  private begunAt: Ticks = 0;
  private computeTicks: Ticks = 0;
  private landedAt: Ticks = -Infinity;

  constructor(layers: number) {
    this.layers = layers;
  }

  /** The step under way waits for loads that have not come. */
  get isWaiting(): boolean {
    return this.awaited.size > 0;
  }

  /** A step that computes for `ticks` begins with chunks of these; it awaits those of them that still load. */
  begin(now: Ticks, ticks: Ticks, chunked: readonly LiveRequest[]): void {
    this.begunAt = now;
    this.computeTicks = ticks;
    this.landedAt = -Infinity;
    for (const request of chunked) if (this.waiting.includes(request)) this.awaited.add(request);
  }

  /** The step ends no sooner: its last layer comes behind the last load that has come. */
  get endAt(): Ticks {
    return this.landedAt + this.lastLayerTicks;
  }

  private get lastLayerTicks(): Ticks {
    return Math.ceil(this.computeTicks / this.layers);
  }

  /** The request's KV has come. False: the step under way did not take it in. */
  land(request: LiveRequest, now: Ticks): boolean {
    if (!this.leave(request)) return false;
    this.landedAt = now;
    request.hiddenTicks += Math.min(now - this.begunAt, this.computeTicks - this.lastLayerTicks);
    return true;
  }

  /** Neither waits any more: whoever computes it does so in another step. False: the step under way did not take it in. */
  leave(request: LiveRequest): boolean {
    const at = this.waiting.indexOf(request);
    if (at >= 0) this.waiting.splice(at, 1);
    return this.awaited.delete(request);
  }
}
