/**
 * npm run bench:own: of the gap between LRU and the optimum that must take in every block, what `hazard` closes. On generated sessions by
 * default; `recorded` and `chat` for the public traces; `constants` for each constant at half and double; `orders=N` for more orders of merging.
 */
import {Belady, nextReferences} from '../../src/lab/belady.ts';
import {replayPrefixes} from '../../src/lab/prefixReplay.ts';
import type {LabTrace} from '../../src/lab/trace.ts';
import {hazard} from '../../src/placement/eviction/hazard.ts';
import {lru} from '../../src/placement/eviction/lru.ts';
import {valuesOf} from '../../src/scenario/values.ts';
import {generatedSessions, recordedChat, recordedSessions} from './traces.ts';

const GIBIBYTE = 2 ** 30;
const words = process.argv.slice(2);
const orders = Number(words.find((word) => word.startsWith('orders='))?.slice(7) ?? 1);
const defaults = valuesOf(hazard.params, {}, undefined, []) as Parameters<typeof hazard.create>[0];
const variants: [string, object][] = [['as it is', {}]];
if (words.includes('constants'))
  for (const name of ['strength', 'belief', 'gapWeight', 'gapStep', 'fallsAfter', 'remembered'] as const)
    for (const factor of [0.5, 2]) variants.push([`${name} x ${factor}`, {[name]: defaults[name] * factor}]);
if (words.includes('constants'))
  for (const ageRatio of [Math.sqrt(defaults.ageRatio), defaults.ageRatio ** 2])
    variants.push([`ageRatio ${ageRatio.toFixed(2)}`, {ageRatio}]);

function study(trace: LabTrace, label: string, capacity: number): void {
  const hits = (create: Parameters<typeof replayPrefixes>[3]): number =>
    1 - replayPrefixes(trace, capacity, 'tail', create).misses / trace.blocks.length;
  const least = hits((space) => lru.create({}, space));
  const next = nextReferences(trace.blocks, trace.distinct);
  const most = hits((space) => new Belady(next, space));
  for (const [name, values] of variants) {
    const before = process.cpuUsage().user;
    const own = hits((space) => hazard.create({...defaults, ...values}, space));
    const seconds = (process.cpuUsage().user - before) / 1e6;
    const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
    console.log(
      [trace.name, trace.merging, label, name, percent(least), percent(own), percent(most)].join(' | '),
      `| ${((100 * (own - least)) / (most - least)).toFixed(1)} % | ${seconds.toFixed(2)} s`,
    );
  }
}

console.log('trace | merging | capacity | constants | LRU | own | optimum | of the gap | CPU');
for (const together of [32, 128])
  for (let order = 0; order < orders; order++) {
    if (words.includes('chat') && !words.includes('recorded')) continue;
    const trace = words.includes('recorded') ? recordedSessions(together, order) : generatedSessions(200, together, order + 1);
    if (trace === null) console.log('recorded sessions: not beside the checkout');
    else
      for (const gibibytes of together === 32 ? [64, 128] : [64, 128, 256, 512])
        study(trace, `${gibibytes} GiB`, Math.floor((gibibytes * GIBIBYTE) / trace.blockBytes!));
  }
const chat = words.includes('chat') ? recordedChat() : null;
if (chat !== null) for (const share of [1, 2, 5, 10, 20]) study(chat, `${share} %`, Math.floor((share / 100) * chat.distinct));
