/**
 * Writes docs/gallery.md: every scenario of scenarios/ with its question and the answer that it gives now. Real traces are not shipped, so that a scenario
 * of one is listed with its question alone. Run after a build: npm run docs:gallery
 */
import {spawnSync} from 'node:child_process';
import fs from 'node:fs';
import {fileURLToPath} from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const names = fs
  .readdirSync(`${root}scenarios`)
  .filter((name) => name.endsWith('.yaml'))
  .sort();

function summaryOf(name) {
  const {stdout} = spawnSync(process.execPath, ['dist/cli/main.js', 'run', `scenarios/${name}`, '--json'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1e8,
  });
  return JSON.parse(stdout);
}

const seconds = (value) => (value === null ? '-' : value < 1 ? `${Math.round(value * 1000)} ms` : `${value.toFixed(1)} s`);
const percent = (value) => (value === null ? '-' : `${(value * 100).toFixed(1)} %`);
const dollars = (value) => (value === null ? '-' : `$${value.toPrecision(3)}`);

function entry(name) {
  const text = fs.readFileSync(`${root}scenarios/${name}`, 'utf8');
  const title = `## ${name.replace('.yaml', '')}\n\n`;
  if (/kind: \w+Trace\b/.test(text)) {
    const question = /question: >-\n((?: {2}.*\n)+)/.exec(text)?.[1].replaceAll(/\s+/g, ' ').trim() ?? '';
    return `${title}${question}\n\nNeeds a trace that is not shipped (see the README): \`tierscape run scenarios/${name} --set workload.path=PATH\`\n`;
  }
  const {question, answer, ttft, cache, requests, cost, bottleneck, digest} = summaryOf(name);
  return `${title}${question}\n\n**${answer}**\n
| requests | median TTFT | p99 TTFT | found | an unlimited cache | busiest | a million output tokens |
|---|---|---|---|---|---|---|
| ${requests.completed} | ${seconds(ttft.p50)} | ${seconds(ttft.p99)} | ${percent(cache.hitRatio)} | ${percent(cache.infiniteHitRatio)} | ${bottleneck.resource} ${percent(bottleneck.utilisation)} | ${dollars(cost.perMillionOutputTokens)} |

\`tierscape run scenarios/${name}\`, digest \`${digest}\`\n`;
}

const page = `# Scenarios and their answers\n\nWhat \`tierscape run\` says today to each scenario that is shipped; made by \`npm run docs:gallery\`.\n\n${names.map(entry).join('\n')}`;
fs.writeFileSync(`${root}docs/gallery.md`, page);
