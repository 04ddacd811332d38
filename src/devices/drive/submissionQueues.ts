/**
 * The submission queues of a drive and the order in which its controller fetches from them: urgent queues first, then the others in turn, each giving up
 * to `weight` commands a turn (all weights equal to the arbitration burst: round robin; NVMe base specification, arbitration). Commands are
 * rows of the drive, linked; a queue that has none costs nothing.
 */
import {assert} from '../../base/assert.ts';

export interface QueueOptions {
  /** Commands that wait or are in the drive, at most. */
  readonly depth: number;
  /** Commands fetched in a turn. */
  readonly weight?: number;
  /** Before all that are not. */
  readonly urgent?: boolean;
}

const NONE = -1;

export class SubmissionQueues {
  /** Commands that wait to be fetched. */
  waiting = 0;
  private readonly depth: Int32Array;
  private readonly weight: Int32Array;
  private readonly urgent: Uint8Array;
  /** By queue: commands held, first and last that wait, what is left of its turn, and the next queue in the ring of those that have any. */
  private readonly held: Int32Array;
  private readonly head: Int32Array;
  private readonly tail: Int32Array;
  private readonly credit: Int32Array;
  private readonly nextQueue: Int32Array;
  /** Last queue of each ring (0 urgent, 1 the others); its next is whose turn it is. */
  private readonly ring = new Int32Array(2).fill(NONE);
  private nextCommand = new Int32Array(64);

  constructor(queues: readonly QueueOptions[]) {
    assert(queues.length > 0, 'a drive without a queue');
    for (const {depth, weight = 1} of queues) assert(depth >= 1 && weight >= 1, `a queue of depth ${depth} and weight ${weight}`);
    this.depth = Int32Array.from(queues, ({depth}) => depth);
    this.weight = Int32Array.from(queues, ({weight}) => weight ?? 1);
    this.urgent = Uint8Array.from(queues, ({urgent}) => (urgent ? 1 : 0));
    this.held = new Int32Array(queues.length);
    this.head = new Int32Array(queues.length).fill(NONE);
    this.tail = new Int32Array(queues.length).fill(NONE);
    this.credit = new Int32Array(queues.length);
    this.nextQueue = new Int32Array(queues.length);
  }

  full(queue: number): boolean {
    return this.held[queue] >= this.depth[queue];
  }

  put(queue: number, command: number): void {
    if (command >= this.nextCommand.length) {
      const wider = new Int32Array(Math.max(command + 1, this.nextCommand.length * 2));
      wider.set(this.nextCommand);
      this.nextCommand = wider;
    }
    this.held[queue]++;
    this.waiting++;
    this.nextCommand[command] = NONE;
    if (this.head[queue] === NONE) {
      this.head[queue] = command;
      this.join(queue);
    } else this.nextCommand[this.tail[queue]] = command;
    this.tail[queue] = command;
  }

  /** The next command by arbitration; there must be one waiting. */
  take(): number {
    const ring = this.ring[0] === NONE ? 1 : 0;
    const last = this.ring[ring];
    const queue = this.nextQueue[last];
    const command = this.head[queue];
    this.head[queue] = this.nextCommand[command];
    this.waiting--;
    if (this.head[queue] === NONE) {
      if (queue === last) this.ring[ring] = NONE;
      else this.nextQueue[last] = this.nextQueue[queue];
    } else if (--this.credit[queue] === 0) {
      this.credit[queue] = this.weight[queue];
      this.ring[ring] = queue;
    }
    return command;
  }

  /** A command of this queue has completed: its entry is free. */
  release(queue: number): void {
    this.held[queue]--;
  }

  private join(queue: number): void {
    const ring = this.urgent[queue] === 1 ? 0 : 1;
    const last = this.ring[ring];
    this.credit[queue] = this.weight[queue];
    if (last === NONE) this.nextQueue[queue] = queue;
    else {
      this.nextQueue[queue] = this.nextQueue[last];
      this.nextQueue[last] = queue;
    }
    this.ring[ring] = queue;
  }
}
