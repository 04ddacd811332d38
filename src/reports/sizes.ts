/** `tierscape size` as text. */
import {formatQuantity, shortNumber, wholeNumber} from '../base/units.ts';
import type {Sizes} from '../metrics/sizes.ts';

export function* sizeTable(sizes: Sizes): Generator<string> {
  const {instance, bounds} = sizes;
  yield `${sizes.model}: ${bytes(sizes.bytesPerToken)} of KV cache a token, ${bytes(sizes.blockBytes)} a block, ${bytes(sizes.sessionBytes)} a session of ${wholeNumber(sizes.sessionTokens)} tokens\n`;
  yield `HBM of an instance of ${instance.gpus} GPUs: ${bytes(instance.capacityBytes)} = ${bytes(instance.weightBytes)} weights + ${bytes(instance.reserveBytes)} reserve + ${bytes(instance.kvBytes)} KV cache + what utilisation leaves\n\n`;
  yield 'tier          pools      capacity        blocks        tokens      sessions\n';
  for (const tier of sizes.tiers)
    yield `${tier.name.padEnd(12)}${String(tier.pools).padStart(7)}${bytes(tier.capacityBytes).padStart(14)}${wholeNumber(tier.blocks).padStart(14)}${wholeNumber(tier.tokens).padStart(14)}${wholeNumber(tier.sessions).padStart(14)}\n`;
  yield '\ncontext        prefill    reloading is faster above\n';
  for (const row of sizes.breakEven)
    yield `${wholeNumber(row.tokens).padEnd(12)}${formatQuantity(row.prefillSeconds * 1e9, 'time').padStart(10)}    ${formatQuantity(row.bytesPerSecond, 'bytesPerSecond')} an instance\n`;
  yield `\nat most ${shortNumber(bounds.prefillTokensPerSecond)} tokens/s of prefill and ${shortNumber(bounds.decodeTokensPerSecond)} tokens/s of decode (batches of ${bounds.decodeBatch})\n`;
}

function bytes(value: number): string {
  return formatQuantity(value, 'bytes');
}
