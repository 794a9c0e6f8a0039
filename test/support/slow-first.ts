import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take minutes, however few lines they have, the longest first; then folders of tests that start processes. */
const SLOW = [
  'test/chaos/hangs',
  'test/chaos/ends',
  'test/chaos/containment',
  'test/chaos/tampers',
  'test/chaos/',
  'test/e2e/',
  'test/bench/',
  'test/integration/',
];

/** Begins with what takes longest, so that no worker is left alone with it at the end. */
export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.sort((a, b) => rankOf(a.moduleId) - rankOf(b.moduleId));
  }
}

function rankOf(path: string): number {
  const rank = SLOW.findIndex((part) => path.includes(`/${part}`));
  return rank < 0 ? SLOW.length : rank;
}
