import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { createAuthority } from '../support/certificates.ts';
import { startHttp } from '../support/http-server.ts';
import { informer } from '../support/program.ts';
import { temporaryFolder } from '../support/temp.ts';

// What the README shows is what people copy.
const readme = await readFile(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8');

/** The code blocks of a language, in order. */
const blocks = (language: string): string[] =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'))].map(
    (match) => match[1] as string,
  );

it("the README's configuration is valid", async () => {
  await using folder = await temporaryFolder('readme');
  await writeFile(join(folder.path, 'redis'), 'secret\n');
  const [yaml = ''] = blocks('yaml');
  await writeFile(join(folder.path, 'informer.yaml'), yaml.replace('/run/secrets/redis', 'redis'));
  const env = { ORDERS_DB_URL: 'postgres://informer@localhost/orders' };
  const { stdout, code } = await informer(['check'], { cwd: folder.path, env });
  expect({ stdout, code }).toEqual({ stdout: expect.stringContaining('valid, 4 resources'), code: 0 });
});

it("the README's web configuration is valid", async () => {
  await using folder = await temporaryFolder('readme');
  const authority = await createAuthority(folder.path, { name: 'ca' });
  await authority.issue({ name: 'server' });
  const [web = '', toolkit = ''] = blocks('yaml').filter((block) =>
    /config_file|tls_server_config/.test(block),
  );
  await writeFile(join(folder.path, 'web.yml'), toolkit);
  await writeFile(join(folder.path, 'informer.yaml'), web);
  const { stdout, code } = await informer(['check'], { cwd: folder.path });
  expect({ stdout, code }).toEqual({ stdout: expect.stringContaining('valid, 0 resources'), code: 0 });
});

it("the README's plugin collects from a real server, as a single file without node_modules", async () => {
  await using folder = await temporaryFolder('readme');
  await using broker = await startHttp((_request, response) => {
    response.end(
      JSON.stringify([
        { name: 'jobs', messages: 7 },
        { name: 'other', messages: 1 },
      ]),
    );
  });
  const [plugin = ''] = blocks('ts');
  await mkdir(join(folder.path, 'plugins'));
  await writeFile(join(folder.path, 'plugins', 'acme-queue.ts'), plugin);
  await writeFile(
    join(folder.path, 'informer.yaml'),
    `plugin_dirs: [plugins]\nstate_dir: state\nresources:\n  jobs: {plugin: acme-queue, config: {url: '${broker.url}', queues: [jobs]}}\n`,
  );
  const { stdout, code } = await informer(['collect', 'jobs'], { cwd: folder.path });
  expect(stdout).toContain('queue_messages{queue="jobs",resource="jobs"} 7\n');
  expect(stdout).not.toContain('other');
  expect(code).toBe(0);
});

it("the README's metrics of prom-client are a plugin", async () => {
  await using folder = await temporaryFolder('readme');
  const [, plugin = ''] = blocks('ts');
  await mkdir(join(folder.path, 'plugins'));
  await writeFile(join(folder.path, 'plugins', 'ticks.ts'), plugin);
  await writeFile(
    join(folder.path, 'informer.yaml'),
    'plugin_dirs: [plugins]\nstate_dir: state\nresources: {ticks: {plugin: ticks}}\n',
  );
  const { stdout, code } = await informer(['collect', 'ticks'], { cwd: folder.path });
  expect(stdout).toContain(
    '# TYPE ticks_total counter\nticks_total{clock="tower",resource="ticks"} 12\nticks_total{clock="wall",resource="ticks"} 1\n',
  );
  expect(code).toBe(0);
});
