/** Names of content with a salt: those of another tenant, or of another version of the model, never meet. */
import {assert} from '../base/assert.ts';

/** Content ids of a workload lie below the first; those from the second on are nobody else's in any case. */
const SALT = 2 ** 38;
const PRIVATE_IDS = 2 ** 52;
const SALTS_MAX = PRIVATE_IDS / SALT;

export class Salts {
  private readonly numbers = new Map<string, number>();

  /** A number of its own for each tenant and version. @throws where there are more than 16,384 */
  of(tenant: string, version: number): number {
    const key = `${version} ${tenant}`;
    let salt = this.numbers.get(key);
    if (salt === undefined) this.numbers.set(key, (salt = this.numbers.size));
    assert(salt < SALTS_MAX, `more than ${SALTS_MAX} tenants and versions of the model`);
    return salt;
  }
}

/** Runs [first id, count, ...] as they are called under a salt. */
export function salted(runs: readonly number[], salt: number): readonly number[] {
  if (salt === 0) return runs;
  return runs.map((word, i) => {
    if (i % 2 === 1 || word >= PRIVATE_IDS) return word;
    assert(word < SALT, `content id ${word} is too large to be salted`);
    return word + salt * SALT;
  });
}
