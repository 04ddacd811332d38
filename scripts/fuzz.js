/** The tests with properties drawn anew: prints the seed, and runs vitest with it. FC_SEED=n repeats one. */
import {spawnSync} from 'node:child_process';

const seed = process.env.FC_SEED ?? String(Date.now() % 2147483647);
console.log(`FC_SEED=${seed}`);
const {status} = spawnSync('npx', ['vitest', 'run', ...process.argv.slice(2)], {stdio: 'inherit', env: {...process.env, FC_SEED: seed}});
process.exitCode = status ?? 1;
