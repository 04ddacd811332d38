/** tierscape calibrate gpu CSV...: fits a GPU's coefficients to measured kernels; prints errors on held-out points, writes YAML. */
import type {Command} from 'commander';
import {catalogue} from '../catalogue.ts';
import {calibrate, type Calibration} from '../gpus/calibrate.ts';
import {ProfileError, readProfile, type KernelPoint} from '../gpus/kernelProfile.ts';
import {named} from '../scenario/catalogue.ts';
import {gpuParams, modelParams, type Gpu, type Model, type Preset} from '../scenario/hardware.ts';
import type {Params} from '../base/params.ts';
import {formatQuantity, shortNumber} from '../base/units.ts';
import {valuesOf} from '../scenario/values.ts';
import {writeWhole} from './files.ts';
import {findTraceFiles} from './traceFiles.ts';
import {UserError} from './userError.ts';

interface CalibrateFlags {
  readonly gpu: string;
  readonly model: string;
  readonly tensor: number;
  readonly weights?: string;
  readonly out?: string;
}

export function register(program: Command): void {
  program
    .command('calibrate')
    .description('fit coefficients to measurements')
    .command('gpu')
    .argument('<csv...>', 'profiles of kernels: files, directories or globs; docs/model/gpus.md lists the columns')
    .description("fit a GPU's coefficients to measured kernels, and print the errors on held-out points")
    .requiredOption('--gpu <preset>', 'the GPU that was measured: its peaks, and what the profiles do not tell')
    .requiredOption('--model <preset>', 'the model whose layers were measured')
    .option('--tensor <n>', 'tensor-parallel ranks that its layers were cut over', parseRanks, 1)
    .option('--weights <precision>', 'precision of the weights: bf16, fp8 or fp4')
    .option('--out <file>', 'write the coefficients there as YAML: the servers.gpu of a scenario')
    .action((patterns: string[], flags: CalibrateFlags) => {
      const start = presetValues('GPU', catalogue.gpus, gpuParams, flags.gpu) as unknown as Gpu;
      const calibration = calibrate(readPoints(patterns, flags), start);
      for (const line of report(calibration)) process.stdout.write(`${line}\n`);
      const yaml = yamlOf(calibration, flags, patterns);
      if (flags.out === undefined) process.stdout.write(`\n${yaml}`);
      else writeWhole(flags.out, yaml);
    });
}

function readPoints(patterns: readonly string[], flags: CalibrateFlags): KernelPoint[] {
  const given = presetValues('model', catalogue.models, modelParams, flags.model) as unknown as Model;
  const model = flags.weights === undefined ? given : {...given, weights: precision(flags.weights)};
  const files = patterns.flatMap((pattern) => findTraceFiles(pattern, '.'));
  try {
    return files.flatMap((file) => readProfile(file.name, file.text(), {model, tensor: flags.tensor}));
  } catch (error) {
    throw error instanceof ProfileError ? new UserError(error.message) : error;
  }
}

function presetValues(what: string, presets: readonly Preset[], params: Params, name: string): object {
  const preset = named(presets, name);
  if (preset === undefined) throw new UserError(`no ${what} preset ${name}: one of ${presets.map((one) => one.name).join(', ')}`);
  return {name, ...valuesOf(params, {}, preset, [])};
}

function* report({errors, fitted}: Calibration): Generator<string> {
  yield `fitted on ${fitted} points; errors on the others:`;
  yield `${'kernel'.padEnd(24)}${['points', 'median', 'mean', 'p95', 'max', 'bias'].map((head) => head.padStart(9)).join('')}`;
  for (const {label, points, median, mean, p95, max, bias} of errors)
    yield `${label.padEnd(24)}${String(points).padStart(9)}${[median, mean, p95, max, bias].map((share) => `${(share * 100).toFixed(1)} %`.padStart(9)).join('')}`;
}

/** Lines under `servers: gpu:`. Usable as `--set "servers.gpu=$(cat FILE)"`. */
function yamlOf({values, errors, fitted}: Calibration, flags: CalibrateFlags, patterns: readonly string[]): string {
  const lines = Object.entries(values).map(([name, value]) => {
    const param = gpuParams[name as keyof typeof gpuParams];
    return `${name}: ${param.type !== 'quantity' ? shortNumber(value) : param.dimension === 'time' ? `${shortNumber(value / 1e3)} us` : formatQuantity(value, param.dimension)}`;
  });
  const worst = errors.map(({label, median}) => `${label} ${(median * 100).toFixed(1)} %`).join(', ');
  const names = patterns.map((pattern) => pattern.split('/').at(-1)).join(' ');
  return [
    `# Fitted by tierscape calibrate gpu on ${fitted} points of ${names} (${flags.model}, ${flags.tensor} tensor ranks).`,
    `# Median error on as many held-out points: ${worst}.`,
    `preset: ${flags.gpu}`,
    ...lines,
    '',
  ].join('\n');
}

function parseRanks(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new UserError(`--tensor ${text}: write a whole number of ranks`);
  return Number(text);
}

function precision(text: string): Model['weights'] {
  if (text === 'bf16' || text === 'fp8' || text === 'fp4') return text;
  throw new UserError(`--weights ${text}: write bf16, fp8 or fp4`);
}
