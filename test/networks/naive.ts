/** Max-min fairness the slow way: every flow by itself, every rate from scratch at every event. What the flow network is compared with. */
export interface NaiveFlow {
  readonly links: readonly number[];
  /** By link: which part of its bytes crosses it. Absent: all. */
  readonly parts?: readonly number[];
  readonly weight: number;
  readonly rateMax: number;
}

function partOf({links, parts}: NaiveFlow, link: number): number {
  const at = links.indexOf(link);
  return at < 0 ? 0 : (parts?.[at] ?? 1);
}

/** Progressive filling: rates of all flows, in bytes per tick. */
export function naiveRates(capacity: readonly number[], flows: readonly NaiveFlow[]): number[] {
  const rate = flows.map(() => 0);
  const open = new Set(flows.keys());
  const left = [...capacity];
  while (open.size > 0) {
    let level = Infinity;
    let tightest = -1;
    left.forEach((room, link) => {
      const weight = [...open].reduce((sum, f) => sum + partOf(flows[f]!, link) * flows[f]!.weight, 0);
      if (weight > 0 && room / weight < level) [level, tightest] = [Math.max(0, room / weight), link];
    });
    const limited = [...open].filter((f) => flows[f]!.rateMax / flows[f]!.weight <= level);
    if (limited.length > 0) {
      const lowest = Math.min(...limited.map((f) => flows[f]!.rateMax / flows[f]!.weight));
      limited.filter((f) => flows[f]!.rateMax / flows[f]!.weight === lowest).forEach((f) => settle(f, flows[f]!.rateMax));
    } else [...open].filter((f) => flows[f]!.links.includes(tightest)).forEach((f) => settle(f, level * flows[f]!.weight));
  }
  return rate;

  function settle(flow: number, value: number): void {
    rate[flow] = value;
    open.delete(flow);
    for (const link of flows[flow]!.links) left[link]! -= value * partOf(flows[flow]!, link);
  }
}

export interface NaiveJob extends NaiveFlow {
  readonly at: number;
  readonly bytes: number;
}

/** The tick at which each job has all its bytes; `faults` change a link's capacity at a tick. */
export function naiveEnds(
  capacity: readonly number[],
  jobs: readonly NaiveJob[],
  faults: readonly {readonly at: number; readonly link: number; readonly capacity: number}[] = [],
): number[] {
  const ends = jobs.map(() => Infinity);
  const left = jobs.map(({bytes}) => bytes);
  const now_ = [...capacity];
  const active = new Set<number>();
  const instants = new Set([...jobs.map(({at}) => at), ...faults.map(({at}) => at)]);
  let now = 0;
  let rates = new Map<number, number>();
  for (;;) {
    const dues = new Map(
      [...active].map((f) => [f, rates.get(f)! > 0 ? now + Math.ceil((left[f]! / rates.get(f)!) * (1 - 2 ** -40)) : Infinity]),
    );
    const next = Math.min(...dues.values(), ...instants);
    if (next === Infinity) return ends;
    for (const f of active) left[f]! -= rates.get(f)! * (next - now);
    now = next;
    instants.delete(now);
    for (const [f, due] of dues)
      if (due <= now) {
        ends[f] = now;
        active.delete(f);
      }
    faults.filter(({at}) => at === now).forEach((fault) => (now_[fault.link] = fault.capacity));
    jobs.forEach(({at}, f) => at === now && ends[f] === Infinity && active.add(f));
    const flows = [...active];
    const solved = naiveRates(
      now_,
      flows.map((f) => jobs[f]!),
    );
    rates = new Map(flows.map((f, i) => [f, solved[i]!]));
  }
}
