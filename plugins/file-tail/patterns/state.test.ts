import { appendFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { MemoryState, openForTest } from '@dynamic-informer/sdk/testing';
import { describe, expect, it } from 'vitest';
import plugin from '../index.ts';
import { temporaryFolder } from '../test/support.ts';

const LINES = ['a x 100', 'b x 200', 'c y 300'];
const MORE = ['d y 400', 'a y 500'];

interface Definition {
  readonly match?: string;
  readonly metric: object;
  readonly max_label_values?: number;
}

/** What is exposed of a metric "m" when its definition changed between the lines and more of them, and what is said of that. */
async function changed(before: Definition, after: Definition) {
  await using folder = await temporaryFolder();
  const file = path.join(folder.path, 'a.log');
  writeFileSync(file, LINES.map((line) => `${line}\n`).join(''));
  const state = new MemoryState();
  const collect = async ({ match = '^(?<a>\\w) (?<b>\\w) (?<n>\\d+)', metric, ...rest }: Definition) => {
    const config = { files: [file], patterns: [{ match, metrics: [{ name: 'm', ...metric }] }], ...rest };
    await using collector = await openForTest(plugin, config, { state });
    const { exposition, errors, value } = await collector.collect();
    expect(errors).toEqual([]);
    expect(value('file_tail_parse_errors_total')).toBe(0);
    return {
      series: exposition.split('\n').filter((line) => /^m[_{ ]/.test(line)),
      logs: collector.logs.map(({ message }) => message),
    };
  };
  await collect(before);
  appendFileSync(file, MORE.map((line) => `${line}\n`).join(''));
  return await collect(after);
}

const counter = { type: 'counter', labels: { a: 'a' } };
const left = (reason: string) => [`Not taken over from the state: "m", ${reason}.`];

describe('what a state brings back when the patterns have changed', () => {
  it('is taken over where it means the same, beyond smaller limits too', async () => {
    const { series, logs } = await changed({ metric: counter }, { metric: counter, max_label_values: 1 });
    expect(series).toEqual(['m{a="a"} 2', 'm{a="b"} 1', 'm{a="c"} 1', 'm{a="other"} 1']);
    expect(logs).toEqual([expect.stringContaining('reached its limit')]);
  });

  it('leaves its limits to new values where the labels are made of something else', async () => {
    const { series, logs } = await changed(
      { metric: counter, max_label_values: 3 },
      {
        metric: { ...counter, labels: { a: { group: 'n', map: { '/(.)00/': '$1' } } } },
        max_label_values: 3,
      },
    );
    expect(series).toEqual(['m{a="4"} 1', 'm{a="5"} 1', 'm{a="a"} 1', 'm{a="b"} 1', 'm{a="c"} 1']);
    expect(logs).toEqual([]);
  });

  it('is left out where the labels are others', async () => {
    const { series, logs } = await changed(
      { metric: counter },
      { metric: { ...counter, labels: { b: 'b' } } },
    );
    expect(series).toEqual(['m{b="y"} 2']);
    expect(logs).toEqual(left('whose labels were a and are b'));
  });

  it('is left out where labels came or went', async () => {
    const none = await changed({ metric: counter }, { metric: { type: 'counter' } });
    expect(none).toEqual({ series: ['m 2'], logs: left('whose labels were a and are none') });
    const two = await changed({ metric: { type: 'counter' } }, { metric: counter });
    expect(two).toEqual({
      series: ['m{a="a"} 1', 'm{a="d"} 1'],
      logs: left('whose labels were none and are a'),
    });
  });

  it('is left out where the type is another', async () => {
    const gauge = { type: 'gauge', value: 'n', labels: { a: 'a' } };
    const { series, logs } = await changed({ metric: counter }, { metric: gauge });
    expect(series).toEqual(['m{a="a"} 500', 'm{a="d"} 400']);
    expect(logs).toEqual(left('which was a counter and is a gauge'));
  });

  it('is left out where the buckets are others', async () => {
    const histogram = (buckets: number[]) => ({ type: 'histogram', value: 'n', buckets });
    const { series, logs } = await changed({ metric: histogram([150, 250]) }, { metric: histogram([450]) });
    expect(series).toEqual(['m_bucket{le="450"} 1', 'm_bucket{le="+Inf"} 2', 'm_sum 900', 'm_count 2']);
    expect(logs).toEqual(left('whose buckets have changed'));
  });

  it('is left out where the numbers have another unit, or were lines', async () => {
    const sum = { type: 'counter', value: 'n' };
    const unit = await changed({ metric: sum }, { metric: { ...sum, unit: 'ms' } });
    expect(unit).toEqual({ series: ['m 0.9'], logs: left('whose value was number and is ms') });
    const lines = await changed({ metric: { type: 'counter' } }, { metric: sum });
    expect(lines).toEqual({ series: ['m 900'], logs: left('whose value was lines and is number') });
  });

  it('is left out where no pattern makes it any more', async () => {
    const { series, logs } = await changed(
      { metric: counter },
      { metric: { ...counter, name: 'other_total' } },
    );
    expect(series).toEqual([]);
    expect(logs).toEqual(left('which no pattern names any more'));
  });
});
