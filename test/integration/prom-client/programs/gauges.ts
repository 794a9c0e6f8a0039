import type { Step } from '../contestants.ts';
import { call, child, counter, each, type GaugeOf, gauge, histogram, summary } from './steps.ts';

/** Gauges, and what becomes of label values. */
export const GAUGES: Readonly<Record<string, readonly Step[]>> = {
  'too many and too few label values are refused': [
    counter(['a', 'b']),
    ...[[], ['x'], ['x', 'y', 'z']].flatMap((values) => [
      call('labels', ...values),
      call('remove', ...values),
    ]),
    gauge(['a']),
    call('labels'),
    call('remove', 'x', 'y'),
    histogram(),
    call('labels', 'x'),
    summary(),
    call('remove', 'x'),
  ],
  'label values become text': [
    gauge(['a', 'b']),
    call('set', { a: 1, b: 2.5 }, 1),
    call('set', { a: true, b: null }, 2),
    child([7, 8], 'set', 4),
    child([1e21, -0], 'set', 5),
    call('set', { a: ['p', 'q'], b: {} }, 6),
  ],
  'label values and help texts of any kind': [
    gauge(['a'], { help: 'A \\ "quoted"\nhelp; ünïcödé 😀.' }),
    ...each(
      ['"', '\\', '\n', '\\n', 'a"b\\c\nd', ' ', '{}', '} 5', 'x="y"', ',', 'ünïcödé 😀', '#', '__proto__'],
      (value) => call('set', { a: value }, 1),
    ),
  ],
  'every way to set a gauge': [
    gauge(['a']),
    call('set', { a: 'x' }, 5),
    call('inc', { a: 'x' }),
    call('inc', { a: 'x' }, 2),
    call('dec', { a: 'x' }, 0.5),
    call('dec', { a: 'y' }),
    call('dec', { a: 'z' }, '5'),
    call('dec', { a: 'z' }, null),
    child(['v'], 'set', 5),
    child(['v'], 'inc'),
    child(['v'], 'inc', 2),
    child(['v'], 'dec'),
    child([{ a: 'v' }], 'dec', 2),
    child([{ a: 'w' }], 'dec', '3'),
    call('set', 4),
    call('inc'),
    call('dec', 2),
    call('set', {}, 9),
  ],
  'a gauge takes every number': [
    gauge(['a']),
    ...each(
      [
        Number.NaN,
        Number.POSITIVE_INFINITY,
        Number.NEGATIVE_INFINITY,
        -0,
        1e308,
        5e-324,
        0.1,
        1e21,
        123456789,
      ],
      (value) => call('set', { a: String(value) }, value),
    ),
    call('dec', { a: 'nan' }, 'abc'),
    call('inc', { a: 'sum' }, 0.1),
    call('inc', { a: 'sum' }, 0.2),
  ],
  'a gauge refuses what is no number': [
    gauge(['a']),
    ...each(['5', null, undefined, {}, [], true, 10n], (value) => call('set', { a: 'x' }, value)),
    ...each(['5', null, [], true], (value) => call('inc', { a: 'x' }, value)),
    call('dec', { a: 'x' }, 10n),
    call('set'),
    call('set', '5'),
    call('set', undefined, 5),
    call('inc', '5'),
    child(['x'], 'set', '5'),
    child(['x'], 'inc', '5'),
  ],
  setToCurrentTime: [
    gauge(['a']),
    call('setToCurrentTime'),
    call('setToCurrentTime', { a: 'x' }),
    child(['y'], 'setToCurrentTime'),
    async ({ kept }) => {
      const { values } = await (kept.metric as GaugeOf).get();
      return values.map(({ labels, value }) => [labels, Math.abs(value - Date.now() / 1000) < 3600]);
    },
    call('reset'),
  ],
};
