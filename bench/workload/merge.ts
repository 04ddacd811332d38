/** Sessions merged without a simulator: `keep` of them at a time, each request served in a time that depends on its output alone. */
import type {RequestPlan, SessionPlan} from '../../src/workload/ports.ts';

/** Seconds that a request takes: near the recorded api_time's median for any output length. */
export function serviceSeconds(request: RequestPlan): number {
  return 2.5 + 0.016 * request.outputTokens;
}

interface Running {
  readonly plan: SessionPlan;
  readonly startNs: number;
  /** By turn; NaN: not yet. */
  readonly ends: number[];
  readonly arrived: boolean[];
  left: number;
}

interface Event {
  readonly at: number;
  readonly session: Running;
  readonly turn: number;
  readonly isEnd: boolean;
}

/** Calls `visit` for every request in order of arrival. */
export function mergeSessions(plans: readonly SessionPlan[], keep: number, visit: (request: RequestPlan, at: number) => void): void {
  const events: Event[] = [];
  let next = 0;
  const start = (now: number): boolean => {
    if (next === plans.length) return false;
    const plan = plans[next++];
    const session = {
      plan,
      startNs: now,
      ends: plan.requests.map(() => NaN),
      arrived: plan.requests.map(() => false),
      left: plan.requests.length,
    };
    release(session, events);
    return true;
  };
  for (let count = 0; count < keep && start(0); count++);
  while (events.length > 0) {
    const {at, session, turn, isEnd} = popEarliest(events);
    if (!isEnd) {
      const request = session.plan.requests[turn];
      visit(request, at);
      events.push({at: at + serviceSeconds(request) * 1e9, session, turn, isEnd: true});
      continue;
    }
    session.ends[turn] = at;
    session.left--;
    release(session, events);
    if (session.left === 0) start(at);
  }
}

/** Schedules the arrivals of all requests whose predecessors have ended. */
function release(session: Running, events: Event[]): void {
  session.plan.requests.forEach(({after, offsetNs}, turn) => {
    if (session.arrived[turn]) return;
    let at = after.length === 0 ? session.startNs + offsetNs : 0;
    for (let pair = 0; pair < after.length; pair += 2) at = Math.max(at, session.ends[after[pair]] + after[pair + 1]);
    if (Number.isNaN(at)) return;
    session.arrived[turn] = true;
    events.push({at, session, turn, isEnd: false});
  });
}

/** A few events a session: a scan is quick enough here. */
function popEarliest(events: Event[]): Event {
  let earliest = 0;
  for (let index = 1; index < events.length; index++) if (events[index].at < events[earliest].at) earliest = index;
  const event = events[earliest];
  events[earliest] = events[events.length - 1];
  events.pop();
  return event;
}
