/** The station of a memory: what leaves it tells the host's request pool, and is answered later where the memory is loaded. */
import {BandwidthStation, type BandwidthOptions} from '../engine/bandwidthStation.ts';
import type {Engine} from '../engine/engine.ts';
import {LoadedLatency} from './loadedLatency.ts';
import type {RequestPool} from './requestPool.ts';

/** Nanoseconds over an idle memory's at the utilisation `at`; undefined: it answers as idle at every load. */
export interface Loaded {
  readonly extraNs: number | undefined;
  readonly at: number;
}

export function memoryStation(
  engine: Engine,
  options: BandwidthOptions & {readonly ticksPerSecond: number},
  {extraNs, at}: Loaded,
  requests: RequestPool | undefined,
): BandwidthStation {
  const latency = extraNs === undefined ? undefined : new LoadedLatency(extraNs, at, options.ticksPerSecond);
  if (latency === undefined && requests === undefined) return new BandwidthStation(engine, options);
  const station: BandwidthStation = new BandwidthStation(engine, {
    ...options,
    extraTicks: () => {
      requests?.balance();
      return latency?.left(engine.now, station.meter().busyTicks) ?? 0;
    },
  });
  return station;
}
