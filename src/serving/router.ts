/** Which instance a request goes to, by what the router knows: that may be old. */
import type {Loop} from '../placement/loop.ts';
import type {Reach} from '../placement/reach.ts';
import type {RoutingRule} from '../scenario/scenario.ts';
import {BlockIndex} from './blockIndex.ts';
import type {Instance} from './instance.ts';
import type {LiveRequest} from './liveRequest.ts';
import type {Ticks} from './ports.ts';

/** A decoder that holds a prompt's prefix is preferred up to this much above the mean load. */
const LOAD_TOLERANCE = 1.25;

export interface RouterOptions {
  readonly rule: RoutingRule;
  readonly blockTokens: number;
  /** How old what it knows of loads, and of who holds which block, may be. */
  readonly loadAge: Ticks;
  readonly indexAge: Ticks;
  /** Weights of routing by score: HBM's share of the prompt, the lower tiers' share, and freedom from load. */
  readonly weights: {readonly prefix: number; readonly tiers: number; readonly load: number};
}

export class Router {
  private readonly options: RouterOptions;
  private readonly instances: readonly Instance[];
  /** Those that work now. */
  private prefillers: readonly Instance[] = [];
  private decoders: readonly Instance[] = [];
  private readonly loop: Loop;
  private readonly now: () => Ticks;
  /** Who holds which block. */
  private readonly index: Pick<Reach, 'here' | 'reachable' | 'measure'>;
  private turn = 0;
  /** By instance: requests, and prefill tokens owed, when it looked last. */
  private readonly seenLoad: Float64Array;
  private readonly seenOwed: Float64Array;
  private seenAt: Ticks = -Infinity;

  constructor(options: RouterOptions, instances: readonly Instance[], loop: Loop, now: () => Ticks) {
    this.options = options;
    this.instances = instances;
    this.loop = loop;
    this.now = now;
    this.index = options.indexAge > 0 ? new BlockIndex(loop.placement.core, options.indexAge, now) : loop.reach;
    this.seenLoad = new Float64Array(instances.length);
    this.seenOwed = new Float64Array(instances.length);
    this.refresh();
  }

  /** An instance has stopped or started. */
  refresh(): void {
    const working = this.instances.filter(({stopped, draining}) => !stopped && !draining);
    this.prefillers = working.filter(({role}) => role !== 'decode');
    this.decoders = working.filter(({role}) => role !== 'prefill');
  }

  /** Whether an instance that stands still now will prefill, or decode, later. */
  get canPrefillLater(): boolean {
    return this.instances.some(({role, returns, draining}) => draining || (role !== 'decode' && returns));
  }

  get canDecodeLater(): boolean {
    return this.instances.some(({role, returns, draining}) => draining || (role !== 'prefill' && returns));
  }

  /** For the prefill of a request; counts what it will have to compute among the instance's debts. null: none works now. */
  choose(request: LiveRequest): Instance | null {
    if (this.prefillers.length === 0) return null;
    this.look();
    const {rule} = this.options;
    const byBlocks = rule === 'prefixAware' || rule === 'tierAware' || rule === 'scored';
    if (byBlocks) this.index.measure(request.row);
    const chosen = this.chooseBy(rule, request);
    request.owedTokens = request.inputTokens + request.generated - (byBlocks ? this.reusable(request, chosen) : 0);
    chosen.owedTokens += request.owedTokens;
    return chosen;
  }

  /** For the decode of a request whose prefill is done: where most of its prompt lies already, unless that one is well above the mean load. null: none works now. */
  chooseDecoder(request: LiveRequest): Instance | null {
    const {decoders, loop} = this;
    if (decoders.length === 0) return null;
    const {rule} = this.options;
    if (rule === 'sessionSticky') return this.sticky(request, decoders, 'decoder');
    if (rule === 'roundRobin' || rule === 'leastLoaded') return leastLoaded(decoders);
    loop.reach.measure(request.row);
    const {here} = loop.reach;
    const loadMax = LOAD_TOLERANCE * (decoders.reduce((sum, instance) => sum + instance.load, 0) / decoders.length) + 1;
    let best = leastLoaded(decoders);
    for (const instance of decoders) if (instance.load <= loadMax && here[instance.pool] > here[best.pool]) best = instance;
    return best;
  }

  private chooseBy(rule: RoutingRule, request: LiveRequest): Instance {
    const {prefillers} = this;
    if (rule === 'roundRobin') return prefillers[this.turn++ % prefillers.length];
    if (rule === 'leastLoaded') return least(prefillers, (instance) => this.loadOf(instance));
    if (rule === 'sessionSticky') return this.sticky(request, prefillers, 'prefiller');
    if (rule === 'scored') return this.highestScore(request);
    return this.soonest(request, rule === 'tierAware');
  }

  /** What the router knows of loads is taken anew by the first request that comes when it is too old. */
  private look(): void {
    if (this.options.loadAge === 0 || this.now() - this.seenAt < this.options.loadAge) return;
    this.seenAt = this.now();
    for (const {index, load, owedTokens} of this.instances) {
      this.seenLoad[index] = load;
      this.seenOwed[index] = owedTokens;
    }
  }

  private loadOf({index, load}: Instance): number {
    return this.options.loadAge === 0 ? load : this.seenLoad[index];
  }

  private owedOf({index, owedTokens}: Instance): number {
    return this.options.loadAge === 0 ? owedTokens : this.seenOwed[index];
  }

  /** Where the session was before, as long as that one works; a new one goes to the least loaded. */
  private sticky({session}: LiveRequest, among: readonly Instance[], part: 'prefiller' | 'decoder'): Instance {
    const before = this.instances[session[part]];
    if (before !== undefined && !before.stopped) return before;
    const chosen = least(among, (instance) => this.loadOf(instance));
    session[part] = chosen.index;
    return chosen;
  }

  /** Where the prompt would be prefilled first: the tokens owed there and its own that are not within reach, and with `loads` the time to bring those that are; the less loaded where that is equal. */
  private soonest(request: LiveRequest, loads: boolean): Instance {
    if (loads) this.loop.forecast.look(request.row);
    let best = this.prefillers[0];
    let bestNs = Infinity;
    for (const instance of this.prefillers) {
      const from = this.reusable(request, instance);
      const owedNs = instance.model.prefillNs(0, this.owedOf(instance));
      const ownNs = instance.model.prefillNs(from, Math.max(from + 1, request.inputTokens));
      const computeNs = owedNs + ownNs;
      if (computeNs > bestNs) continue; // whatever has to be loaded
      const ns = computeNs + (loads ? this.loadNs(request, instance) : 0);
      if (ns < bestNs || (ns === bestNs && this.loadOf(instance) < this.loadOf(best))) {
        best = instance;
        bestNs = ns;
      }
    }
    return best;
  }

  private loadNs(request: LiveRequest, {pool}: Instance): number {
    const {here, reachable} = this.index;
    return this.loop.forecast.loadNs(pool, Math.min(here[pool], request.usableBlocks), Math.min(reachable[pool], request.usableBlocks));
  }

  /** A weighted sum of three shares: of the prompt's blocks in HBM, of those in the tiers that it loads from, and of the greatest load that it is below. */
  private highestScore(request: LiveRequest): Instance {
    const {prefix, tiers, load} = this.options.weights;
    const {here, reachable} = this.index;
    const most = Math.max(1, ...this.prefillers.map((instance) => this.loadOf(instance)));
    const blocks = Math.max(1, request.fullBlocks);
    return least(this.prefillers, (instance) => {
      const held = here[instance.pool] / blocks;
      const below = (reachable[instance.pool] - here[instance.pool]) / blocks;
      return -(prefix * held + tiers * below + load * (1 - this.loadOf(instance) / most));
    });
  }

  private reusable(request: LiveRequest, instance: Instance): number {
    return Math.min(this.index.reachable[instance.pool], request.usableBlocks) * this.options.blockTokens;
  }
}

function leastLoaded(instances: readonly Instance[]): Instance {
  return least(instances, ({load}) => load);
}

/** The first of those with the least value. */
function least(instances: readonly Instance[], valueOf: (instance: Instance) => number): Instance {
  let best = instances[0];
  let bestValue = valueOf(best);
  for (const instance of instances) {
    const value = valueOf(instance);
    if (value >= bestValue) continue;
    best = instance;
    bestValue = value;
  }
  return best;
}
