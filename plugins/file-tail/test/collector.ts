import { openForTest } from '@dynamic-informer/sdk/testing';
import plugin from '../index.ts';
import { FileState } from './file-state.ts';

/** Collects again and again in a process that can be killed: `node collector.ts STATE CONFIG`; sends what is exposed. */
const [, , state = '', config = '{}'] = process.argv;
const collector = await openForTest(plugin, JSON.parse(config), { state: new FileState(state) });
process.on('disconnect', () => process.exit());
for (;;) {
  const { value } = await collector.collect();
  process.send?.({ count: value('lines_total') ?? 0, sum: value('numbers_total') ?? 0 });
  await new Promise((resolve) => setTimeout(resolve, 5));
}
