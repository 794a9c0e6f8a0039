import { openForTest } from '@dynamic-informer/sdk/testing';
import plugin from '../index.ts';
import { FileState } from './file-state.ts';
import { countedOf } from './support.ts';

/** Collects again and again in a process that can be killed: `node collector.ts STATE CONFIG MODES`; sends what is exposed. */
const [, , state = '', config = '{}', modes = '[]'] = process.argv;
const collector = await openForTest(plugin, JSON.parse(config), { state: new FileState(state) });
process.on('disconnect', () => process.exit());
for (;;) {
  const { value } = await collector.collect();
  process.send?.(countedOf(value, JSON.parse(modes)));
  await new Promise((resolve) => setTimeout(resolve, 20));
}
