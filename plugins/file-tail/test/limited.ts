import { systemClock } from '@dynamic-informer/sdk';
import { openForTest } from '@dynamic-informer/sdk/testing';
import plugin from '../index.ts';
import { FileState } from './file-state.ts';

/** Collects when it is asked, after so many ms that seem to have gone by, in a process whose limits are its own: `node limited.ts STATE CONFIG`. */
const [, , state = '', config = '{}'] = process.argv;
let skipped = 0;
const clock = { ...systemClock, monotonic: () => systemClock.monotonic() + skipped };
const collector = await openForTest(plugin, JSON.parse(config), { state: new FileState(state), clock });
process.on('disconnect', () => process.exit());
process.on('message', async (ms) => {
  skipped += Number(ms);
  const { value, errors } = await collector.collect();
  process.send?.({
    files: value('file_tail_files'),
    kept: value('file_tail_checkpoint_age_seconds') === 0,
    errors: errors.map(({ message }) => message),
  });
});
