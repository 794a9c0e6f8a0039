import { globSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { informer } from '../support/program.ts';
import { type TemporaryFolder, temporaryFolder } from '../support/temp.ts';

const CLEAN = '# HELP jobs_total Jobs that were done.\n# TYPE jobs_total counter\njobs_total 1\n';
const BAD =
  '# HELP jobs Jobs that were done.\n# TYPE jobs counter\njobs{state="done"} 1\njobs{state=failed} 1\n';

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder('lint');
  await writeFile(join(folder.path, 'clean.prom'), CLEAN);
  await writeFile(join(folder.path, 'bad.prom'), BAD);
});
afterAll(() => folder[Symbol.asyncDispose]());

const lint = (args: string[], input?: string) =>
  informer(['lint', ...args], { cwd: folder.path, ...(input !== undefined && { input }) });

describe('informer lint', () => {
  it('prints nothing of what is clean, from a file and from stdin', async () => {
    const clean = { code: 0, stdout: '', stderr: '' };
    expect(await lint(['clean.prom'])).toEqual(clean);
    expect(await lint(['-'], CLEAN)).toEqual(clean);
    expect(await lint([], CLEAN)).toEqual(clean);
  });

  it('prints each problem with its place and what to do, and ends with 3', async () => {
    const { code, stdout } = await lint(['bad.prom']);
    expect(code).toBe(3);
    expect(stdout).toMatchInlineSnapshot(`
      "bad.prom:1:1: jobs: the counter's name does not end in "_total"; rename it to "jobs_total"
      bad.prom:4:12: the value of the label "state" is not in double quotes; write state="…"
      "
    `);
    expect((await lint(['-'], BAD)).stdout).toBe(stdout.replaceAll('bad.prom', 'stdin'));
  });

  it('prints them as JSON', async () => {
    const { code, stdout } = await lint(['bad.prom', '--json']);
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toEqual([
      {
        file: 'bad.prom',
        line: 1,
        column: 1,
        metric: 'jobs',
        rule: 'counter-total',
        message: 'the counter\'s name does not end in "_total"',
        fix: 'rename it to "jobs_total"',
      },
      {
        file: 'bad.prom',
        line: 4,
        column: 12,
        code: 'EXPOSITION_BAD_LABEL',
        message: 'the value of the label "state" is not in double quotes',
        fix: 'write state="…"',
      },
    ]);
    expect(JSON.parse((await lint(['clean.prom', '--json'])).stdout)).toEqual([]);
  });

  it('takes what ends with # EOF for OpenMetrics, unless it is told', async () => {
    const input = '# HELP jobs Jobs that were done.\n# TYPE jobs counter\njobs_total 1\n# EOF\n';
    expect(await lint(['-'], input)).toMatchObject({ code: 0, stdout: '' });
    expect((await lint(['--format', 'text'], input)).stdout).toContain('stdin:1:1: jobs: ');
    expect((await lint(['--format', 'openmetrics'], CLEAN)).stdout).toContain('# EOF');
  });

  it('stops where there is too much wrong to be told', async () => {
    const { code, stdout, stderr } = await lint(['-'], '?\n'.repeat(5_000));
    expect(code).toBe(3);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1_000);
    expect(stderr).toContain('stdin was not read to its end');
  });

  it('ends with 1 and says why when there is nothing to read', async () => {
    expect(await lint(['nowhere.prom'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'informer: nowhere.prom is not there; name a file that holds an exposition, or - for stdin\n',
    });
    expect((await lint(['.'])).stderr).toContain('. is a folder');
    const unknown = await lint(['--format', 'xml'], CLEAN);
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toContain('Allowed choices are text, openmetrics');
  });
});

const PLUGIN = `
import { counter, definePlugin, gauge, Type } from '@dynamic-informer/sdk';
const jobs = counter('jobs', 'Jobs that were done.');
const lag = gauge('lag_ms', 'How far behind it is.', ['queue']);
export default definePlugin({
  name: 'untidy',
  config: Type.Object({}),
  async open() {
    return { describe: () => [jobs, lag], collect: async () => [jobs.sample(1), lag.sample(2, { queue: 'a' })] };
  },
});
`;

const EVERY_TYPE = String.raw`
import { counter, definePlugin, gauge, histogram, info, stateset, summary, Type, untyped } from '@dynamic-informer/sdk';
const jobs = counter('jobs_total', 'Jobs that were done, "by" queue, with \\ and\nmore.', ['queue']);
const size = gauge('spool_bytes', 'What waits.', [], { unit: 'bytes' });
const wait = histogram('wait_seconds', 'How long jobs wait.', ['queue'], { buckets: [0.1, 1], unit: 'seconds' });
const run = summary('run_seconds', 'How long jobs run.', [], { quantiles: [0.5] });
const about = info('worker_info', 'What works.', ['version']);
const mode = stateset('worker_mode', 'What the worker does.', ['idle', 'busy']);
const other = untyped('legacy', 'Of unknown type.');
const queue = 'a "quoted" \\ queue\nwith two lines';
export default definePlugin({
  name: 'tidy',
  config: Type.Object({}),
  async open() {
    return {
      describe: () => [jobs, size, wait, run, about, mode, other],
      collect: async () => [
        jobs.sample(3, { queue }, { exemplar: { labels: { trace_id: 'abc' }, value: 1, timestamp: 1_700_000_000_123 } }),
        size.sample(1.5e9),
        wait.sample({ counts: [1, 0, 2], sum: 7.25 }, { queue }),
        run.sample({ count: 2, sum: 3, quantiles: [[0.5, NaN]] }),
        about.sample({ version: '1.2.3' }),
        mode.sample(['busy']),
        other.sample(-Infinity),
      ],
    };
  },
});
`;

describe('informer collect', () => {
  it.each(['text', 'openmetrics'])('prints every type in %s as the linter wants it', async (format) => {
    await writeFile(join(folder.path, 'tidy.ts'), EVERY_TYPE);
    await writeFile(
      join(folder.path, 'tidy.yaml'),
      'plugins: {tidy: {path: ./tidy.ts}}\nstate_dir: state\nresources: {t: {plugin: tidy}}\n',
    );
    const args = ['collect', 't', '--config', 'tidy.yaml', '--format', format];
    const { stdout, stderr } = await informer(args, { cwd: folder.path });
    expect(stderr).toMatch(/^outcome ok, 7 series, /);
    expect(await lint(['-', '--format', format], stdout)).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('says on stderr what the linter finds, and ends as it does without', async () => {
    await writeFile(join(folder.path, 'untidy.ts'), PLUGIN);
    await writeFile(
      join(folder.path, 'informer.yaml'),
      'plugins: {untidy: {path: ./untidy.ts}}\nstate_dir: state\nresources: {u: {plugin: untidy}}\n',
    );
    const { code, stdout, stderr } = await informer(['collect', 'u'], { cwd: folder.path });
    expect(code).toBe(0);
    expect(stdout).not.toContain('lint:');
    expect(stderr.split('\n').filter((line) => line.startsWith('lint: '))).toEqual([
      'lint: jobs: the counter\'s name does not end in "_total"; rename it to "jobs_total"',
      'lint: lag_ms: "ms" in the name abbreviates a unit; give the value in a base unit and write that in full, such as seconds',
    ]);
  });

  it('finds nothing to say of this machine', async () => {
    const { code, stderr } = await informer(['collect', '--plugin', 'host'], { cwd: folder.path });
    expect(code).toBe(0);
    expect(stderr).not.toContain('lint: ');
  });
});

describe('what the plugins expose', () => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const cases = globSync('plugins/*/{,*/}testcases/*/expected.prom', { cwd: root });

  it.each(cases)('%s is clean', async (file) => {
    // Where a test case leaves a value open, any will do.
    const input = readFileSync(join(root, file), 'utf8').replace(/\$\{[A-Z_]+\}|\*/g, '1');
    expect(await lint(['-'], input)).toEqual({ code: 0, stdout: '', stderr: '' });
  });
});
