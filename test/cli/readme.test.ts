/** What README.md tells people to type works. */
import fs from 'node:fs';
import path from 'node:path';
import {parse} from 'yaml';
import {expect, test} from 'vitest';
import {agents, few, root, shell, temporary, tierscape} from './support.ts';

const readme = fs.readFileSync(path.join(root, 'README.md'), 'utf8');
const blocks = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) =>
  block!.split('\n').filter((line) => line.trim() !== ''),
);
const inline = [...readme.matchAll(/`([^`\n]+)`/g)].map(([, text]) => text!);

test('the main job runs as it stands, and writes what is promised', () => {
  const line = blocks.find((one) => one.includes('tierscape run'))!;
  const command = line
    .replace(/\s+#.*$/, '')
    .split('&&')
    .at(-1)!
    .trim()
    .replace(/^npx /, '');
  const directory = temporary();
  const {code, out, err} = shell(command.replace('results/first', path.join(directory, 'first')));
  expect([code, err]).toEqual([0, '']);
  expect(out).toContain('p99 TTFT is');
  for (const name of ['summary.json', 'requests.csv', 'sessions.csv', 'timeline.csv', 'tiers.csv', 'report.html'])
    expect(fs.existsSync(path.join(directory, 'first', name)), name).toBe(true);
  fs.rmSync(directory, {recursive: true, force: true});
});

test('the other line of the two is the one that CI runs', () => {
  const scripts = (JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as {scripts: {[name: string]: string}}).scripts;
  expect(blocks.some((line) => line.startsWith('npm ci && npm test'))).toBe(true);
  expect(scripts).toHaveProperty('test');
  for (const [, name] of readme.matchAll(/npm run ([\w:]+)/g)) expect(scripts, name).toHaveProperty(name!);
});

test('every command that is named is there, with the options that are named', () => {
  const commands = inline.filter((text) => text.startsWith('tierscape '));
  expect(commands.length).toBeGreaterThan(3);
  for (const text of commands) {
    const words = text.split(' ').slice(1);
    const name = words.slice(0, words[0] === 'device' ? 2 : 1);
    const {code, out} = tierscape([...name, '--help']);
    expect([...name, code]).toEqual([...name, 0]);
    for (const [flag] of text.matchAll(/--[a-z]+/g)) expect(out, text).toContain(flag);
  }
});

test('every explain, --set and expect example is understood', () => {
  const topics = inline.filter((text) => text.startsWith('explain ')).map((text) => text.slice('explain '.length));
  for (const topic of topics) expect(tierscape(['explain', topic]).code, topic).toBe(0);
  const sets = inline.filter((text) => text.startsWith('--set ') && !/PATH|value$/.test(text));
  for (const text of sets) expect(shell(`tierscape validate ${agents} ${text}`), text).toMatchObject({code: 0});
  const conditions = inline.filter((text) => /^[a-z]+\.[\w.]+ *(<=|>=) *\S/.test(text));
  for (const text of conditions)
    expect(tierscape(['run', agents, ...few, '--quiet', '--set', `expect=['${text}']`]).code, text).toBeLessThan(2);
  expect([topics.length, sets.length, conditions.length].every((count) => count > 0)).toBe(true);
});

test('every link to a file leads to one, and every scenario is named', () => {
  const targets = [...readme.matchAll(/\]\((?!http)([^)#]+)\)/g)].map(([, target]) => target!);
  const assembled = 'docs/model.md'; // put together from docs/model/*.md
  for (const target of targets.filter((one) => one !== assembled)) expect(fs.existsSync(path.join(root, target)), target).toBe(true);
  for (const name of fs.readdirSync(path.join(root, 'scenarios')).filter((one) => one.endsWith('.yaml'))) {
    expect(parse(fs.readFileSync(path.join(root, 'scenarios', name), 'utf8'))).toHaveProperty('question');
    expect(readme, name).toContain(`scenarios/${name}`);
  }
});
