import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { ACME } from '../support/plugins.ts';
import { informer, startInformer } from '../support/program.ts';
import { outputOf } from '../support/run-program.ts';
import { temporaryFolder } from '../support/temp.ts';
import { unpack } from '../support/unpack.ts';

const CONFIG = `plugin_dirs: [plugins]
include: [conf.d/*.yaml]
resources:
  orders: {plugin: acme, config: {token: hunter22}} # it was hunter33
`;
// What hangs is waited for for half a minute.
vi.setConfig({ testTimeout: 120_000 });

const SPINS = 'for (;;);\n';

async function bundleOf(folder: string, options: { env?: Record<string, string> } = {}) {
  const file = join(folder, 'out.tar.gz');
  const result = await informer(['support-bundle', '-o', file], { cwd: folder, ...options });
  const unpacked = join(folder, 'unpacked');
  await mkdir(unpacked);
  const files = await unpack(file, unpacked);
  return { ...result, file, files, text: [...files.values()].join('\n') };
}

it('holds what helps, says what it holds, and none of the secrets', async () => {
  await using run = await startInformer({
    timeout: 90_000,
    config: CONFIG,
    files: {
      'plugins/acme.ts': ACME,
      'conf.d/more.yaml': 'resources:\n  jobs: {plugin: acme, config: {token: "${JOBS_TOKEN}"}}\n',
    },
    env: { JOBS_TOKEN: 'hunter44', OTHER_VARIABLE: 'hunter55' },
  });
  await run.scrape();
  const { code, stdout, files, file, text } = await bundleOf(run.folder);
  expect(code).toBe(0);
  expect(stdout).toBe(`${file}\n`);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  for (const name of [
    'agent/resources.json',
    'agent/logs.json',
    'plugins.json',
    'system.json',
    'state.txt',
  ]) {
    expect(files.get('README.txt')).toContain(name);
    expect(files.get(name)).not.toBe('');
  }
  expect(files.get('config/01-informer.yaml')).toContain(
    'orders: {plugin: acme, config: {token: "***"}} # ***',
  );
  expect(files.get('config/02-more.yaml')).toContain('"${JOBS_TOKEN}"');
  expect(files.get('agent/metrics.txt')).toContain('queue_messages{queue="a",resource="orders"} 1');
  expect(files.get('environment.txt')).toContain('OTHER_VARIABLE');
  expect(files.get('status.txt')).toContain('2 resources: 2 up');
  expect(text).not.toMatch(/hunter\d\d/);
});

it('holds what can be had without an agent and with a configuration that is not usable, and says what is missing', async () => {
  await using folder = await temporaryFolder('bundle');
  await writeFile(
    join(folder.path, 'informer.yaml'),
    `state_dir: state\nresources:\n  a: {plugin: acme, config: {token: hunter22}\n`,
  );
  const { code, stderr, files, text } = await bundleOf(folder.path);
  expect(code).toBe(0);
  expect(files.get('check.txt')).toContain('this is not YAML');
  expect(files.get('config/01-informer.yaml')).toContain('a: {plugin: acme, config: {token: "***"}');
  expect(files.get('README.txt')).toMatch(/what a running agent says: .*no agent listens there/);
  expect(stderr).toContain('without what a running agent says');
  expect(text).not.toContain('hunter22');
});

it('is written though agent, plugin and files hang', async () => {
  await using run = await startInformer({
    timeout: 90_000,
    config: CONFIG,
    files: { 'plugins/acme.ts': ACME, 'conf.d/more.yaml': 'resources: {}\n' },
  });
  run.process.signal('SIGSTOP');
  await run.write('plugins/acme.ts', SPINS);
  await run.write('conf.d/other.yaml', 'resources: {}\n');
  await outputOf('mkfifo', [join(run.folder, 'state', 'audit.log')]);
  await outputOf('mkfifo', [join(run.folder, 'plugins', 'fifo.ts')]);
  const { code, files, text } = await bundleOf(run.folder);
  run.process.signal('SIGCONT');
  expect(code).toBe(0);
  expect(files.get('README.txt')).toMatch(/what a running agent says: .* does not answer within 5s/);
  expect(files.get('README.txt')).toContain('audit.log is no regular file');
  // Nobody knows what is secret in what an unknown plugin is given.
  expect(files.get('config/01-informer.yaml')).toContain('config: {token: "***"}');
  expect(text).not.toContain('hunter');
});

it('writes over nothing, and leaves nothing behind where it can not write', async () => {
  await using folder = await temporaryFolder('bundle');
  await writeFile(join(folder.path, 'there'), 'x');
  const there = await informer(['support-bundle', '-o', 'there'], { cwd: folder.path });
  expect(there).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('is there already; name another file with -o'),
  });
  const nowhere = await informer(['support-bundle', '-o', 'no/such/folder.tar.gz'], { cwd: folder.path });
  expect(nowhere).toMatchObject({ code: 1, stderr: expect.stringContaining("can't be written") });
  expect(await readdir(folder.path)).toEqual(['there']);
});
