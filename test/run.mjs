// Runs the test suite with vitest's arguments, and ends with one line: "N passed, N failed". With CHAOS=long in the
// environment a table of what the chaos suite measured stands before it.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
const folder = mkdtempSync(join(tmpdir(), 'di-result-'));
const resultFile = join(folder, 'result.json');

/** Runs vitest to its end; gives its exit code, or the signal that ended this run. */
function runVitest() {
  const reports = ['--reporter=default', '--reporter=json', `--outputFile.json=${resultFile}`];
  const args = [
    'run',
    '--config',
    join(root, 'test', 'vitest.config.ts'),
    ...reports,
    ...process.argv.slice(2),
  ];
  const child = spawn(process.execPath, [vitest, ...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  let stoppedBy;
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) {
    process.on(signal, () => {
      stoppedBy = signal;
      child.kill(signal);
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve({ code, signal: stoppedBy ?? signal }));
  });
}

/** The counts of vitest's own result. A file that failed without a failed test, on loading or in a hook, counts as one. */
function count({ testResults }) {
  let passed = 0;
  let failed = 0;
  for (const { status, assertionResults } of testResults) {
    const having = (wanted) => assertionResults.filter((test) => test.status === wanted).length;
    passed += having('passed');
    failed += status === 'failed' ? Math.max(1, having('failed')) : 0;
  }
  return { passed, failed };
}

function readResult() {
  try {
    return JSON.parse(readFileSync(resultFile, 'utf8'));
  } catch {
    return undefined;
  }
}

/** The columns of what `test/chaos` reports: the key of a row, and its heading. */
const CHAOS_COLUMNS = [
  ['case', 'case'],
  ['scrapes', 'scrapes'],
  ['worstOverrunMs', 'beyond deadline (ms)'],
  ['kills', 'kills'],
  ['late', 'late'],
  ['leaks', 'leaks'],
  ['liveMs', 'live (ms)'],
  ['holdMs', 'held (ms)'],
];

/** What the tests of `test/chaos` reported, as a table; nothing if none of them ran. */
function chaosTable({ testResults }) {
  const rows = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .flatMap(({ status, meta }) =>
      (meta?.chaos ?? []).map((row) =>
        status === 'passed' ? row : { ...row, case: `${row.case} (failed)` },
      ),
    );
  if (rows.length === 0) return '';
  const cells = [
    CHAOS_COLUMNS.map(([, heading]) => heading),
    ...rows.map((row) => CHAOS_COLUMNS.map(([key]) => String(row[key] ?? '-'))),
  ];
  const widths = CHAOS_COLUMNS.map((_, column) => Math.max(...cells.map((line) => line[column].length)));
  const pad = (text, column) => (column === 0 ? text.padEnd(widths[0]) : text.padStart(widths[column]));
  return `\n${cells.map((line) => line.map(pad).join('  ')).join('\n')}\n`;
}

const { code, signal } = await runVitest();
const result = readResult();
rmSync(folder, { recursive: true, force: true });
if (signal) {
  process.stderr.write(`The tests were stopped by ${signal}.\n`);
  process.exit(128 + constants.signals[signal]);
}
const { passed, failed } = result ? count(result) : { passed: 0, failed: 0 };
// Vitest also fails for what belongs to no test: an unhandled rejection, a setup that threw, no test found.
const failures = failed === 0 && (code !== 0 || passed === 0) ? 1 : failed;
if (result && process.env.CHAOS === 'long') process.stdout.write(chaosTable(result));
process.stdout.write(`\n${passed} passed, ${failures} failed\n`);
process.exit(failures === 0 ? 0 : 1);
