/**
 * A user's own policy from a module, by the hooks that plug-ins of cache simulators have: init, hit, miss, evict, remove. A block is named by its number in
 * order of first sight, so that a policy may keep what it remembers in arrays.
 */
import {NONE, type EvictionPolicy, type PolicySpace, type Slot} from '../placement/ports.ts';
import {grownBytes, grownIntegers, SizeColumn} from '../placement/eviction/columns.ts';

export interface PluginRequest {
  /** Equal for equal blocks: 0, 1 .. in order of first sight in the trace. */
  readonly id: number;
  /** Bytes where sizes are honoured, else 1. */
  readonly size: number;
}

/** What a module must export. */
export interface PluginHooks<State> {
  /** A new cache. @param space capacity in bytes where sizes are honoured, else in blocks @returns what the other hooks are handed */
  init(space: {readonly capacity: number}): State;
  /** A resident block is used. */
  hit(state: State, request: PluginRequest): void;
  /** A block that was not resident has come in. Not called for one that is larger than the cache. */
  miss(state: State, request: PluginRequest): void;
  /**
   * Chooses a victim, which has left when the hook returns.
   * @param wanted for which room is made @param mayLeave whether a block is resident and neither in use nor the parent of a resident one
   * @returns its id; undefined where nothing may leave
   */
  evict(state: State, wanted: PluginRequest, mayLeave: (id: number) => boolean): number | undefined;
  /** A block has left without evict(). */
  remove(state: State, id: number): void;
}

/** A mistake in a plug-in, as its author can mend it. */
export class PluginError extends Error {}

const hookNames = ['init', 'hit', 'miss', 'evict', 'remove'] as const satisfies readonly (keyof PluginHooks<unknown>)[];

/** @param file as the user named it @param exported by the module @throws PluginError that names the hooks that are missing */
export function hooksOf(file: string, exported: {readonly [name: string]: unknown}): PluginHooks<unknown> {
  const missing = hookNames.filter((name) => typeof exported[name] !== 'function');
  if (missing.length > 0)
    throw new PluginError(
      `${file}: expected exported functions ${hookNames.join(', ')}, found none called ${missing.join(', ')}: see docs/model/policies.md`,
    );
  return exported as unknown as PluginHooks<unknown>;
}

/** The slots of a cache, ordered by a plug-in. It hears of a block when its use has ended, so that chains come deepest block first. */
export class PluginPolicy implements EvictionPolicy {
  private readonly file: string;
  private readonly hooks: PluginHooks<unknown>;
  private readonly state: unknown;
  private readonly slotOf = new Map<number, Slot>();
  private id: Int32Array;
  private readonly size: SizeColumn;
  /** 1: the plug-in knows the block. */
  private known: Uint8Array;
  private wanted: PluginRequest = {id: NONE, size: 0};

  constructor(file: string, hooks: PluginHooks<unknown>, {slots, capacity}: PolicySpace) {
    this.file = file;
    this.hooks = hooks;
    this.id = new Int32Array(slots);
    this.size = new SizeColumn(slots);
    this.known = new Uint8Array(slots);
    this.state = this.ask('init', () => hooks.init({capacity}));
  }

  miss(id: number, size: number): boolean {
    this.wanted = {id, size};
    return true;
  }

  crowded(_size: number): boolean {
    return false;
  }

  insert(slot: Slot, id: number, size: number): void {
    this.slotOf.set(id, slot);
    this.id[slot] = id;
    this.size.set(slot, size);
    this.known[slot] = 0;
  }

  hold(_slot: Slot): void {}

  release(slot: Slot): void {
    if (this.known[slot] === 1) return void this.touch(slot);
    this.known[slot] = 1;
    this.ask('miss', () => this.hooks.miss(this.state, this.requestOf(slot)));
  }

  touch(slot: Slot): boolean {
    this.ask('hit', () => this.hooks.hit(this.state, this.requestOf(slot)));
    return false;
  }

  remove(slot: Slot): void {
    this.slotOf.delete(this.id[slot]);
    if (this.known[slot] === 1) this.ask('remove', () => this.hooks.remove(this.state, this.id[slot]));
  }

  evict(guards: Int32Array): Slot {
    const mayLeave = (id: number): boolean => {
      const slot = this.slotOf.get(id);
      return slot !== undefined && guards[slot] === 0;
    };
    const id: unknown = this.ask('evict', () => this.hooks.evict(this.state, this.wanted, mayLeave));
    if (id === undefined) return this.noneOf(mayLeave);
    const slot = this.slotOf.get(id as number);
    if (slot === undefined) throw new PluginError(`${this.file}: evict() returned ${shown(id)}, which is not resident`);
    if (guards[slot] !== 0)
      throw new PluginError(`${this.file}: evict() returned ${shown(id)}, which is in use or has children here: ask mayLeave(id)`);
    this.slotOf.delete(id as number);
    return slot;
  }

  grow(slots: number): void {
    this.id = grownIntegers(this.id, slots);
    this.size.grow(slots);
    this.known = grownBytes(this.known, slots);
  }

  /** The plug-in has no victim: right where nothing may leave. */
  private noneOf(mayLeave: (id: number) => boolean): Slot {
    for (const id of this.slotOf.keys())
      if (mayLeave(id)) throw new PluginError(`${this.file}: evict() returned nothing, though block ${id} and perhaps others may leave`);
    return NONE;
  }

  private requestOf(slot: Slot): PluginRequest {
    return {id: this.id[slot], size: this.size.get(slot)};
  }

  /** @throws PluginError with what the hook threw */
  private ask<T>(hook: string, call: () => T): T {
    try {
      return call();
    } catch (error) {
      throw new PluginError(`${this.file}: ${hook}() threw ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`);
    }
  }
}

function shown(value: unknown): string {
  return typeof value === 'number' ? String(value) : `${JSON.stringify(value)} (expected a number, the id of a block)`;
}
