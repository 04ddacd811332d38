/** The pending events of an engine, least (time, order) first. Order keys are unique within an instant but for stale duplicates of a late event. */
export interface EventQueue {
  /** Pending events. */
  readonly size: number;
  push(time: number, order: number, op: number, argument: number): void;
  /** Takes the first event out, into the fields below, if it lies before (time, order); false where none does. */
  pop(time: number, order: number): boolean;
  time: number;
  order: number;
  op: number;
  argument: number;
}
