/**
 * Blocks by key on files or devices, least recently used out first. A key names its content for ever (a hash of it, say): what a crash or a
 * removal leaves behind under a key is then still right. get() gives what put() was given, or null; whatever the device does, never other bytes.
 */
import {lru} from '../placement/eviction/lru.ts';
import {NONE} from '../placement/ports.ts';
import {SlotStore, type SlotOutcome, type SlotStoreOptions} from './slotStore.ts';
import type {EngineInfo} from './ring.ts';

export class BlockStore {
  /** Blocks that it holds at most. */
  readonly capacity: number;
  private readonly store: SlotStore;
  private readonly policy;
  private readonly slotOf = new Map<string, number>();
  private readonly keyOf: (string | null)[];
  private readonly freeSlots: number[];
  /** Reads under way, by slot: it is not written to before they have ended. */
  private readonly readers: Int32Array;
  private readonly noChildren: Int32Array;

  private constructor(store: SlotStore) {
    this.store = store;
    this.capacity = store.slots;
    this.policy = lru.create({}, {slots: store.slots, capacity: store.slots});
    this.keyOf = Array.from({length: store.slots}, () => null);
    this.freeSlots = Array.from({length: store.slots}, (_, slot) => store.slots - 1 - slot);
    this.readers = new Int32Array(store.slots);
    this.noChildren = new Int32Array(store.slots);
  }

  /** Opens the store and finds what is whole in it. Throws Fault. */
  static async open(options: SlotStoreOptions): Promise<BlockStore> {
    const slots = new SlotStore(options);
    try {
      const store = new BlockStore(slots);
      await store.recover();
      return store;
    } catch (error) {
      slots.close();
      throw error;
    }
  }

  get size(): number {
    return this.slotOf.size;
  }

  get engine(): EngineInfo {
    return this.store.engine;
  }

  /** Outcomes of requests that did not do what they should, counted by name (faults.ts, and CORRUPT). */
  get faults(): ReadonlyMap<string, number> {
    return this.store.faults;
  }

  has(key: string): boolean {
    return this.slotOf.has(key);
  }

  /** Keeps a block; the bytes must not change before the promise ends. False: it is not kept, because the device failed or every slot is in use. */
  async put(key: string, block: Uint8Array): Promise<boolean> {
    if (this.slotOf.has(key)) return true;
    const slot = this.takeSlot();
    if (slot === NONE) return false;
    const outcome = await new Promise<SlotOutcome>((ended) =>
      this.store.write(slot, key, block.length, (place) => place.set(block), ended),
    );
    if (outcome !== null || this.slotOf.has(key)) {
      this.freeSlots.push(slot); // failed, or another put of the same key was faster
      return outcome === null;
    }
    this.keep(key, slot);
    return true;
  }

  /** The block, in `into` (blockBytes long) or in new memory; null where it is not there, or no longer whole: then it is forgotten. */
  async get(key: string, into = new Uint8Array(this.store.blockBytes)): Promise<Uint8Array | null> {
    const slot = this.slotOf.get(key);
    if (slot === undefined) return null;
    if (this.readers[slot]++ === 0) this.policy.hold(slot);
    const length = await new Promise<number | null>((resolve) =>
      this.store.read(slot, key, (_outcome, block) => {
        if (block !== null) into.set(block);
        resolve(block?.length ?? null);
      }),
    );
    if (length === null && this.slotOf.get(key) === slot) this.forget(key, slot);
    this.endRead(slot);
    return length === null ? null : into.subarray(0, length);
  }

  /** Forgets a block. After a crash it may be found again. */
  remove(key: string): void {
    const slot = this.slotOf.get(key);
    if (slot !== undefined) this.forget(key, slot);
  }

  /** What was put before survives a loss of power once this is true; a killed process loses nothing in any case. */
  async sync(): Promise<boolean> {
    return (await this.store.sync()) === null;
  }

  close(): void {
    this.store.close();
  }

  private async recover(): Promise<void> {
    const found = await this.store.scan();
    const used = new Set(found.map(({slot}) => slot));
    this.freeSlots.splice(0, Infinity, ...this.freeSlots.filter((slot) => !used.has(slot)));
    for (const {key, slot} of found) this.keep(key, slot); // in order of writing: the oldest leaves first
  }

  private keep(key: string, slot: number): void {
    this.slotOf.set(key, slot);
    this.keyOf[slot] = key;
    this.policy.insert(slot, hashOf(key), 1);
    this.policy.release(slot);
  }

  /** A slot to write to, its block forgotten; NONE where all are in use. */
  private takeSlot(): number {
    const free = this.freeSlots.pop();
    if (free !== undefined) return free;
    const victim = this.policy.evict(this.noChildren);
    if (victim === NONE) return NONE;
    this.slotOf.delete(this.keyOf[victim]!);
    this.keyOf[victim] = null;
    return victim;
  }

  private forget(key: string, slot: number): void {
    this.slotOf.delete(key);
    this.keyOf[slot] = null;
    if (this.readers[slot] === 0) this.free(slot);
  }

  private endRead(slot: number): void {
    if (--this.readers[slot] > 0) return;
    if (this.keyOf[slot] === null) this.free(slot);
    else this.policy.release(slot);
  }

  private free(slot: number): void {
    this.policy.remove(slot);
    this.freeSlots.push(slot);
  }
}

/** A policy's name for a key: FNV-1a, an int32. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return hash | 0;
}
