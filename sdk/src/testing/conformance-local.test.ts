import { afterEach, describe, expect, it } from 'vitest';
import { type Fault, localPlugin, mendProcess } from './failing/local.ts';
import { failuresOf } from './failing/run.ts';
import { testPlugin } from './index.ts';

afterEach(mendProcess);

const checksOf = (fault: Fault) =>
  testPlugin(localPlugin(fault), {
    folder: `${import.meta.dirname}/none`,
    target: 'none',
    config: () => ({ kinds: ['red', 'green'] }),
  });

describe('a plugin without a target that keeps to the contract', () => {
  for (const check of checksOf('none')) it(check.name, { timeout: check.timeout }, check.run);
});

it('one that sets timeouts that pass leaks nothing', async () => {
  expect(await failuresOf(checksOf('sets timeouts that pass'))).toEqual({});
});

const LEAKS = 'leaves nothing behind when it is opened and closed a hundred times';
const KEEPS_APART = 'changes nothing that other code of the process sees';
const COLLECTS = 'collects what it describes, with those labels and types';

it.each<[Fault, check: string, message: RegExp]>([
  [
    'describes anew',
    'describes the same metrics each time, with its target and without',
    /^The metric "things_asked_total" was described differently in a second collector/,
  ],
  [
    'collects undescribed',
    COLLECTS,
    /^The metric "things_other" was collected but is not described\. Return/,
  ],
  [
    'collects another type',
    COLLECTS,
    /^The metric "things" was collected as a counter but is described as a gauge/,
  ],
  [
    'collects other labels',
    COLLECTS,
    /^The metric "things" was collected with the labels: sort; described are: kind/,
  ],
  [
    'collects nothing',
    'collects without an error',
    /^A collect returned no series; return what the target says/,
  ],
  [
    'breaks lint',
    'names its metrics as the linter wants them',
    /^The metric "things_seen": .*; rename it to "things_seen_total"\.$/,
  ],
  [
    'ignores an early abort',
    'ends within 250 ms when it was aborted before it began, and collects again',
    /^The collect went on for more than 250 ms after it was aborted before it began; ask signal\.aborted first\.$/,
  ],
  [
    'ignores a late abort',
    'ends within 250 ms of an abort during the collect, and collects again',
    /^The collect went on for more than 250 ms after it was aborted on the way; hand the signal on to all I\/O\.$/,
  ],
  [
    'leaks a timer',
    LEAKS,
    /^Left behind after a hundred rounds of open and close: (100|99) × Timeout\. Give/,
  ],
  ['leaks an interval', LEAKS, /: 100 × interval\. Give everything back in close\(\)/],
  ['leaks a file', LEAKS, /: 100 × open file .*local\.ts\. Give everything back/],
  [
    'leaks memory',
    LEAKS,
    /^Memory grew by \d+ bytes with each of 200 more rounds of open and close\. Keep nothing/,
  ],
  [
    'leaks when open fails',
    'leaves nothing behind when it does not open',
    /^Left behind after 20 calls of open that failed because it was aborted: 20 × Timeout\. Give/,
  ],
  [
    'shares values',
    'keeps the values of two resources apart',
    /^things_asked_total grew by 4 instead of 1 because another resource of the plugin collected\. Keep values/,
  ],
  ['adds a global', KEEPS_APART, /^While it was open, the global "thingsOfLocal" was added\. Plugins share/],
  [
    'changes a prototype',
    KEEPS_APART,
    /^While it was open, Array\.prototype\.last was added\. Plugins share/,
  ],
  ['listens to process', KEEPS_APART, /^While it was open, the listeners of process for "SIGUSR2" was added/],
  ['changes the environment', KEEPS_APART, /the environment variable THINGS was added/],
])('one that %s fails at that alone', async (fault, check, message) => {
  expect(await failuresOf(checksOf(fault))).toEqual({ [check]: expect.stringMatching(message) });
});
