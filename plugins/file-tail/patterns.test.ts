import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { MemoryState, openForTest } from '@dynamic-informer/sdk/testing';
import { describe, expect, it } from 'vitest';
import plugin from './index.ts';
import { temporaryFolder } from './test/support.ts';

/** The series that lines come to, without those of the plugin's own that are named nowhere. */
async function seriesOf(lines: readonly string[], config: object, own: readonly string[] = []) {
  await using folder = await temporaryFolder();
  const file = path.join(folder.path, 'a.log');
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  await using collector = await openForTest(
    plugin,
    { files: [file], ...config },
    { state: new MemoryState() },
  );
  const { exposition, errors } = await collector.collect();
  expect(errors).toEqual([]);
  const isOwn = (line: string) => line.startsWith('file_tail_') && !own.some((name) => line.startsWith(name));
  const series = exposition.split('\n').filter((line) => line !== '' && line[0] !== '#' && !isOwn(line));
  return { series, logs: collector.logs.map(({ message }) => message) };
}

const counter = (name: string, rest: object = {}) => ({ name, type: 'counter', ...rest });

describe('labels', () => {
  const REQUESTS = [
    'GET /users/1 200',
    'GET /users/2 404',
    'POST /orders/7/items 201',
    'GET / 500',
    'HEAD /x -',
  ];
  const match = '^(?<method>\\S+) (?<path>\\S+) (?<status>\\S+)';

  it('are mapped: by the text, else by expressions for the whole text, else to the default', async () => {
    const { series } = await seriesOf(REQUESTS, {
      patterns: [
        {
          match,
          metrics: [
            counter('class_total', {
              labels: {
                class: { group: 'status', map: { '404': 'missing', '/[23]../': 'fine' }, default: '?' },
              },
            }),
            counter('route_total', {
              labels: {
                route: { group: 'path', map: { '/(\\/[a-z]+)\\/.*/': '$1/:id', '/x/': 'no', '/X/i': 'no' } },
              },
            }),
          ],
        },
      ],
    });
    expect(series).toEqual([
      'class_total{class="?"} 2',
      'class_total{class="fine"} 2',
      'class_total{class="missing"} 1',
      'route_total{route="/"} 1',
      'route_total{route="/orders/:id"} 1',
      'route_total{route="/users/:id"} 2',
      'route_total{route="/x"} 1',
    ]);
  });

  it('whose text looks like an expression are that text all the same', async () => {
    const map = { '/api/': 'root', '/a.+/': 'other path' };
    const { series } = await seriesOf(['/api/', 'api', 'abc'], {
      patterns: [
        {
          match: '(?<path>.*)',
          metrics: [counter('hits_total', { labels: { path: { group: 'path', map } } })],
        },
      ],
    });
    expect(series).toEqual(['hits_total{path="other path"} 1', 'hits_total{path="root"} 2']);
  });

  it('are constants, or have a default where the group took no part', async () => {
    const { series } = await seriesOf(['user=ann', 'guest'], {
      patterns: [
        {
          match: '^(?:user=(?<user>\\w+)|guest)$',
          metrics: [
            counter('visits_total', {
              labels: { user: { group: 'user', default: 'nobody' }, site: { value: 'a' } },
            }),
          ],
        },
      ],
    });
    expect(series).toEqual(['visits_total{site="a",user="ann"} 1', 'visits_total{site="a",user="nobody"} 1']);
  });

  it('of one metric come from several patterns', async () => {
    const { series } = await seriesOf(['a x 1', 'b 2 y'], {
      patterns: [
        { match: '^a (?<k>\\w) (?<n>\\d)', metrics: [counter('n_total', { labels: { k: 'k', n: 'n' } })] },
        {
          match: '^b (?<n>\\d) (?<k>\\w)',
          metrics: [counter('n_total', { labels: { n: 'n', k: { value: 'const' } } })],
        },
      ],
    });
    expect(series).toEqual(['n_total{k="const",n="2"} 1', 'n_total{k="x",n="1"} 1']);
  });

  it('take as many values as they may, beside those that the configuration names', async () => {
    const { series, logs } = await seriesOf(
      ['a', 'b', 'c', 'c', 'x', 'a'],
      {
        max_label_values: 50,
        patterns: [
          {
            match: '(?<word>.*)',
            metrics: [
              counter('few_total', {
                labels: { word: { group: 'word', map: { x: 'named' }, max_values: 2 } },
              }),
              counter('all_total', { labels: { word: 'word' } }),
            ],
          },
        ],
      },
      ['file_tail_other'],
    );
    expect(series).toEqual([
      'all_total{word="a"} 2',
      'all_total{word="b"} 1',
      'all_total{word="c"} 2',
      'all_total{word="x"} 1',
      'few_total{word="a"} 2',
      'few_total{word="b"} 1',
      'few_total{word="named"} 1',
      'few_total{word="other"} 2',
      'file_tail_other_label_values_total 2',
    ]);
    expect(logs).toEqual([
      'Metric "few_total": label "word" reached its limit; further values count as "other". ' +
        'Capture something with fewer values, map them to fewer, or raise max_label_values or its own max_values.',
    ]);
  });

  it('are found again after more texts than are remembered', async () => {
    const lines = Array.from({ length: 10_000 }, (_, i) => `/users/${i % 5_000}`);
    const map = { '/\\/users\\/\\d+/': 'user' };
    const { series } = await seriesOf(lines, {
      patterns: [
        {
          match: '(?<path>(?<root>/\\w+).*)',
          metrics: [counter('hits_total', { labels: { path: { group: 'path', map }, root: 'root' } })],
        },
      ],
    });
    expect(series).toEqual(['hits_total{path="user",root="/users"} 10000']);
  });
});

describe('values', () => {
  it('are in base units, whatever their lines write', async () => {
    const { series } = await seriesOf(
      [
        'took=12ms',
        'took=1.5s',
        'took=200',
        'took=-',
        'took=',
        'took=soon',
        'took=-1',
        'took=3KiB',
        'took=1,5',
      ],
      {
        patterns: [
          {
            match: 'took=(?<took>.*)',
            metrics: [
              counter('seconds_total', { value: 'took', unit: 'ms' }),
              { name: 'last_seconds', type: 'gauge', value: 'took', unit: 'ms' },
              { name: 'took_seconds', type: 'histogram', value: 'took', unit: 'ms', buckets: [0.1, 1] },
            ],
          },
        ],
      },
      ['file_tail_parse_errors_total'],
    );
    expect(series).toEqual([
      'file_tail_parse_errors_total 10',
      'last_seconds -0.001',
      'seconds_total 1.712',
      'took_seconds_bucket{le="0.1"} 2',
      'took_seconds_bucket{le="1"} 3',
      'took_seconds_bucket{le="+Inf"} 4',
      'took_seconds_sum 1.711',
      'took_seconds_count 4',
    ]);
  });

  it("are times, of which the last line's stays", async () => {
    const { series } = await seriesOf(
      ['[10/Oct/2000:13:55:36 -0700] a', '[10/Oct/2000:13:55:35 -0700] b', '[never] c'],
      {
        patterns: [
          {
            match: '^\\[(?<at>[^\\]]+)\\]',
            metrics: [{ name: 'seen_timestamp_seconds', type: 'gauge', value: 'at', unit: 'timestamp' }],
          },
        ],
      },
      ['file_tail_parse_errors_total'],
    );
    expect(series).toEqual(['file_tail_parse_errors_total 1', 'seen_timestamp_seconds 9.71211335e+08']);
  });

  it('are times of the zone that is set', async () => {
    const { series } = await seriesOf(['2000/10/10 13:55:36 [error]'], {
      timezone: 'Europe/Berlin',
      patterns: [
        {
          match: '^(?<at>\\S+ \\S+) \\[error\\]',
          metrics: [{ name: 'error_timestamp_seconds', type: 'gauge', value: 'at', unit: 'timestamp' }],
        },
      ],
    });
    expect(series).toEqual(['error_timestamp_seconds 9.71178936e+08']);
  });
});

describe('conditions', () => {
  const LINES = ['GET 200 5ms ann', 'GET 404 80ms', 'POST 500 2s bob', 'PUT 0200 1s eve', 'junk'];
  const match = '^(?<method>\\S+) (?<status>\\d+) (?<took>\\S+)(?: (?<user>\\S+))?$';
  const cases: [when: object, count: number][] = [
    [{ method: 'GET' }, 2],
    [{ method: ['GET', 'PUT'] }, 3],
    [{ status: '200' }, 1],
    [{ status: 200 }, 2],
    [{ status: [404, '500'] }, 2],
    [{ status: { min: 400, max: 499 } }, 1],
    [{ status: { min: 404 } }, 2],
    [{ took: { min: '50ms', max: '1s' } }, 2],
    [{ method: { min: 0 } }, 0],
    [{ method: { matches: 'ET$' } }, 2],
    [{ method: { matches: '^P', not: 'PUT' } }, 1],
    [{ method: { not: ['GET', 'PUT'] } }, 1],
    [{ status: { not: { min: 400 } } }, 2],
    [{ user: { present: true } }, 3],
    [{ user: { present: false } }, 1],
    [{ user: 'ann' }, 1],
    [{ user: { not: 'ann' } }, 3],
    [{ method: 'GET', status: { min: 400 } }, 1],
  ];
  it.each(cases)('of a pattern: %j', async (when, count) => {
    const patterns = [{ match, when, metrics: [counter('lines_total')] }];
    const rest = { patterns, else: [counter('others_total', { labels: { why: { value: 'none' } } })] };
    const { series } = await seriesOf(LINES, rest, ['file_tail_unmatched']);
    expect(series.map((line) => line.replace(/path="[^"]*"/, 'path'))).toEqual([
      `file_tail_unmatched_lines_total{path} ${5 - count}`,
      `lines_total ${count}`,
      `others_total{why="none"} ${5 - count}`,
    ]);
  });

  it('of a metric leave the line matched', async () => {
    const metrics = [
      counter('lines_total'),
      counter('errors_total', { when: { status: { min: 500 } } }),
      {
        name: 'slow_seconds',
        type: 'gauge',
        value: 'took',
        when: { took: { min: '1s' }, user: { not: 'eve' } },
      },
    ];
    const { series } = await seriesOf(LINES, { patterns: [{ match, metrics }] }, ['file_tail_unmatched']);
    expect(series.map((line) => line.replace(/path="[^"]*"/, 'path'))).toEqual([
      'errors_total 1',
      'file_tail_unmatched_lines_total{path} 1',
      'lines_total 4',
      'slow_seconds 2',
    ]);
  });
});
