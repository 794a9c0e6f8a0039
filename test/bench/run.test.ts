import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runProgram } from '../support/run-program.ts';

const RUN = fileURLToPath(new URL('../dist/bench/run.js', import.meta.url));
const bench = (...args: string[]) => runProgram(process.execPath, [RUN, ...args]);

test('prints nothing but results of all benches as JSON', { timeout: 120_000 }, async () => {
  const { code, stdout, stderr } = await bench('--json', '--quick');
  expect(code, stderr).toBe(0);
  const results = JSON.parse(stdout);
  for (const result of results) {
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
  expect(found).toEqual(
    expect.arrayContaining([
      'exposition text/100/all/A prom-client @prometheus-io/client',
      'exposition text/100/10pct/A prom-client @prometheus-io/client',
      'scrape text/100/plain/p99 prom-client @prometheus-io/client',
      'scrape text/100/gzip/p50 prom-client @prometheus-io/client',
      'hosts start node',
      'hosts collect/100',
      'hosts deadline-to-dead',
      'agent start/metrics',
    ]),
  );
  const memory = existsSync('/proc/self/smaps_rollup') ? ['hosts memory/pss node', 'agent memory/pss'] : [];
  expect(found).toEqual(expect.arrayContaining(memory));
});

test('prints a table with a ratio for each peer', async () => {
  const { code, stdout } = await bench('exposition', '--quick');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^case +unit +ours +prom-client +ratio +@prometheus-io\/client +ratio$/m);
  expect(stdout).toMatch(/^text\/100\/all\/A +ms +[\d.]+ +[\d.]+ +[\d.]+x +[\d.]+ +[\d.]+x$/m);
});

test.each([
  [['hot-path'], /^There is no bench "hot-path" in this version; run one of: exposition, .*agent\.\n$/],
  [['--jsn'], /'--jsn'.*\[NAME…\] \[--json\]\.\n$/],
])('refuses %j with one line and exit code 2', async (args, line) => {
  const { code, stdout, stderr } = await bench(...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(line);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
});
