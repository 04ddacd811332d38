/** What scripts, notebooks and the playground import. */
export {catalogue} from './catalogue.ts';
export {loadScenario, type LoadOptions} from './scenario/load.ts';
export {ScenarioError} from './scenario/diagnostics.ts';
export type {Scenario} from './scenario/scenario.ts';
export {simulate, type RunObserver, type RunOptions} from './simulation/simulate.ts';
export {simulateSettled} from './simulation/settled.ts';
export {openSource} from './simulation/source.ts';
export {sizesOf} from './simulation/sizes.ts';
export type {Summary} from './metrics/summary.ts';
export type {IntervalRecord, RequestRecord, RunInfo, SessionRecord} from './metrics/records.ts';
export type {RequestPlan, SessionPlan, TraceFile, WorkloadContext, WorkloadSource} from './workload/ports.ts';
/** The engine by itself, for small models in scripts and notebooks. */
export {Stream} from './base/random.ts';
export {Engine, type Handler} from './engine/engine.ts';
export {HeapQueue} from './engine/heapQueue.ts';
export {LadderQueue} from './engine/ladderQueue.ts';
export type {EventQueue} from './engine/queue.ts';
export {BandwidthStation, type BandwidthOptions} from './engine/bandwidthStation.ts';
export {ServerStation, REFUSED, type ServerOptions} from './engine/serverStation.ts';
export {SharedStation, type SharedOptions} from './engine/sharedStation.ts';
export type {StationMeter} from './engine/meter.ts';
export {Histogram} from './metrics/histogram.ts';
export {Belady, nextReferences} from './lab/belady.ts';
export {replay, type Replay} from './lab/replay.ts';
export type {LabTrace} from './lab/trace.ts';
export type {PluginHooks, PluginRequest} from './lab/pluginPolicy.ts';
export {lruCurve, type LruCurve} from './lab/lruCurve.ts';
export {replayPrefixes, type PrefixReplay} from './lab/prefixReplay.ts';
