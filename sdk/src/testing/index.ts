export type { Check, SuiteOptions } from './check.ts';
export { type CompareOptions, compareExposition } from './compare.ts';
export { testPlugin } from './conformance.ts';
export { type GoldenOptions, matchGolden } from './golden.ts';
export { type HostileServer, type HostileWay, startHostile, type Target } from './hostile.ts';
export { lintCollector } from './lint.ts';
export {
  type CollectOptions,
  type LogLine,
  MemoryState,
  openForTest,
  type TestCollect,
  TestCollector,
  type TestOptions,
} from './open.ts';
export { type ReplayOptions, replayForTest, type TestReplay } from './replay.ts';
export { collectAndCount, gatherAndCount, type Source, toNumber } from './values.ts';
