/** tierscape explain [TOPIC]: any kind, parameter, preset or metric, with its source. */
import type {Command} from 'commander';
import {catalogue} from '../catalogue.ts';
import {explainTopic, suggestTopic, topicGroups} from '../scenario/explain.ts';
import {calibrationText} from './calibrationFile.ts';
import {readText} from './scenarioFile.ts';
import {UserError} from './userError.ts';

export function register(program: Command): void {
  program
    .command('explain')
    .argument('[topic]', 'a kind, parameter, preset or metric, such as nvme, tiers.nvme.drives, h100-sxm, ttft.p99; or a calibration file')
    .description('what a name means, with the source of every number')
    .action((topic?: string) => {
      const text =
        topic === undefined ? topics() : /\.ya?ml$/.test(topic) ? calibrationText(readText(topic), topic) : explainTopic(topic, catalogue);
      if (text === null) throw new UserError(suggestTopic(topic!, catalogue));
      process.stdout.write(`${text}\n`);
    });
}

function topics(): string {
  const groups = topicGroups(catalogue).map(([group, names]) => `${group}:\n${wrapped(names)}`);
  return `tierscape explain TOPIC tells what a name means: one of these, any place in a scenario (tiers.nvme.drives), any figure (ttft.p99).\n\n${groups.join('\n\n')}`;
}

/** Names in lines of a terminal's width. */
function wrapped(names: readonly string[]): string {
  const lines = [' '];
  for (const name of names) {
    if (lines.at(-1)!.length + name.length > 98) lines.push(' ');
    lines.push(`${lines.pop()!} ${name}`);
  }
  return lines.join('\n');
}
