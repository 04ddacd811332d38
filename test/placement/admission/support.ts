/** Admissions of the catalogue, made by hand. */
import {catalogue} from '../../../src/catalogue.ts';
import type {Admission, AdmissionSpace, Offer} from '../../../src/placement/ports.ts';
import {defaultsOf} from '../../lab/support.ts';

export const BLOCK_BYTES = 1e6;

/** Admissions that are asked. */
export const names = catalogue.admissions.map(({name}) => name).filter((name) => name !== 'always');

/** A pool of a thousand blocks of a megabyte, each of which takes a millisecond to compute and one more for each block before it. */
export function spaceOf(over: Partial<AdmissionSpace> = {}): AdmissionSpace {
  return {
    name: 'nvme0',
    seed: 1,
    capacity: 1000,
    blockBytes: BLOCK_BYTES,
    occasion: {now: 0},
    recomputeNs: (depth) => 1e6 * (1 + depth),
    ratedBytesPerDay: 1e12,
    ...over,
  };
}

export function creatorOf(name: string, values: object = {}): (space: AdmissionSpace) => Admission | null {
  const kind = catalogue.admissions.find((one) => one.name === name)!;
  const create = kind.create as (values: object, space: AdmissionSpace) => Admission | null;
  return (space) => create({...defaultsOf(kind.params), ...values}, space);
}

export function made(name: string, values: object = {}, over: Partial<AdmissionSpace> = {}): Admission {
  return creatorOf(name, values)(spaceOf(over))!;
}

export function offerOf(keys: readonly number[], depth = 0, continues = false): Offer {
  return {count: keys.length, keys: Int32Array.from(keys), depth, continues};
}
