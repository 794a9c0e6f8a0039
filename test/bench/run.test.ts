import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { GO_PACKAGES, MTAIL_PACKAGE, missingOf } from '../support/packages.ts';
import { runProgram } from '../support/run-program.ts';
import { ROTATIONS } from './tail/rotations.ts';

const RUN = fileURLToPath(new URL('../dist/bench/run.js', import.meta.url));
const mtail = missingOf([MTAIL_PACKAGE]).length > 0 ? '' : ' mtail';
/** On Linux only. */
const MEASURED_BY_PROC = [
  'hosts memory/pss node',
  'hosts http-probe/memory/pss own',
  'hosts grouping/memory/pss own dedicated',
  'hosts grouping/first-results own dedicated',
  'agent memory/pss',
  // That the counters are those that the writer of the log knows, the bench itself looks at.
  `tail backlog/20/wall${mtail}`,
  `tail backlog/20/cpu${mtail}`,
  `tail backlog/20/peak-memory${mtail}`,
  'tail backlog/20/agent/peak-memory',
  `tail follow/1k/cpu${mtail}`,
  `tail follow/1k/freshness/p50${mtail}`,
  `tail follow/1k/freshness/p95${mtail}`,
  ...ROTATIONS.flatMap((rotation) => [
    `tail loss/${rotation}/lost${mtail}`,
    `tail loss/${rotation}/counted-again${mtail}`,
    `tail loss/${rotation}/suspected`,
  ]),
];
const missing = missingOf([...GO_PACKAGES, MTAIL_PACKAGE]);
const without = missing.length > 0 ? ` (not installed: ${missing.join(', ')})` : '';
const bench = (...args: string[]) => runProgram(process.execPath, [RUN, ...args]);

test(`prints nothing but results of all benches as JSON${without}`, { timeout: 600_000 }, async () => {
  const { code, stdout, stderr } = await bench('--json', '--quick');
  expect(code, stderr).toBe(0);
  const results = JSON.parse(stdout);
  for (const { goal, ...result } of results) {
    if (goal !== undefined) expect(Object.values(goal)).toContainEqual(expect.any(Number));
    expect(result).toEqual({
      bench: expect.any(String),
      case: expect.any(String),
      ours: expect.any(Number),
      peers: expect.any(Object),
      unit: expect.any(String),
      better: expect.stringMatching(/^(?:lower|higher)$/),
    });
    for (const value of Object.values(result.peers)) expect(value).toEqual(expect.any(Number));
  }
  const found = results.map((result: { bench: string; case: string; peers: object }) =>
    [result.bench, result.case, ...Object.keys(result.peers)].join(' '),
  );
  const npm = 'prom-client @prometheus-io/client';
  const inGo = missingOf(GO_PACKAGES).length > 0 ? [] : ['client_golang'];
  const registries = [npm, ...inGo].join(' ');
  const victoria = inGo.map(() => ' VictoriaMetrics').join('');
  expect(found).toEqual(
    expect.arrayContaining([
      `exposition text/100/all/A ${registries}${victoria}`,
      `exposition text/100/10pct/A ${registries}${victoria}`,
      `exposition text/100/all/H ${registries}`,
      `exposition text/100/10pct/H ${registries}`,
      ['exposition protobuf/100/all/A', ...inGo].join(' '),
      `exposition stall/100/all/A ${npm}`,
      `hot-path counter/inc/kept ${registries}`,
      `hot-path counter/inc/look-up ${registries}`,
      `hot-path counter/inc/labels-object ${registries}`,
      `hot-path histogram/observe/kept ${registries}`,
      ['hot-path const-samples', ...inGo].join(' '),
      `memory gauges/1k/filled ${registries}`,
      `memory gauges/1k/rendered ${registries}`,
      `scrape text/100/plain/p99 ${registries}`,
      `scrape text/100/gzip/p50 ${registries}`,
      `scrape scrape/100/10pct/A/gzip-p50 ${registries}`,
      'scrape scrape/100/10pct/A/gzip-size zlib level 1',
      'hosts start node',
      'hosts collect/100',
      'hosts 1-host/first-results one gauge node',
      'hosts http-probe/first-result own',
      'hosts bias/90pct-5ms/p99 own own at nice 0 alone',
      'hosts bias/cores-busy/p99 probe at nice 10 others at nice 10 alone',
      'hosts deadline-to-dead',
      'hosts deadline-to-dead/ignore-abort',
      'hosts deadline-to-dead/block',
      'hosts deadline-to-dead/stop',
      'hosts healthy-again/culprit-known',
      'hosts healthy-again/culprit-unknown',
      'agent start/metrics',
      'agent collect/100/all/main-thread',
      'agent collect/100/all/longest-hold',
      'agent reload/20/first-change',
      'agent reload/20/one-changed',
      'agent reload/20/longest-hold',
    ]),
  );
  const memory = existsSync('/proc/self/smaps_rollup') ? MEASURED_BY_PROC : [];
  expect(found).toEqual(expect.arrayContaining(memory));
});

test('prints a table with a ratio for each peer', { timeout: 120_000 }, async () => {
  const { code, stdout } = await bench('exposition', '--quick');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^case +unit +ours +prom-client +ratio +@prometheus-io\/client +ratio\b/m);
  expect(stdout).toMatch(/^text\/100\/all\/A +ms +[\d.]+ +[\d.]+ +[\d.]+x +[\d.]+ +[\d.]+x\b/m);
});

test('prints a table in Markdown', { timeout: 120_000 }, async () => {
  const { code, stdout } = await bench('exposition', '--quick', '--markdown');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^### exposition\n\n\| case \| unit \| ours \| prom-client \| ratio \|/);
  expect(stdout).toMatch(/^\| text\/100\/all\/A \| ms \| [\d.]+ \| [\d.]+ \| [\d.]+x \|/m);
});

test.each([
  [['speed'], /^There is no bench "speed" in this version; run one of: exposition, .*tail\.\n$/],
  [['--jsn'], /'--jsn'.*\[NAME…\] \[--lines N\] \[--json \| --markdown\]\.\n$/],
  [['--lines', 'few'], /^--lines few is not a number of lines; .*\[--lines N\]/],
])('refuses %j with one line and exit code 2', async (args, line) => {
  const { code, stdout, stderr } = await bench(...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(line);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
});
