/** The contract of the command line: exit codes, what goes where, and that nobody sees a stack trace for a mistake of his own. */
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {agents, few, interrupted, root, shell, temporary, tierscape, type Ran} from './support.ts';

let directory = '';
beforeAll(() => {
  directory = temporary();
});
afterAll(() => fs.rmSync(directory, {recursive: true, force: true}));

function refused(ran: Ran, code: number, message: string | RegExp): void {
  expect(ran.err).toMatch(message);
  expect(ran.err).not.toMatch(/^\s+at /m);
  expect(ran.out).toBe('');
  expect(ran.code).toBe(code);
}

describe('what is printed where', () => {
  test('run prints its question, its answer and its tables on stdout, and nothing on stderr', () => {
    const {code, out, err} = tierscape(['run', agents, ...few]);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^Forty coding agents/);
    expect(out).toMatch(/p99 TTFT is /);
    expect(out).toMatch(/digest [0-9a-f]{16}/);
  });

  test('--json prints the summary alone', () => {
    const {code, out, err} = tierscape(['run', agents, ...few, '--json']);
    expect([code, err]).toEqual([0, '']);
    expect((JSON.parse(out) as {scenario: string}).scenario).toBe('agents-on-one-server');
  });

  test('--quiet prints nothing but warnings, on stderr; with --json the summary remains', () => {
    const quiet = tierscape(['run', agents, ...few, '--quiet']);
    expect([quiet.code, quiet.out]).toEqual([0, '']);
    expect(quiet.err.split('\n').filter((line) => line !== '' && !line.startsWith('warning: '))).toEqual([]);
    expect(JSON.parse(tierscape(['run', agents, ...few, '--quiet', '--json']).out)).toHaveProperty('digest');
  });

  test('no colours and no bar where there is no terminal, with or without --no-color and NO_COLOR', () => {
    for (const [args, env] of [
      [[], {}],
      [['--no-color'], {FORCE_COLOR: '1'}],
      [[], {NO_COLOR: '1'}],
    ] as const) {
      const {out, err} = tierscape(['run', agents, ...few, ...args], {env});
      expect(out + err).not.toContain('\u001b');
    }
  });

  test('--seed changes the arrivals, and the same seed does not', () => {
    const digest = (...args: string[]): string =>
      (JSON.parse(tierscape(['run', agents, ...few, '--json', ...args]).out) as {digest: string}).digest;
    const first = digest();
    expect(digest('--seed', '1')).toBe(first);
    expect(digest('--seed', '2')).not.toBe(first);
  });

  test('a reader that has seen enough ends it quietly', () => {
    const {err, out} = shell(
      `tierscape explain | head -n 1; echo "\${PIPESTATUS[0]}"; tierscape run ${agents} ${few.map((word) => `'${word}'`).join(' ')} | true; echo "\${PIPESTATUS[0]}"`,
    );
    expect(err).toBe('');
    expect(out.split('\n').filter((line) => /^\d+$/.test(line))).toEqual(['0', '0']);
  });

  test('a terminal gets colours, and a bar for work of more than a second', () => {
    const line = `run ${agents} --set limits.requests=8000`;
    const terminal = `script -qec '"${process.execPath}" dist/cli/main.js ${line}' /dev/null </dev/null`;
    const {out} = shell(`unset NO_COLOR; CI=1 TERM=xterm ${terminal}`);
    if (/script: (command )?not found/.test(out)) return;
    expect(out).toContain('\u001b[1m');
    expect(out).toMatch(/\[#* *\] +\d+ % \d+ requests/);
    expect(shell(`TERM=dumb ${terminal.replace('requests=8000', 'requests=60')}`).out).not.toContain('\u001b[1m');
  });
});

describe('exit code 1: a check failed', () => {
  test('an expect: line that does not hold', () => {
    const {code, out} = tierscape(['run', agents, ...few, '--set', 'expect=[ttft.p99 < 1 us, cache.hitRatio >= 0 %]']);
    expect(code).toBe(1);
    expect(out).toContain('FAILS: ttft.p99 < 1 us (found ');
    expect(out).toContain('holds: cache.hitRatio >= 0 %');
  });

  test('all of them hold: 0', () => {
    expect(tierscape(['run', agents, ...few, '--quiet', '--set', 'expect=[ttft.p99 < 1 h]']).code).toBe(0);
  });
});

describe('exit code 2: the input is wrong', () => {
  test.each([
    [['run'], 'missing required argument'],
    [['rnu'], 'Did you mean run'],
    [['run', 'a.yaml', 'b.yaml'], 'too many arguments'],
    [['run', agents, '--sed', '3'], '(Did you mean one of --seed, --set?)'],
    [['run', 'nowhere.yaml'], 'cannot read nowhere.yaml: there is no such file'],
    [['run', 'scenarios'], 'cannot read scenarios: it is a directory'],
    [['validate', agents, '--set', 'tiers.nvme.drives=0'], '--set tiers.nvme.drives=0'],
    [['validate', agents, '--set', 'tiers'], '--set tiers: write a path and a value'],
    [['run', agents, '--seed', '-1'], '--seed -1: write a whole number'],
    [['size', agents, '--tokens', 'many'], '--tokens many: write a whole number'],
    [['explain', 'h100-sxn'], 'did you mean "h100-sxm"'],
    [['completion', 'tcsh'], 'Allowed choices are bash, zsh, fish'],
    [['run', agents, '--journal'], '--journal writes journal.bin into --out'],
    [['run', agents, '--accesses'], '--accesses writes accesses.bin into --out'],
    [['run', agents, '--out', ''], '--out: name a directory'],
    [['run', agents, '--out', 'README.md'], 'a file of this name is in the way'],
    [['run', agents, '--out', 'src'], 'the directory holds'],
    [['replay', 'README.md'], 'no journal of tierscape'],
    [['report', 'src'], 'holds no summary.json'],
  ] as const)('tierscape %j', (args, message) => refused(tierscape(args), 2, message));

  test('no arguments: the help, on stderr', () => refused(tierscape([]), 2, /Usage: tierscape[\s\S]*completion/));

  test('text that is not UTF-8', () => {
    fs.writeFileSync(path.join(directory, 'latin.yaml'), Buffer.from('version: 1\nname: caf\xe9\n', 'latin1'));
    fs.writeFileSync(path.join(directory, 'wide.yaml'), Buffer.from('\ufeffversion: 1\n', 'utf16le'));
    refused(tierscape(['validate', path.join(directory, 'latin.yaml')]), 2, /latin\.yaml:2:10: the text is not UTF-8/);
    refused(tierscape(['validate', path.join(directory, 'wide.yaml')]), 2, /UTF-16: save it as UTF-8/);
  });

  test('validate goes on after a bad file', () => {
    fs.writeFileSync(path.join(directory, 'bad.yaml'), 'version: 2\n');
    const {code, out, err} = tierscape(['validate', path.join(directory, 'bad.yaml'), agents]);
    expect(code).toBe(2);
    expect(err).toContain('bad.yaml:1:10: error: version');
    expect(out).toContain('agents-on-one-server is valid');
  });
});

describe('exit code 2: the trace is wrong', () => {
  const mooncake = (trace: string): Ran =>
    tierscape(['run', path.join(root, 'scenarios/mooncake-real-trace.yaml'), '--set', `workload.path=${trace}`, '--quiet']);
  const line = '{"timestamp": 0, "input_length": 600, "output_length": 20, "hash_ids": [1, 2]}\n';
  const write = (name: string, contents: string | Uint8Array): string => {
    fs.writeFileSync(path.join(directory, name), contents);
    return path.join(directory, name);
  };

  test('a good one is served', () => {
    const {code, err} = mooncake(write('good.jsonl', line.repeat(3)));
    expect([code, err.replaceAll(/warning: .*\n/g, '')]).toEqual([0, '']);
  });

  test('an archive that is cut short', () => {
    const whole = zlib.gzipSync(line.repeat(1000));
    expect(mooncake(write('whole.jsonl.gz', whole)).code).toBe(0);
    refused(mooncake(write('cut.jsonl.gz', whole.subarray(0, whole.length - 20))), 2, /cut\.jsonl\.gz:1: the archive cannot be unzipped/);
  });

  test('a line that is no JSON', () =>
    refused(mooncake(write('broken.jsonl', `${line}{"timestamp": 1,\n${line}`)), 2, /broken\.jsonl:2: expected JSON/));
  test('an empty trace', () => refused(mooncake(write('empty.jsonl', '')), 2, /empty\.jsonl/));
  test('a trace that is not there', () => refused(mooncake(path.join(directory, 'absent.jsonl')), 2, /no trace at .*absent\.jsonl/));
  test('a directory without a trace', () => {
    fs.mkdirSync(path.join(directory, 'none'));
    refused(mooncake(path.join(directory, 'none')), 2, /no trace at/);
  });
});

describe('exit code 3: a file or device failed', () => {
  test.each(['/dev/full/out', '/proc/nowhere/out'])('--out %s', (out) =>
    refused(tierscape(['run', agents, ...few, '--out', out]), 3, `cannot write ${out}: `),
  );

  test('a disk that is full', () => {
    const out = path.join(directory, 'full');
    const {code, err} = shell(`trap '' XFSZ; ulimit -f 8; tierscape run ${agents} --quiet --set limits.requests=600 --out ${out}`);
    expect(err).toMatch(/cannot write .*full: E(FBIG|NOSPC)/);
    expect(code).toBe(3);
    expect(fs.readdirSync(directory).filter((name) => name.startsWith('full'))).toEqual([]);
  });
});

describe('exit code 130: interrupted', () => {
  test('a run in the middle of its work ends at once and leaves nothing, and what was there before stays', async () => {
    const out = path.join(directory, 'interrupted');
    tierscape(['run', agents, ...few, '--quiet', '--out', out]);
    const before = fs.readFileSync(path.join(out, 'summary.json'), 'utf8');
    const code = await interrupted(['run', agents, '--set', 'limits.requests=10000000', '--out', out], 'SIGINT', () =>
      fs.existsSync(`${out}.partial/requests.csv`),
    );
    expect(code).toBe(130);
    expect(fs.existsSync(`${out}.partial`)).toBe(false);
    expect(fs.readFileSync(path.join(out, 'summary.json'), 'utf8')).toBe(before);
  });
});

describe('replay', () => {
  test('the same commands: 0; another journal: 1; half a journal: 2', () => {
    const out = path.join(directory, 'journalled');
    expect(tierscape(['run', agents, ...few, '--quiet', '--out', out, '--journal']).code).toBe(0);
    const file = path.join(out, 'journal.bin');
    expect(tierscape(['replay', file])).toMatchObject({code: 0, err: ''});
    expect(JSON.parse(tierscape(['replay', out, '--json']).out)).toMatchObject({equal: true});
    const bytes = fs.readFileSync(file);
    const spoiled = Buffer.from(bytes);
    spoiled.writeDoubleLE(spoiled.readDoubleLE(spoiled.length - 8) + 1, spoiled.length - 8);
    fs.writeFileSync(path.join(directory, 'spoiled.bin'), spoiled);
    expect(tierscape(['replay', path.join(directory, 'spoiled.bin')])).toMatchObject({code: 1, err: ''});
    fs.writeFileSync(path.join(directory, 'half.bin'), bytes.subarray(0, bytes.length / 2));
    refused(tierscape(['replay', path.join(directory, 'half.bin')]), 2, 'cut short');
  });
});

describe('completion', () => {
  test('bash completes commands, options and shells', () => {
    const complete = (words: string, at: number): string =>
      shell(`source <(tierscape completion bash); COMP_WORDS=(${words}); COMP_CWORD=${at}; _tierscape; echo "\${COMPREPLY[@]}"`).out.trim();
    expect(complete('tierscape va', 1)).toBe('validate');
    expect(complete('tierscape run --jo', 2)).toBe('--journal');
  });

  test.each(['bash', 'zsh', 'fish'])('the %s script names every command', (name) => {
    const {out} = tierscape(['completion', name]);
    for (const [command] of tierscape(['--help']).out.matchAll(/^ {2}(?!help)[a-z]+(?= |$)/gm)) expect(out).toContain(command.trim());
  });
});
