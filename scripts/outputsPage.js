/** docs/outputs.md as text. */
import {requestColumns, sessionColumns, tierColumns, timelineColumns} from '../dist/reports/csv.js';
import {figures} from '../dist/scenario/figures.js';

const cell = (text) => text.replaceAll('|', '\\|');
const table = (head, rows) => [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');
const columns = (list) =>
  table(
    ['column', 'meaning'],
    list.map(({name, meaning}) => [`\`${name}\``, meaning]),
  );

export function outputsPage() {
  const groups = [...new Set(figures.map(({path}) => path.split('.')[0]))];
  const loose = groups.filter((group) => figures.some(({path}) => path === group));
  const rows = (list) =>
    table(
      ['figure', 'unit', 'meaning'],
      list.map(({path, unit, meaning}) => [`\`${path}\``, unit, meaning]),
    );
  return `# What a run writes

\`tierscape run SCENARIO --out DIR\` writes the files below. They hold no clock, path or host name: equal runs give equal bytes. They are written
beside DIR and take its name at the end, so a directory with a \`summary.json\` is complete. This page is made from the declarations
(\`npm run docs:outputs\`); a test holds it to them.

In names, \`{tier}\` stands for a tier of the scenario, \`{class}\` for a latency class (cold, warm, afterIdle, subagent), \`{state}\` for a state of a
request (queued, evicting, shared, batching, prefill, handOff, decode, preempted, load:{tier}), \`{station}\` for a class of stations, \`{network}\` for a network of the servers, \`{name}\` for a name of the run.

| file | what it holds |
| --- | --- |
| \`summary.json\` | the answer and every figure; what \`--json\` prints |
| \`requests.csv\` | a row a request, in the order in which they ended |
| \`sessions.csv\` | a row a session, in the order in which they ended |
| \`timeline.csv\` | a row an interval of simulated time (\`timeline:\`, 10 s unless the scenario says otherwise) |
| \`tiers.csv\` | a row a tier, then a row a class of devices and links |
| \`report.html\` | the answer with pictures, in one file that asks nothing of any network; \`tierscape report DIR\` makes it again |
| \`report.json\` | what its pictures are drawn from |
| \`*.svg\` | with \`--svg\`: each picture, and \`answer.svg\`, the answer as a card |
| \`trace.perfetto.json\` | with \`--trace perfetto\`: a timeline for ui.perfetto.dev or chrome://tracing; \`--trace-window 10s..20s\` and \`--trace-sample 10\` keep it loadable |
| \`journal.bin\` | with \`--journal\`: every input of the placement; \`tierscape replay\` gives them to a fresh one |
| \`accesses.bin\` | with \`--accesses\`: what each pool was asked for; \`tierscape policies\` counts other policies on it |

Tables are CSV quoted as RFC 4180 has it, with a header, lines ended by LF; an empty cell says that there is no such value.

## summary.json

Times are seconds, sizes bytes, ratios shares of 1; null says that there is nothing to say. \`expect:\` lines name a figure by its path.
Besides the figures: \`traces\` (name, sha256 and requests of each trace file), \`warnings\`, and \`expect\` (text, passed, actual of each condition).

${rows(figures.filter(({path}) => loose.includes(path)))}

${groups
  .filter((group) => !loose.includes(group))
  .map((group) => `### ${group}\n\n${rows(figures.filter(({path}) => path.startsWith(`${group}.`)))}`)
  .join('\n\n')}

## requests.csv

${columns(requestColumns(['{tier}']).concat(requestColumns(['', '{tier}']).filter(({name}) => name.includes('load:'))))}

## sessions.csv

${columns(sessionColumns)}

## timeline.csv

${columns(timelineColumns(['{tier}'], [{class: '{station}'}]))}

## tiers.csv

${columns(tierColumns)}
`;
}
