/**
 * A server's NVMe drives as serving sees them: slabs of large immutable objects, striped over all drives. The group moves bytes at the sum of the
 * drives' rates, first come first served each way, and a slab ends with its slowest drive: rates and tail are those of the model that works
 * command by command (drive/), and a test holds that both give the same percentiles. Such objects are trimmed whole, so write amplification is 1.
 */
import {Stream} from '../base/random.ts';
import type {Kind, Params, ValuesOf} from '../base/params.ts';
import {BandwidthStation} from '../engine/bandwidthStation.ts';
import {driveFault, driveModel, sequentialReadRate, sequentialWriteRate} from './drive/model.ts';
import {driveParams} from './drive/params.ts';
import {companyOf, SlabTail} from './drive/slabTail.ts';
import {softwareOf, softwareParams} from './software.ts';
import {NS_PER_SECOND, type DeviceContext, type TierDevice} from './ports.ts';

const params = {
  drives: {type: 'number', min: 1, max: 1024, default: 8, meaning: 'Drives of each pool.', source: 'data drives of a DGX H100 or H200'},
  path: {
    type: 'choice',
    choices: ['bounce', 'direct'],
    default: 'bounce',
    meaning: 'Whether bytes between HBM and the drives cross host DRAM twice (bounce) or not at all (GPUDirect Storage).',
  },
  ...softwareParams,
  ...driveParams,
  activeWatts: {type: 'quantity', dimension: 'power', default: '18 W', meaning: 'Power of a busy drive.', source: 'Micron 9550 brief'},
  idleWatts: {
    type: 'quantity',
    dimension: 'power',
    default: '5 W',
    meaning: 'Power of an idle drive.',
    source: 'LLMServingSim power model',
  },
} as const satisfies Params;

export const nvme = {
  name: 'nvme',
  summary: 'NVMe drives in a server.',
  params,
  check: driveFault,
  free: {
    readBytesPerSecond: '1 EB/s',
    writeBytesPerSecond: '1 EB/s',
    channelBytesPerSecond: '1 EB/s',
    readIops: '1e15 IOPS',
    readLatency: '2 ns',
    writeLatency: '1 ns',
    firmwareTime: '0 s',
    senseSpread: 0,
    programTime: '1 ns',
    eraseTime: '0 s',
    suspendLatency: '0 s',
  },
  create: (values: ValuesOf<typeof params>, context: DeviceContext): TierDevice => {
    const {engine, name, ticksPerSecond, seed} = context;
    const {stages, startUpNs} = softwareOf(values, context);
    const model = driveModel(values, ticksPerSecond);
    const readBytesPerSecond = sequentialReadRate(model) * values.drives;
    const writeBytesPerSecond = sequentialWriteRate(model) * values.drives;
    const tail = new SlabTail(model, values.drives, new Stream(seed, `${name}.tail`));
    const write = new BandwidthStation(engine, {
      name: `${name}.write`,
      bytesPerSecond: writeBytesPerSecond,
      ticksPerSecond,
      latencyTicks: Math.round((values.writeLatency * ticksPerSecond) / NS_PER_SECOND),
    });
    const read: BandwidthStation = new BandwidthStation(engine, {
      name: `${name}.read`,
      bytesPerSecond: readBytesPerSecond,
      ticksPerSecond,
      extraTicks: (bytes) => {
        // A slab that began before the stragglers of the one before it had ended came behind it.
        const began = engine.now - Math.ceil((bytes / readBytesPerSecond) * ticksPerSecond);
        const extra = tail.sample(bytes, write.queued > 0, companyOf(began <= ended, read.queued > 0));
        ended = Math.max(ended, engine.now + extra);
        return extra;
      },
    });
    let ended = -Infinity;
    return {
      capacityBytes: values.driveBytes * values.drives,
      read: [read, ...stages],
      write: [...stages, write],
      startUpNs,
      readNs: values.readLatency,
      readBytesPerSecond,
      writeNs: values.writeLatency,
      writeBytesPerSecond,
    };
  },
} as const satisfies Kind;
