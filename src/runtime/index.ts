/** tierscape/runtime: files and drives over io_uring, and what is built on them. */
export {BlockStore} from './blockStore.ts';
export {RealCarrier, type Backing} from './carrier.ts';
export {Fault, type FaultCode} from './faults.ts';
export {openBlockingRing, openRing, OP_NOP, OP_READ, OP_SYNC, OP_WRITE} from './ring.ts';
export type {Completions, EngineInfo, EngineName, Requests, Ring, RingOptions} from './ring.ts';
export {SlotStore, type SlotOutcome, type SlotStoreOptions} from './slotStore.ts';
export {RealWorld} from './world.ts';
export {claimDevice, createFile, openTarget, type OpenOptions, type Purpose, type Target} from './target.ts';
