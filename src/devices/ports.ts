/** What a tier kind makes for each of its pools. */
import type {Engine} from '../engine/engine.ts';
import type {Stage} from '../engine/stage.ts';
import type {Server} from '../scenario/hardware.ts';
import type {RequestPool} from './requestPool.ts';

export const NS_PER_SECOND = 1e9;

/** One pool's device: the stages that a slab passes when it is read from or written to this pool, in order, and what an idle one takes. */
export interface TierDevice {
  readonly capacityBytes: number;
  readonly read: readonly Stage[];
  readonly write: readonly Stage[];
  readonly readNs: number;
  readonly readBytesPerSecond: number;
  readonly writeNs: number;
  readonly writeBytesPerSecond: number;
  /** Before the first byte of a transfer, once: metadata round trips of the software. Absent: 0. */
  readonly startUpNs?: number;
  /** Which of its stages are switches between its memory and its servers. Absent: none. */
  readonly switches?: readonly Stage[];
  /** Where it is neither in a server nor behind the storage ports: on the GPU's package (no host link), or on a fabric of its own (no ports). */
  readonly attachment?: 'package' | 'fabric';
}

export interface DeviceContext {
  readonly engine: Engine;
  readonly name: string;
  readonly server: Server;
  /** Servers of the cluster, and what the pool serves. */
  readonly servers: number;
  readonly per: 'instance' | 'server' | 'cluster';
  readonly ticksPerSecond: number;
  /** Of the server that the pool is in, where its host's requests are limited. */
  readonly requests?: RequestPool | undefined;
  /** Of the scenario: devices draw from streams of this seed and their own name. */
  readonly seed: number;
}
