/** What bytes pass on their way: the seam between whoever carries a transfer and whatever takes the time. */
import type {StationMeter} from './meter.ts';

/** Something that is read by the meters and slowed by faults: a stage, or a link that many stages share. */
export interface Metered {
  readonly name: string;
  /** Rate alone and at share 1. */
  readonly bytesPerSecond: number;
  /** Jobs waiting and in service now. */
  readonly queued: number;
  meter(): StationMeter;
  /** From now on it works at this share of its rate, 0 (stopped) included. Work in flight slows with it. */
  setRate(share: number): void;
}

/** Takes bytes and says when they have passed. One station, one drive, or a path over several links of a network. */
export interface Stage extends Metered {
  /**
   * Handler `op` is called with `argument` (int32) once these bytes have passed and their latency is over; never inside submit.
   * Any number may be under way at once: how they share is the stage's own affair.
   */
  submit(bytes: number, op: number, argument: number): void;
}
