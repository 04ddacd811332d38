/** tierscape/placement: the brain alone, without a dependency, for those who embed it. */
export {Loop, type NoticeHandler} from './loop.ts';
export {Placement} from './placement.ts';
export type {Plan} from './planner.ts';
export {Journal, replay, type JournalSink} from './journal.ts';
export {lru} from './eviction/lru.ts';
export * from './ports.ts';
