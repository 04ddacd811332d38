/**
 * Has the simulator become slower? CPU time of the baselines' scenarios under this tree and under another commit, taken by turns in one job, as pairs;
 * median ratio with a bootstrap interval. Fails (1) where the interval's lower end is above LIMIT: wall time and lone runs say nothing on shared machines.
 * npm run bench:regress [-- COMMIT [PAIRS]]: COMMIT defaults to main.
 */
import {execFileSync, spawnSync} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {Stream} from '../../dist/base/random.js';

const LIMIT = 1.05;
const RESAMPLES = 10_000;

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const [commit = 'main', pairs = '11'] = process.argv.slice(2);
const scenarios = fs
  .readdirSync(path.join(root, 'results/baselines'))
  .map((name) => path.join(root, 'results/baselines', name, 'scenario.yaml'))
  .filter((file) => fs.existsSync(file));

/** The other commit's tree, built. */
function checkOut(directory) {
  const archive = execFileSync('git', ['-C', root, 'archive', commit], {maxBuffer: 1e9});
  execFileSync('tar', ['-x', '-C', directory], {input: archive});
  fs.symlinkSync(path.join(root, 'node_modules'), path.join(directory, 'node_modules'));
  execFileSync(process.execPath, ['scripts/build.js'], {cwd: directory, stdio: 'inherit'});
}

/** CPU seconds of a run of each scenario. */
function cpuSeconds(tree) {
  let total = 0;
  for (const file of scenarios) {
    const script = `import {run} from ${JSON.stringify(path.join(root, 'bench/regress/one.mjs'))}; run(${JSON.stringify(tree)}, ${JSON.stringify(file)})`;
    const {status, stdout, stderr} = spawnSync(process.execPath, ['--input-type=module', '-e', script], {encoding: 'utf8'});
    if (status !== 0) throw new Error(`${file} under ${tree}: ${stderr}`);
    total += Number(stdout);
  }
  return total;
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

const other = fs.mkdtempSync(path.join(os.tmpdir(), 'tierscape-speed-'));
try {
  checkOut(other);
  const ratios = [];
  for (let pair = 0; pair < Number(pairs); pair++) {
    const order = pair % 2 === 0 ? [other, root] : [root, other];
    const seconds = new Map(order.map((tree) => [tree, cpuSeconds(tree)]));
    ratios.push(seconds.get(root) / seconds.get(other));
    console.log(
      `pair ${pair + 1}: ${seconds.get(other).toFixed(2)} s then, ${seconds.get(root).toFixed(2)} s now, ratio ${ratios.at(-1).toFixed(3)}`,
    );
  }
  const stream = new Stream(1, 'bootstrap');
  const medians = Array.from({length: RESAMPLES}, () => median(ratios.map(() => ratios[stream.below(ratios.length)]))).sort(
    (a, b) => a - b,
  );
  const [low, high] = [medians[Math.floor(0.025 * RESAMPLES)], medians[Math.floor(0.975 * RESAMPLES)]];
  const slower = low > LIMIT;
  console.log(
    `CPU now / under ${commit}: ${median(ratios).toFixed(3)}, 95 % from ${low.toFixed(3)} to ${high.toFixed(3)}: ${slower ? 'SLOWER' : 'not shown to be slower'}`,
  );
  process.exitCode = slower ? 1 : 0;
} finally {
  fs.rmSync(other, {recursive: true, force: true});
}
