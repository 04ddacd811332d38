/** Requests and the instances that take them, while instances stop and start: who is thrown out, who waits, who goes where. */
import {HANDOFF, PREEMPTED, QUEUED} from '../metrics/records.ts';
import type {Instance} from './instance.ts';
import type {LiveRequest} from './liveRequest.ts';
import type {StepModel, Ticks} from './ports.ts';
import type {Router} from './router.ts';
import type {Serving} from './serving.ts';

export class Dispatch {
  readonly router: Router;
  /** How often a request was thrown out of an instance that stopped, and the tokens whose KV they lost with it. */
  restarts = 0;
  lostTokens = 0;
  private readonly serving: Serving;
  /** Arrived, or thrown out, while no instance could take them; prefilled while none could decode them. */
  private readonly waiting: LiveRequest[] = [];
  private readonly unplaced: LiveRequest[] = [];

  constructor(serving: Serving, router: Router) {
    this.serving = serving;
    this.router = router;
  }

  /** Requests that wait for an instance to be there. */
  get stranded(): number {
    return this.waiting.length;
  }

  /**
   * An instance stops: the step in flight is lost, and what it holds, queues or is handing over waits for resume(). `returns`: it will
   * start again, so that whoever finds no other may wait for it.
   */
  stop(index: number, returns: boolean): void {
    const now = this.serving.world.now();
    const stopped = this.serving.instances[index];
    stopped.stop(now, returns);
    this.router.refresh();
    const moving = this.serving.instances.flatMap(({held}) =>
      [...held].filter((one) => one.state === HANDOFF && one.prefillInstance === index),
    );
    const out = new Set([...stopped.held, ...stopped.queue, ...moving]);
    stopped.queue.length = 0;
    for (const {handOffs} of this.serving.instances) keepOnly(handOffs, (request) => !out.has(request));
    keepOnly(this.unplaced, (request) => !out.has(request));
    for (const request of [...out].sort((a, b) => a.order - b.order)) this.throwOut(request, now);
    for (const request of stopped.handOffs.splice(0)) this.handOver(request, now);
  }

  /** An instance takes nothing more: what it has not admitted goes elsewhere, what it holds it brings to an end. */
  drain(instance: Instance): void {
    instance.draining = true;
    this.router.refresh();
    const now = this.serving.world.now();
    for (const request of instance.queue.splice(0)) {
      instance.settleOwed(request);
      this.place(request, now);
    }
    for (const request of instance.handOffs.splice(0)) this.handOver(request, now);
  }

  start(index: number): void {
    this.serving.instances[index].start(this.serving.world.now());
    this.router.refresh();
  }

  /** From its next step on, an instance takes its times from `model`. */
  pace(index: number, model: StepModel): void {
    this.serving.instances[index].pace(model);
  }

  /** Sends what waits for an instance to one that is there. */
  resume(): void {
    const now = this.serving.world.now();
    for (const request of this.waiting.splice(0).sort((a, b) => a.order - b.order)) this.place(request, now);
    for (const request of this.unplaced.splice(0)) this.handOver(request, now);
  }

  /** Chooses anew for hand-offs that wait for room. */
  spread(): void {
    for (const request of this.serving.instances.flatMap(({handOffs}) => handOffs.splice(0)))
      this.handOver(request, this.serving.world.now());
  }

  private throwOut(request: LiveRequest, now: Ticks): void {
    const held = this.serving.loop.placement.isAdmitted(request.row);
    request.instance!.letGo(request);
    if (held) {
      this.restarts++;
      request.restarts++;
      this.lostTokens += request.prefilled;
      this.serving.loop.release(now, request.row, request.grownBlocks);
    }
    request.grownBlocks = 0;
    this.strand(request, now);
  }

  /** Ahead of all that came after it, at whatever instance is chosen; or it waits for one, or it fails. */
  place(request: LiveRequest, now: Ticks): void {
    const instance = this.router.choose(request);
    if (instance !== null) instance.requeue(request, now);
    else if (this.router.canPrefillLater) this.strand(request, now);
    else this.serving.fail(request, now);
  }

  private strand(request: LiveRequest, now: Ticks): void {
    request.enter(Number.isNaN(request.admitted) ? QUEUED : PREEMPTED, now);
    request.instance = null;
    this.waiting.push(request);
  }

  handOver(request: LiveRequest, now: Ticks): void {
    const decoder = this.router.chooseDecoder(request);
    if (decoder !== null) {
      if (decoder.handOffs.length > 0 || !decoder.accept(request, now)) decoder.handOffs.push(request);
    } else if (this.router.canDecodeLater) this.unplaced.push(request);
    else this.serving.fail(request, now);
  }
}

function keepOnly<T>(list: T[], keeps: (item: T) => boolean): void {
  const kept = list.filter(keeps);
  list.splice(0, list.length, ...kept);
}
