/** One run of a scenario under a built tree; prints its CPU seconds, without those of loading the program. */
import fs from 'node:fs';
import path from 'node:path';
import {pathToFileURL} from 'node:url';

export async function run(tree, file) {
  const load = (name) => import(pathToFileURL(path.join(tree, 'dist', name)).href);
  const {catalogue, loadScenario, openSource, simulate} = await load('index.js');
  const scenario = loadScenario(fs.readFileSync(file, 'utf8'), {file}, catalogue);
  const before = process.cpuUsage();
  simulate(scenario, openSource(scenario, []));
  const {user, system} = process.cpuUsage(before);
  process.stdout.write(String((user + system) / 1e6));
}
