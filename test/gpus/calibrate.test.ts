import {describe, expect, test} from 'vitest';
import {calibrate} from '../../src/gpus/calibrate.ts';
import {fitLog} from '../../src/base/fit.ts';
import {ProfileError, readProfile} from '../../src/gpus/kernelProfile.ts';
import type {Gpu} from '../../src/scenario/hardware.ts';
import {scenario} from '../simulation/fixture.ts';
import {model} from './fixture.ts';

const profiled = {model: model({experts: 64, activeExperts: 4, expertSize: 1024}), tensor: 1};
const start: Gpu = scenario().servers.server.gpu;
/** A GPU that no profile was made of: what a fit must find again. */
const planted: Gpu = {
  ...start,
  matrixCompute: 0.71,
  matrixBandwidth: 0.83,
  matrixWaves: 0.3,
  matrixOverhead: 4100,
  expertCompute: 0.33,
  expertBandwidth: 0.66,
  expertOverhead: 21_000,
  pointwiseBandwidth: 1.4,
  pointwiseOverhead: 3300,
  decodeBandwidth: 0.77,
  decodeSaturation: 9,
  decodeOverhead: 14_000,
  decodeTileOverhead: 900,
  attentionCompute: 0.41,
  attentionAlone: 3,
  attentionOverhead: 9000,
  mixedBandwidth: 0.47,
  mixedReuseBytes: 1.5e8,
  mixedTileOverhead: 3500,
  emptyTileOverhead: 500,
  collectiveBandwidth: 0.6,
  collectiveOverhead: 17_000,
};

/** A CSV whose times are what the planted GPU takes: read with times of 1, predicted, written again. */
function profile(header: string, rows: readonly string[]): string {
  const points = readProfile('planted.csv', [header, ...rows.map((row) => `${row},1`)].join('\n'), profiled);
  return [header, ...rows.map((row, i) => `${row},${points[i]!.predict(planted) / (header.includes('_us') ? 1e3 : 1e6)}`)].join('\n');
}

const product = (...lists: readonly (readonly (string | number)[])[]): string[] =>
  lists.reduce<string[]>((rows, list) => rows.flatMap((row) => list.map((item) => (row === '' ? String(item) : `${row},${item}`))), ['']);

test('a fit finds planted coefficients again', () => {
  const csv = [
    profile(
      'layer,tokens,time_us',
      product(
        ['qkv_proj', 'o_proj', 'gate_up_proj', 'down_proj', 'layernorm', 'rotary_emb', 'act_fn'],
        [1, 2, 8, 32, 100, 128, 200, 300, 400, 640, 900, 1300, 2048, 3000],
      ),
    ),
    profile('prefill_chunk,kv_prefill,n_decode,kv_decode,time_us', [
      ...product([0], [0], [1, 2, 4, 8, 32, 64, 128], [16, 128, 1024, 4096, 16384]),
      ...product([16, 100, 512, 2048, 4096], [0, 700, 4096, 16384], [0], [0]),
      ...product([16, 512, 2048], [0, 1024], [1, 8, 64, 128, 256], [16, 512, 4096, 16384]),
    ]),
    profile(
      'tokens,activated_experts,time_us',
      [1, 4, 16, 64, 128, 256, 512, 1024, 2048, 4096].flatMap((tokens) => [8, 30, 64].map((met) => `${tokens},${met}`)),
    ),
    profile('num_workers,size,time_stats.all_reduce.median', product([2, 4, 8], [1024, 65536, 1e6, 1e7, 1e8])),
  ];
  const {values, errors} = calibrate(
    csv.flatMap((text) => readProfile('planted.csv', text, profiled)),
    start,
  );
  expect(Object.keys(values)).toHaveLength(22);
  for (const [field, value] of Object.entries(values))
    expect([field, value / (planted[field as keyof Gpu] as number)]).toEqual([field, expect.closeTo(1, 2)]);
  for (const {label, max} of errors) expect([label, max]).toEqual([label, expect.closeTo(0, 2)]);
});

test('a fit stays within bounds, and outliers do not pull it', () => {
  const times = [100, 200, 300, 4000, 500, 600, 700];
  const [rate] = fitLog([{name: 'rate', min: 1, max: 1000, start: 3}], 7, ([value], into) =>
    times.forEach((time, i) => (into[i] = Math.log((value! * (i + 1)) / time))),
  );
  expect(Math.abs(rate! / 100 - 1)).toBeLessThan(0.02); // least squares would say 139
  const [bounded] = fitLog([{name: 'rate', min: 1, max: 50, start: 3}], 7, ([value], into) =>
    times.forEach((time, i) => (into[i] = Math.log((value! * (i + 1)) / time))),
  );
  expect(bounded).toBeCloseTo(50, 6);
});

describe('a profile', () => {
  const read = (csv: string): unknown => readProfile('p.csv', csv, profiled);
  test('of unknown columns, of missing cells, of words for numbers is refused with its line', () => {
    expect(() => read('a,b\n1,2')).toThrow(
      new ProfileError('p.csv', 1, 'no profile of kernels has the columns a,b; docs/model/gpus.md lists those that are known'),
    );
    expect(() => read('layer,tokens,time_us\no_proj,1')).toThrow('p.csv:2: expected 3 cells, found 2');
    expect(() => read('layer,tokens,time_us\no_proj,1,3\no_proj,two,3')).toThrow('p.csv:3: tokens: expected a number, found "two"');
  });

  test("counts Vidur's decode cache over the batch, and its prefill cache with the chunk", () => {
    const header = 't.attn_prefill.median,t.attn_decode.median,batch_size,prefill_chunk_size,kv_cache_size,is_prefill';
    const [prefill, decode] = readProfile('p.csv', `${header}\n1,,1,100,300,True\n,1,8,0,8000,False`, profiled);
    const [own] = readProfile('p.csv', 'prefill_chunk,kv_prefill,n_decode,kv_decode,time_us\n100,200,0,0,1', profiled);
    const [other] = readProfile('p.csv', 'prefill_chunk,kv_prefill,n_decode,kv_decode,time_us\n0,0,8,1000,1', profiled);
    expect(prefill!.predict(start)).toBe(own!.predict(start));
    expect(decode!.predict(start)).toBe(other!.predict(start));
  });
});
