/** SimGrid (https://simgrid.org, Debian's libsimgrid-dev) on the flows of loop.ts; null where it is missing. */
import {execFileSync, spawnSync} from 'node:child_process';
import path from 'node:path';
import type {Loop} from './loop.ts';

export interface Reference {
  /** CPU seconds of a closed loop. */
  seconds(loop: Loop): number;
  /** When each flow of openArrivals() ended, in seconds. */
  ends(hosts: number, flows: number): number[];
}

export function simgrid(): Reference | null {
  const program = path.resolve('results/bench/simgrid');
  const source = path.resolve('bench/networks/simgrid.cpp');
  const built = spawnSync('g++', ['-O2', '-std=c++17', source, '-lsimgrid', '-o', program], {stdio: 'ignore'}).status === 0;
  if (!built) return null;
  const run = (...words: (string | number)[]): string =>
    execFileSync(program, words.map(String), {encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 2 ** 28}).trim();
  return {
    seconds: ({hosts, perHost, flows}) => Number(run('closed', hosts, perHost, flows).split(' ')[0]),
    ends: (hosts, flows) => run('open', hosts, flows).split('\n').map(Number),
  };
}
