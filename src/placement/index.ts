/** tierscape/placement: the brain alone, without a dependency, for those who embed it. */
export {Loop, type NoticeHandler} from './loop.ts';
export {Placement} from './placement.ts';
export type {Plan} from './planner.ts';
export {Journal, replay} from './journal.ts';
export type {WordSink as JournalSink} from './wordStream.ts';
export {lru} from './eviction/lru.ts';
export * from './ports.ts';
