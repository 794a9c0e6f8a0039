import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { processesIn } from '../support/left-behind.ts';
import { ACME } from '../support/plugins.ts';
import { freePort } from '../support/ports.ts';
import { INFORMER, startInformer } from '../support/program.ts';
import { temporaryFolder } from '../support/temp.ts';
import { waitFor } from '../support/wait.ts';

const config = `plugin_dirs: [plugins]
resources:
  a: {plugin: acme, config: {token: pl4nted-canary}}
  b: {plugin: acme}
`;
const files = { 'plugins/acme.ts': ACME };
const gone = (folder: string) =>
  waitFor(() => processesIn(folder).length === 0, { what: 'no process to be left' });

describe('the built agent', () => {
  it('ends cleanly on SIGTERM: answers 0 and leaves no process and no socket', async () => {
    await using run = await startInformer({ config, files });
    expect(processesIn(run.folder)).toHaveLength(2);
    run.process.signal('SIGTERM');
    expect(await run.process.exited).toBe('exit code 0');
    await gone(run.folder);
    expect(existsSync(join(run.folder, 'state/agent.sock'))).toBe(false);
  });

  it('killed by SIGKILL leaves no process either, and starts again where it was', async () => {
    await using run = await startInformer({ config, files });
    run.process.signal('SIGKILL');
    await run.process.exited;
    await gone(run.folder);
  });

  it('ends on SIGTERM while a plugin spins', async () => {
    await using run = await startInformer({
      config: `${config}  bad: {plugin: acme, every: 100ms, timeout: 30s, config: {mode: spin}}\n`,
      files,
    });
    run.process.signal('SIGTERM');
    expect(await run.process.exited).toBe('exit code 0');
    await gone(run.folder);
  });

  it('does not go with who reads its log, and still ends', async () => {
    await using folder = await temporaryFolder('pipe');
    const port = await freePort();
    const file = join(folder.path, 'informer.yaml');
    await writeFile(file, `web: {listen: ['127.0.0.1:${port}']}\nstate_dir: state\nresources: {}\n`);
    const child = spawn(process.execPath, [INFORMER, 'run', '--config', file], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ended = once(child, 'exit');
    const ready = async () => (await fetch(`http://127.0.0.1:${port}/-/ready`)).ok;
    await waitFor(ready, { what: 'the agent to be ready' });
    child.stderr.destroy();
    child.kill('SIGHUP');
    await waitFor(ready, { what: 'the agent to go on' });
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });

  it('never shows a secret: not in its log, page or API', async () => {
    await using run = await startInformer({ config, files });
    const seen = await Promise.all(
      ['/', '/metrics', '/api/v1/resources', '/api/v1/resources/a'].map(async (path) =>
        (await fetch(run.url + path)).text(),
      ),
    );
    expect(run.process.output()).toContain('opened with ***');
    expect([run.process.output(), ...seen].join('\n')).not.toContain('pl4nted-canary');
  });

  it('looks again on SIGHUP', async () => {
    await using run = await startInformer({ config, files });
    await run.configure(`${config}  c: {plugin: acme}\n`);
    run.process.signal('SIGHUP');
    await waitFor(async () => (await run.scrape()).value('informer_resource_up', { resource: 'c' }) === 1, {
      what: 'c',
    });
  });

  it('sends gzip to who asks for it', async () => {
    await using run = await startInformer({ config, files });
    const response = await fetch(`${run.url}/metrics`, { headers: { 'accept-encoding': 'gzip' } });
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect(await response.text()).toContain('informer_build_info');
  });
});
