import { type Bench, note } from '../harness.ts';
import { hasProc } from '../processes.ts';
import { backlog } from './backlog.ts';
import { follow } from './follow.ts';
import { loss } from './loss.ts';

/** file-tail, through the whole agent, against mtail: both with the same patterns on the same lines, every counter compared. */
export const tail: Bench = {
  name: 'tail',
  async *run(options) {
    if (!hasProc) return note('The bench tail asks Linux what processes use, and is left out.');
    yield* backlog(options);
    yield* follow(options);
    yield* loss(options);
  },
};
