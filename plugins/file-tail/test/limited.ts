import { openForTest } from '@dynamic-informer/sdk/testing';
import plugin from '../index.ts';
import { FileState } from './file-state.ts';

/** Collects whenever it is asked, in a process whose limits are its own: `node limited.ts STATE CONFIG`. */
const [, , state = '', config = '{}'] = process.argv;
const collector = await openForTest(plugin, JSON.parse(config), { state: new FileState(state) });
process.on('disconnect', () => process.exit());
process.on('message', async () => {
  const { value, errors } = await collector.collect();
  process.send?.({
    files: value('file_tail_files'),
    kept: value('file_tail_checkpoint_age_seconds') === 0,
    errors: errors.map(({ message }) => message),
  });
});
