/** Random flows, drawn so that any language can repeat them. A slot's or a host's draws do not depend on the others'. */

/** Each slot sends one flow after another from its host to another one: what a flow costs is measured on these. */
export interface Loop {
  readonly hosts: number;
  readonly perHost: number;
  readonly flows: number;
}

export interface Flow {
  readonly from: number;
  readonly to: number;
  readonly bytes: number;
}

export interface Arrival extends Flow {
  readonly atNs: number;
}

/** A linear congruence of 31 bits: x = (1103515245 x + 12345) mod 2^31, of which the low 8 bits are left out. */
class Draws {
  private state: bigint;

  constructor(stream: number) {
    this.state = BigInt(stream * 7919 + 17);
  }

  below(bound: number): number {
    this.state = (1103515245n * this.state + 12345n) & 0x7fffffffn;
    return (Number(this.state) >> 8) % bound;
  }

  /** 1 to 19 MB to another host. */
  flow(from: number, hosts: number): Flow {
    const to = (from + 1 + this.below(hosts - 1)) % hosts;
    return {from, to, bytes: 1_000_000 + this.below(18_000_000)};
  }
}

/** The next flow of a slot; null once the slot has sent its share. */
export function closedLoop({hosts, perHost, flows}: Loop): (slot: number) => Flow | null {
  const slots = hosts * perHost;
  const each = Math.floor(flows / slots);
  const sent = new Int32Array(slots);
  const plans = Array.from({length: slots}, (_, slot) => {
    const draws = new Draws(slot);
    return Array.from({length: each}, () => draws.flow(slot % hosts, hosts));
  });
  return (slot) => plans[slot]![sent[slot]++] ?? null;
}

/**
 * Flows that begin when they begin, host by host: 60 % of every port. Ends are compared on these and not on closed loops, where a nanosecond
 * changes which of two flows ends first, hence who sends next, and after some tens of rounds everything.
 */
export function openArrivals(hosts: number, flows: number): Arrival[] {
  return Array.from({length: hosts}, (_, from) => {
    const draws = new Draws(from);
    let atNs = 0;
    return Array.from({length: Math.floor(flows / hosts)}, () => {
      atNs += draws.below(2_666_667);
      return {atNs, ...draws.flow(from, hosts)};
    });
  }).flat();
}
