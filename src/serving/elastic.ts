/**
 * Instances move between prefill and decode, at a fixed number of GPUs. Looks every so often while requests come and end: where hand-offs wait for room, the least
 * loaded prefill instance goes over to decode; where prefill is behind by more than an interval's work and the other decode instances would hold
 * what is decoded in half of their places, one comes back. It takes nothing new, ends what it holds, and then changes its role; one at a time.
 */
import type {Dispatch} from './dispatch.ts';
import type {Instance} from './instance.ts';
import type {Ticks} from './ports.ts';
import type {Serving} from './serving.ts';

/** Share of the others' places that may be taken where an instance leaves them. */
const FILL_MAX = 0.5;

export class Elastic {
  /** Instances that have changed their role. */
  moves = 0;
  private readonly serving: Serving;
  private readonly dispatch: Dispatch;
  private readonly every: Ticks;
  private readonly ticksPerNs: number;
  private readonly wake: (at: Ticks) => void;
  private pending = false;

  constructor(serving: Serving, dispatch: Dispatch, every: Ticks, ticksPerNs: number, wake: (at: Ticks) => void) {
    this.serving = serving;
    this.dispatch = dispatch;
    this.every = every;
    this.ticksPerNs = ticksPerNs;
    this.wake = wake;
  }

  /** Something has come or ended: look again in a while. */
  stir(): void {
    if (this.pending) return;
    this.pending = true;
    this.wake(this.serving.world.now() + this.every);
  }

  look(): void {
    this.pending = false;
    const leaving = this.serving.instances.find(({draining}) => draining);
    if (leaving === undefined) return this.choose();
    if (leaving.load + leaving.handOffs.length > 0) return this.stir();
    this.moves++;
    leaving.role = leaving.role === 'prefill' ? 'decode' : 'prefill';
    leaving.draining = false;
    this.dispatch.router.refresh();
    this.dispatch.resume();
    this.dispatch.spread();
  }

  private choose(): void {
    const working = (role: Instance['role']): Instance[] => this.serving.instances.filter((one) => one.role === role && !one.stopped);
    const prefill = working('prefill');
    const decode = working('decode');
    if (prefill.length > 1 && decode.some(({handOffs}) => handOffs.length > 0)) return this.dispatch.drain(leastLoaded(prefill));
    if (decode.length < 2 || decode.some(({handOffs}) => handOffs.length > 0)) return;
    const owedNs = prefill.reduce((sum, {model, owedTokens}) => sum + model.prefillNs(0, owedTokens), 0) / prefill.length;
    const held = decode.reduce((sum, {load}) => sum + load, 0);
    if (owedNs * this.ticksPerNs > this.every && held <= FILL_MAX * (decode.length - 1) * this.serving.requestsMax)
      this.dispatch.drain(leastLoaded(decode));
  }
}

function leastLoaded(instances: readonly Instance[]): Instance {
  return instances.reduce((best, one) => (one.load < best.load ? one : best));
}
