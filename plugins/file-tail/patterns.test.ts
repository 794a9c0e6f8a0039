import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { MemoryState, openForTest } from '@dynamic-informer/sdk/testing';
import { describe, expect, it } from 'vitest';
import plugin from './index.ts';
import { compileConfig } from './patterns/configured.ts';
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

describe('files of patterns', () => {
  const WEB = `
# What web servers write.
- name: requests
  match: '^(?<method>[A-Z]+) '
  metrics:
    - {name: requests_total, type: counter, labels: {method: method}}
`;
  const APP = `
- match: ERROR
  metrics: &errors
    - {name: errors_total, type: counter}
- match: FATAL
  metrics: *errors
`;

  async function folderOf(files: Readonly<Record<string, string>>) {
    const folder = await temporaryFolder();
    for (const [name, text] of Object.entries(files)) {
      const file = path.join(folder.path, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    return folder;
  }

  it('are found by globs from the folder of the configuration, each once', async () => {
    await using folder = await folderOf({
      'patterns/web.yaml': WEB,
      'patterns/app/app.yaml': APP,
      'a.log': 'GET / ERROR\nFATAL\n',
    });
    const config = {
      files: ['a.log'],
      pattern_files: ['patterns/**/*.yaml', `${folder.path}/patterns/web.yaml`],
    };
    await using collector = await openForTest(plugin, config, { directory: folder.path });
    const { value } = await collector.collect();
    expect(value('requests_total', { method: 'GET' })).toBe(1);
    expect(value('requests_total', { method: 'FATAL' })).toBeUndefined();
    expect(value('errors_total')).toBe(2);
  });

  /** What is wrong, with `~` for the folder. */
  async function problemsOf(
    files: Readonly<Record<string, string>>,
    pattern_files: string[],
    rest: object = {},
  ) {
    await using folder = await folderOf(files);
    const config = { ready_metrics: true, patterns: [], pattern_files, else: [], timezone: 'UTC', ...rest };
    const { problems } = await compileConfig(config, folder.path, Date.now);
    return problems.map(({ path: at, message, fix }) =>
      `${at.join('.')}: ${message}; ${fix}`.replaceAll(folder.path, '~'),
    );
  }
  const ONE = '[{name: a_total, type: counter}]';

  const cases: [name: string, text: string, problem: string][] = [
    [
      'a group that there is not',
      "- match: '(?<word>.)'\n  metrics:\n    - name: a_total\n      type: counter\n      labels:\n        word: wird\n",
      '~/a.yaml:6:15: [0].metrics[0].labels.word: the pattern has no group named "wird"; did you mean "word"?',
    ],
    [
      'an unknown key',
      `- match: x\n  metrics: ${ONE}\n- mtach: y\n  metrics: ${ONE}\n`,
      '~/a.yaml:3:3: [1].mtach: unknown key "mtach"; did you mean "match"?',
    ],
    [
      'a value of another type',
      '- match: x\n  metrics: []\n',
      '~/a.yaml:2:12: [0].metrics: must not be empty; name at least one',
    ],
    [
      'no value at all',
      '- match: x\n  metrics:\n',
      '~/a.yaml:2:11: [0].metrics: must be a list, but it has no value; give it one, or remove the key',
    ],
    [
      'an expression that is none',
      `- match: 'x('\n  metrics: ${ONE}\n`,
      '~/a.yaml:1:10: [0].match: not a regular expression: /x(/: Unterminated group; mend it; a character that means itself is written with a backslash, and YAML keeps that in single quotes',
    ],
    [
      'a missing expression',
      `\n- metrics: ${ONE}\n`,
      '~/a.yaml:2:3: [0].match: missing; write the expression that lines of the pattern match, or set a "format"',
    ],
    ['no list', 'patterns: []\n', '~/a.yaml:1:1: must be a list, not a mapping; write a list'],
    ['nothing', '# later\n', '~/a.yaml:1:1: must not be empty; name at least one'],
    ['no YAML', '- match: "x\n', '~/a.yaml:2:1: this is not YAML: Missing closing "quote; correct it'],
  ];
  for (const [name, text, problem] of cases) {
    it(`with ${name} are named with line and column`, async () => {
      expect(await problemsOf({ 'a.yaml': text }, ['*.yaml'])).toEqual([`pattern_files.0: ${problem}`]);
    });
  }

  it('that contradict each other, or the configuration, are named', async () => {
    const files = {
      'a.yaml': `- match: x\n  metrics: ${ONE}\n`,
      'b.yaml': '- name: b\n  match: (?<v>y)\n  metrics: [{name: a_total, type: gauge, value: v}]\n',
    };
    const patterns = [
      {
        name: 'b',
        match: 'z',
        metrics: [{ name: 'a_total', type: 'counter', labels: { l: { value: '1' } } }],
      },
    ];
    const fix = 'metrics of one name agree in type, labels and buckets; mend it or choose another name';
    expect(await problemsOf(files, ['a.yaml', 'b.yaml'], { patterns })).toEqual([
      `pattern_files.0: ~/a.yaml:2:13: [0].metrics[0].labels: "a_total" has the labels l in b, and none here; ${fix}`,
      'pattern_files.1: ~/b.yaml:1:9: [0].name: "b" is the name of patterns[0] too; give each pattern a name of its own',
      `pattern_files.1: ~/b.yaml:3:35: [0].metrics[0].type: "a_total" is a counter in b, and a gauge here; ${fix}`,
    ]);
  });

  it('that are not there, too many or too large are errors', async () => {
    const many = Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`many/${i}.yaml`, APP]));
    const files = { ...many, 'large.yaml': `# ${'x'.repeat(1_048_576)}` };
    expect(await problemsOf(files, ['none/*.yaml', 'many/*.yaml', 'large.yaml', 'many'])).toEqual([
      'pattern_files.0: "none/*.yaml" matches no file; it starts at ~; correct it, or remove it',
      'pattern_files.1: "many/*.yaml" matches more than 100 files; narrow it',
      'pattern_files.2: ~/large.yaml is larger than 1 MiB; let the glob match files of patterns only, or divide the file',
      'pattern_files.3: ~/many is not a regular file; let the glob match files of patterns only',
    ]);
  });

  it('with anchors that multiply are an error', async () => {
    const anchors = ['- &a [x, x, x, x, x, x, x, x, x]'];
    for (const [name, of] of ['ba', 'cb', 'dc', 'ed', 'fe'].map((pair) => pair.split('')))
      anchors.push(`- &${name} [${Array(9).fill(`*${of}`).join(', ')}]`);
    const [problem] = await problemsOf({ 'a.yaml': anchors.join('\n') }, ['a.yaml']);
    expect(problem).toContain("~/a.yaml:1:1: this can't be read: Excessive alias count");
  });
});
