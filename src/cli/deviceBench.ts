/** tierscape device bench PATH: sizes x depths x read shares, as fio would. */
import type {Command} from 'commander';
import {bench, type BenchOptions, type BenchResult} from '../runtime/bench.ts';
import type {EngineName} from '../runtime/ring.ts';
import {openTarget} from '../runtime/target.ts';
import {parseCore, parseCount, parseDepths, parseEngine, parseReads, parseSeconds, parseSizes} from './deviceOptions.ts';
import {benchCsv, benchHeader, benchRow, benchSvgs, engineLine} from './deviceReport.ts';
import {writeWhole} from './files.ts';
import {DeviceError, UserError} from './userError.ts';

interface BenchFlags {
  readonly sizes: number[];
  readonly depths: number[];
  readonly reads: number[];
  readonly seconds: number;
  readonly warm: number;
  readonly repeat: number;
  readonly engine: EngineName | 'auto';
  readonly core?: number;
  readonly write?: boolean;
  readonly json?: boolean;
  readonly csv?: string;
  readonly svg?: string;
  readonly out?: string;
}

export function register(device: Command): void {
  device
    .command('bench')
    .argument('<path>', 'a file or block device')
    .description('random requests at each size, depth and share of reads: IOPS, latency, CPU')
    .option('--sizes <list>', 'sizes of requests', parseSizes, parseSizes('4k,64k,512k,2m'))
    .option('--depths <list>', 'requests in flight', parseDepths, [1, 4, 16, 64, 256])
    .option('--reads <list>', 'percent of reads', parseReads, [1])
    .option('--seconds <time>', 'length of a run', parseSeconds, 1)
    .option('--warm <time>', 'time before anything counts', parseSeconds, 0.2)
    .option('--repeat <n>', 'runs of each point; the median is shown', parseCount, 3)
    .option('--engine <name>', 'auto, io_uring, native-pool or fs', parseEngine, 'auto')
    .option('--core <n>', 'run on this core', parseCore)
    .option('--write', 'allow writes, to what device prepare made')
    .option('--json', 'print the result, histograms included, alone')
    .option('--csv <file>', 'write a row a point there')
    .option('--svg <file>', 'write a picture there, one for each share of reads')
    .option('--out <file>', 'write the JSON there')
    .action(run);
}

async function run(path: string, flags: BenchFlags): Promise<void> {
  const writes = flags.reads.some((share) => share < 1);
  if (writes && !flags.write)
    throw new UserError('--reads below 100 writes random data: say --write, too, and device prepare makes what may be written to');
  const target = openTarget(path, {write: writes, purpose: 'bench', direct: flags.engine !== 'fs'});
  const options: BenchOptions = {
    engine: flags.engine,
    sizesBytes: flags.sizes,
    depths: flags.depths,
    readShares: flags.reads,
    warmSeconds: flags.warm,
    seconds: flags.seconds,
    repeat: flags.repeat,
    core: flags.core ?? null,
  };
  try {
    if (!flags.json) process.stdout.write(benchHeader());
    const result = await bench(target, options, (point) => flags.json || process.stdout.write(benchRow(point)));
    finish(result, flags);
  } finally {
    target.close();
  }
}

function finish(result: BenchResult, flags: BenchFlags): void {
  const text = `${JSON.stringify(result, null, 1)}\n`;
  if (flags.json) process.stdout.write(text);
  else process.stdout.write(engineLine(result.engine));
  for (const warning of result.warnings) process.stderr.write(`warning: ${warning}\n`);
  if (flags.csv !== undefined) writeWhole(flags.csv, benchCsv(result));
  if (flags.out !== undefined) writeWhole(flags.out, text);
  if (flags.svg !== undefined) for (const [file, picture] of benchSvgs(result, flags.svg)) writeWhole(file, picture);
  const broken = result.points.filter(({failed}) => failed > 0);
  if (broken.length > 0)
    throw new DeviceError(`requests failed at ${broken.length} of ${result.points.length} points (${broken[0]!.failure})`);
}
