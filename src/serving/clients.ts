/** Clients that keep at most so many requests in flight, as load testers do (vLLM's `--max-concurrency`, SGLang's `--max-parallel`): others wait at the client, unseen, in order. */
import type {LiveRequest} from './liveRequest.ts';

export class Clients {
  private readonly most: number;
  private inFlight = 0;
  private readonly waiting: LiveRequest[] = [];

  constructor(most: number) {
    this.most = most;
  }

  /** Whether the request may be sent now; otherwise it waits for its turn. */
  send(request: LiveRequest): boolean {
    if (this.inFlight < this.most) {
      this.inFlight++;
      return true;
    }
    this.waiting.push(request);
    return false;
  }

  /** One has come back. @returns whose turn it is in its place */
  back(): LiveRequest | null {
    const next = this.waiting.shift() ?? null;
    if (next === null) this.inFlight--;
    return next;
  }
}
