export { type Check, type SuiteOptions, testPlugin } from './conformance.ts';
export { MemoryState, openForTest, type TestCollect, TestCollector, type TestOptions } from './open.ts';
