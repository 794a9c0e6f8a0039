import { expect, it } from 'vitest';
import { ACME } from '../support/plugins.ts';
import { freePort } from '../support/ports.ts';
import { informer, startInformer } from '../support/program.ts';

const config = `plugin_dirs: [plugins]
resources:
  a: {plugin: acme}
  off: {plugin: acme, enabled: false}
`;

it('informer restart opens a resource of the running agent anew', async () => {
  await using run = await startInformer({
    config,
    files: { 'plugins/acme.ts': ACME, token: 'let me in\n', wrong: 'something else\n' },
    web: 'admin: {token_file: token}',
  });
  const restart = (...args: string[]) => informer(['restart', ...args], { cwd: run.folder });
  expect((await run.scrape()).value('acme_collects_total', { resource: 'a' })).toBe(1);
  expect((await run.scrape()).value('acme_collects_total', { resource: 'a' })).toBe(2);

  expect(await restart('a')).toEqual({ code: 0, stdout: 'a is running\n', stderr: '' });
  // Its first collect was checked before it took the old one's place.
  expect((await run.scrape()).value('acme_collects_total', { resource: 'a' })).toBe(2);

  expect(await restart('off')).toMatchObject({
    code: 1,
    stderr:
      'informer: The resource "off" is not enabled; "informer enable off" enables it now; enabled: true in the configuration for good.\n',
  });
  expect(await restart('nobody')).toMatchObject({
    code: 1,
    stderr: 'informer: There is no resource "nobody"; the resources are: a, off\n',
  });

  const remote = ['--url', run.url, '--token-file'];
  expect((await restart('a', ...remote, 'token')).stdout).toBe('a is running\n');
  expect(await restart('a', ...remote, 'wrong')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('The token is not the right one'),
  });
  expect(await restart('a', ...remote, 'nowhere')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('nowhere'),
  });

  // What is on disk now is not what runs.
  await run.write('informer.yaml', 'state_dir: state\nresources: {a: {plugin: nothing}}\n');
  expect((await restart('a')).stdout).toBe('a is running\n');
  await run.write('informer.yaml', 'state_dir: [\n');
  expect(await restart('a')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('name the agent with --url unix:STATE_DIR/agent.sock'),
  });

  const nobody = `http://127.0.0.1:${await freePort()}`;
  expect(await restart('a', '--url', nobody)).toEqual({
    code: 5,
    stdout: '',
    stderr: `informer: ${nobody} can't be reached: no agent listens there; name the agent with --url\n`,
  });
});
