/** The world that serving lives in when it is simulated: the engine's clock, and wake-ups as its events. */
import type {Engine} from '../engine/engine.ts';
import type {Ticks, World} from '../serving/ports.ts';

/** Wake-ups of all kinds in one event: kind + argument x KINDS. */
const KINDS = 4;

export class SimulatedWorld implements World {
  private readonly engine: Engine;
  private readonly op: number;
  private handle: (kind: number, argument: number) => boolean = () => true;

  constructor(engine: Engine) {
    this.engine = engine;
    this.op = engine.on('serving', (packed) => {
      if (!this.handle(packed % KINDS, Math.floor(packed / KINDS))) engine.stale();
    });
  }

  onWake(handle: (kind: number, argument: number) => boolean): void {
    this.handle = handle;
  }

  now(): Ticks {
    return this.engine.now;
  }

  wake(at: Ticks, kind: number, argument: number): void {
    this.engine.at(at, this.op, kind + argument * KINDS);
  }

  wakeLast(at: Ticks, kind: number, argument: number): void {
    this.engine.atLast(at, argument, this.op, kind + argument * KINDS);
  }
}
