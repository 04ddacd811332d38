/** Prints the quantiles of src/workload/agentStatistics.ts from the recorded sessions. */
import {readFileSync, readdirSync} from 'node:fs';
import path from 'node:path';
import {gunzipSync} from 'node:zlib';
import {isSubagent, readAgentFile} from '../../src/workload/agentFile.ts';
import type {Agent, AgentFile, AgentRequest, Subagent} from '../../src/workload/agentFile.ts';
import {breakSeconds, earlyTurns, subagentEarlyTurns} from '../../src/workload/agentStatistics.ts';
import type {Change} from '../../src/workload/agentDraws.ts';
import {levels} from '../../src/workload/marginal.ts';
import {sortOf} from './dependence.ts';

export function printTables(folder: string): void {
  const samples = new Map<string, number[]>();
  const add = (name: string, value: number): void => {
    samples.set(name, [...(samples.get(name) ?? []), value]);
  };
  for (const name of readdirSync(folder))
    addFile(readAgentFile(JSON.parse(gunzipSync(readFileSync(path.join(folder, name))).toString())), add);
  for (const [name, values] of samples) {
    if (name.startsWith('rewrites')) {
      console.log(`${name}: ${values.reduce((sum, value) => sum + value, 0)} of ${values.length}`);
      continue;
    }
    values.sort((a, b) => a - b);
    const quantiles = levels.map((level) => rounded(values[Math.max(0, Math.ceil(level * values.length) - 1)]));
    console.log(`export const ${name} = [${quantiles.join(', ')}]; // of ${values.length}`);
  }
}

type Add = (name: string, value: number) => void;

function addFile(file: AgentFile, add: Add): void {
  const own = file.entries.filter((entry): entry is AgentRequest => !isSubagent(entry));
  const sort = titled(sortOf(own.map((request) => request.inputTokens)));
  add('prefixTokens', prefixOf(file));
  add(`requests${sort}`, own.length);
  add(`first${sort}`, own[0].inputTokens - prefixOf(file));
  own.forEach((request) => add('output', Math.max(1, request.outputTokens)));
  const changes = own.map((request, turn) => (turn === 0 ? 'first' : changeOf(own[turn - 1], request)));
  addSteps(own, changes, sort === 'Fresh' ? ['opening', ...Array(earlyTurns - 1).fill('early')] : [], 'growth', add);
  own.forEach((request, turn) => {
    const change = changes[turn];
    if (change === 'compacted') add('compaction', request.inputTokens / own[turn - 1].inputTokens);
    if (turn > 0 && change !== 'compacted') {
      const place = changes[turn - 1] === 'compacted' ? 'AfterCompaction' : turn === 1 ? 'AtSecond' : '';
      add(`rewrites${place}`, change === 'rewritten' ? 1 : 0);
    }
    if (turn === 0 || isSubagent(file.entries[file.entries.indexOf(request) - 1])) return;
    const isReturn = change !== 'extended' && changes[turn - 1] !== 'compacted';
    const seconds = Math.max(0.1, request.thinkSeconds ?? 0);
    if (isReturn) add(change === 'rewritten' ? 'thinkRewritten' : 'thinkCompacted', seconds);
    else add(seconds > breakSeconds ? 'breakLength' : 'think', seconds);
  });
  for (const entry of file.entries) if (isSubagent(entry)) addSubagent(entry, add);
}

/** `extended` where nine tenths of the prompt before lead this one; else `compacted` where this one is shorter by a tenth. */
function changeOf(before: AgentRequest, request: AgentRequest): Change {
  let common = 0;
  while (common < before.ids.length && before.ids[common] === request.ids[common]) common++;
  if (common >= Math.min(before.ids.length - 1, 0.9 * before.ids.length)) return 'extended';
  return request.inputTokens < 0.9 * before.inputTokens ? 'compacted' : 'rewritten';
}

/** What extended prompts have more than the ones before: to the statistics of the first turns, then to another. */
function addSteps(requests: readonly AgentRequest[], changes: readonly Change[], first: readonly string[], then: string, add: Add): void {
  for (let turn = 1; turn < requests.length; turn++) {
    const step = requests[turn].inputTokens - requests[turn - 1].inputTokens;
    if (changes[turn] === 'extended' && step > 0) add(first[turn - 1] ?? then, step);
  }
}

function addSubagent(subagent: Subagent, add: Add): void {
  const requests = subagent.entries.filter((entry): entry is AgentRequest => !isSubagent(entry));
  add('subagentRequests', requests.length);
  add('subagentFirst', requests[0].inputTokens - prefixOf(subagent));
  const changes = requests.map((_, turn): Change => (turn === 0 ? 'first' : 'extended'));
  addSteps(requests, changes, Array(subagentEarlyTurns).fill('subagentEarly'), 'subagentGrowth', add);
  requests.forEach((request, turn) => {
    add('subagentOutput', Math.max(1, request.outputTokens));
    if (turn > 0) add('subagentThink', Math.max(0.1, request.thinkSeconds ?? 0));
  });
}

function titled(name: string): string {
  return name[0].toUpperCase() + name.slice(1);
}

function prefixOf(agent: Agent): number {
  return agent.toolTokens + agent.systemTokens;
}

function rounded(value: number): number {
  return value >= 10 ? Number(value.toPrecision(3)) : Number(value.toPrecision(2));
}
