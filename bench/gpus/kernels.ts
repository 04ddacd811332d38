/**
 * Measured kernels beside what the formulas say: each profile fitted on half of its points, errors on the other half; and the shipped
 * presets on all points of the profiles that they were fitted to.
 *   npm run bench:gpus
 * Reads ../shared/truth/gpu-ops, and says so where it is absent. Columns and formulas: docs/model/gpus.md.
 */
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import {catalogue} from '../../src/catalogue.ts';
import {calibrate, errorsOf, type KernelErrors} from '../../src/gpus/calibrate.ts';
import {readProfile} from '../../src/gpus/kernelProfile.ts';
import {named} from '../../src/scenario/catalogue.ts';
import {gpuParams, modelParams, type Gpu, type Model, type Preset} from '../../src/scenario/hardware.ts';
import type {Params} from '../../src/base/params.ts';
import {valuesOf} from '../../src/scenario/values.ts';

const directory = path.resolve('../shared/truth/gpu-ops');

interface Profile {
  readonly gpu: string;
  readonly model: string;
  readonly tensor: number;
  readonly files: readonly string[];
}

const profiles: readonly Profile[] = [
  {
    gpu: 'rtx-pro-6000',
    model: 'llama-3.1-8b',
    tensor: 1,
    files: ['dense', 'per_sequence', 'attention'].map((kind) => `rtxpro6000.llama-3.1-8b.bf16.tp1.${kind}.csv.gz`),
  },
  {gpu: 'h100-sxm', model: 'llama-3.1-8b', tensor: 1, files: ['h100.llama-3.1-8b.bf16.tp1.layers.csv.gz']},
  {
    gpu: 'h100-sxm',
    model: 'llama-3.1-70b',
    tensor: 4,
    files: ['h100.llama-3.1-70b.bf16.tp4.layers.csv.gz', 'h100.llama-3.1-70b.bf16.tp4.attention.csv.gz', 'h100-dgx.all_reduce.csv.gz'],
  },
];

function preset(presets: readonly Preset[], params: Params, name: string): object {
  return {name, ...valuesOf(params, {}, named(presets, name), [])};
}

function print(title: string, errors: readonly KernelErrors[]): void {
  console.log(`\n${title}`);
  console.log(`${'kernel'.padEnd(24)}${['points', 'median', 'MAPE', 'p95', 'max', 'bias'].map((head) => head.padStart(9)).join('')}`);
  for (const {label, points, median, mean, p95, max, bias} of errors)
    console.log(
      `${label.padEnd(24)}${String(points).padStart(9)}${[median, mean, p95, max, bias].map((share) => `${(share * 100).toFixed(1)} %`.padStart(9)).join('')}`,
    );
}

for (const {gpu: gpuName, model: modelName, tensor, files} of profiles) {
  const there = files.map((file) => path.join(directory, file)).filter((file) => fs.existsSync(file));
  if (there.length < files.length) {
    console.log(`skipped: ${path.join(directory, files[0]!)} and its like are not there`);
    continue;
  }
  const model = preset(catalogue.models, modelParams, modelName) as Model;
  const gpu = preset(catalogue.gpus, gpuParams, gpuName) as Gpu;
  const points = there.flatMap((file) =>
    readProfile(path.basename(file), zlib.gunzipSync(fs.readFileSync(file)).toString('utf8'), {model, tensor}),
  );
  const {errors, fitted} = calibrate(points, gpu);
  print(`${gpuName}, ${modelName}, ${tensor} rank(s): fitted on ${fitted} points, errors on the others`, errors);
  print(`${gpuName}, ${modelName}, ${tensor} rank(s): the preset as shipped, on all points`, errorsOf(points, gpu));
}
