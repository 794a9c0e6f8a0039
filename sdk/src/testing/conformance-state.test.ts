import { describe, expect, it } from 'vitest';
import { failuresOf } from './failing/run.ts';
import { Events, type StateFault, statefulPlugin } from './failing/stateful.ts';
import { testPlugin } from './index.ts';

const checksOf = (fault: StateFault) => {
  const source = new Events();
  return testPlugin(statefulPlugin(fault, source), {
    folder: `${import.meta.dirname}/none`,
    target: 'none',
    config: () => ({}),
    exercise: () => source.happen('came'),
  });
};

describe('a stateful plugin that keeps to the contract', () => {
  for (const check of checksOf('none')) it(check.name, { timeout: check.timeout }, check.run);
});

const GOES_ON = 'goes on from its state after it was closed';
const SURVIVES = 'survives a state that is damaged or of another version';
const PAUSE = 'stops counting at a pause, and goes on after a resume';

it.each<[StateFault, check: string, message: RegExp]>([
  ['forgets', GOES_ON, /^events_total\{kind="came"\} was 1 when it was paused and closed, and is gone after/],
  [
    'forgets when closed',
    GOES_ON,
    /^Nothing was written to the state when it was closed\. Write all counters/,
  ],
  [
    'trusts its state',
    SURVIVES,
    /^With a state that was cut off, open\(\) failed: PLUGIN_FAILED: .*JSON.*Begin anew/,
  ],
  [
    'trusts the shape of its state',
    SURVIVES,
    /^With a state that is null, open\(\) failed: .* Begin anew from a state/,
  ],
  [
    'counts on in a pause',
    PAUSE,
    /^events_total\{kind="came"\} grew by 1 while it was paused; .*Stop counting/,
  ],
  [
    'stops for good',
    PAUSE,
    /^No counter grew after a resume, although exercise\(\) was called\. Count again/,
  ],
  ['falls at a resume', PAUSE, /^events_total\{kind="came"\} fell by \d at a resume\. Go on from/],
])('one that %s fails at that alone', async (fault, check, message) => {
  expect(await failuresOf(checksOf(fault))).toEqual({ [check]: expect.stringMatching(message) });
});
