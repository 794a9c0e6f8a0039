import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ACME } from '../support/plugins.ts';
import { freePort } from '../support/ports.ts';
import { informer, startInformer } from '../support/program.ts';
import { temporaryFolder } from '../support/temp.ts';

const files = { 'plugins/acme.ts': ACME };
/** Where others work, programs start slowly. */
const timeout = 120_000;

describe('informer plan', { timeout }, () => {
  it('asks the agent that runs, for its own file or another one', async () => {
    const config = `plugin_dirs: [plugins]
plugins: {acme: {nice: 0}}
resources:
  shop: {plugin: acme, config: {queues: [one, two], token: "\${TOKEN}"}}
  old: {plugin: acme}
`;
    await using run = await startInformer({ config, files, env: { TOKEN: 'only-the-agent-knows' } });
    await run.scrape();
    const plan = (...args: string[]) => informer(['plan', ...args], { cwd: run.folder, env: { TOKEN: '' } });

    expect(await plan()).toEqual({
      code: 0,
      stdout: 'informer.yaml, against the agent that runs\n\nNo resource would change; there are 2.\n',
      stderr: '',
    });

    await run.write(
      'next.yaml',
      `state_dir: state
web: {listen: ['127.0.0.1:${run.port}']}
plugin_dirs: [plugins]
plugins: {acme: {nice: 0}}
resources:
  shop: {plugin: acme, config: {queues: [one, three], token: "\${TOKEN}"}}
  bad: {plugin: acme, config: {mode: open-throws}}
  new: {plugin: acme}
`,
    );
    const planned = await plan('--config', 'next.yaml');
    expect(planned).toEqual({
      code: 0,
      stdout: `next.yaml, against the agent that runs

  - old  gone from informer.yaml:7
      2 series go: acme_collects_total -1, queue_messages -1
        - acme_collects_total{resource="old"}
        - queue_messages{queue="a",resource="old"}
-/+ shop  config.queues[1]: two -> three
      series 3 -> 3 (+1 -1): queue_messages +1 -1
        + queue_messages{queue="three",resource="shop"}
        - queue_messages{queue="two",resource="shop"}
  + bad  new at next.yaml:7
      PLUGIN_FAILED: no such broker
  + new  new at next.yaml:8
      2 series: acme_collects_total +1, queue_messages +1
        + acme_collects_total{resource="new"}
        + queue_messages{queue="a",resource="new"}

2 to open, 1 to replace, 0 to adjust, 1 to close; 3 series come, 3 go
1 resource with a problem; the series of 1 resource are not known
`,
      stderr: '',
    });
    expect((await run.scrape()).value('acme_collects_total', { resource: 'old' })).toBe(2);

    const json = JSON.parse((await plan('--config', 'next.yaml', '--no-series', '--json')).stdout);
    expect(json).toMatchObject({
      running: true,
      configFile: join(run.folder, 'next.yaml'),
      summary: { open: 2, replace: 1, close: 1, seriesUnknown: 4 },
    });

    await run.write(
      'broken.yaml',
      'state_dir: state\nplugin_dirs: [plugins]\nresources:\n  a: {plugin: acmee}\n',
    );
    const broken = await plan('--config', 'broken.yaml');
    expect(broken).toEqual(await informer(['check', '--config', 'broken.yaml'], { cwd: run.folder }));
    expect(broken).toMatchObject({ code: 1, stdout: expect.stringContaining('unknown plugin "acmee"') });
    const issues = JSON.parse((await plan('--config', 'broken.yaml', '--json')).stdout);
    expect(issues).toMatchObject([{ code: 'CONFIG_UNKNOWN_PLUGIN', line: 4 }]);

    expect(await plan('--url', run.url)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('changes are accepted on the unix socket only'),
    });
    expect(await plan('--url', `http://127.0.0.1:${await freePort()}`)).toMatchObject({
      code: 5,
      stdout: '',
    });
  });

  it('plans a start where no agent runs', async () => {
    await using folder = await temporaryFolder('plan');
    const write = (name: string, text: string) => writeFile(join(folder.path, name), text);
    const plan = (...args: string[]) => informer(['plan', ...args], { cwd: folder.path });
    await mkdir(join(folder.path, 'plugins'));
    await write('plugins/acme.ts', ACME);
    await write(
      'informer.yaml',
      'state_dir: state\nplugin_dirs: [plugins]\nplugins: {acme: {nice: 0}}\nresources: {a: {plugin: acme}, off: {plugin: acme, enabled: false}}\n',
    );
    expect(await plan()).toEqual({
      code: 0,
      stdout: `informer.yaml, against nothing: no agent runs

  + a  new at informer.yaml:4
      2 series: acme_collects_total +1, queue_messages +1
        + acme_collects_total{resource="a"}
        + queue_messages{queue="a",resource="a"}

    hosts started: acme

No agent runs; a start would open 1 resource.
`,
      stderr: '',
    });
    // A trial leaves nothing behind where an agent keeps its state.
    expect(existsSync(join(folder.path, 'state'))).toBe(false);

    await write('informer.yaml', 'state_dir: [\n');
    const broken = await plan();
    expect(broken).toEqual(await informer(['check'], { cwd: folder.path }));
    expect(broken.code).toBe(1);
    expect(await plan('--config', 'gone.yaml')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('gone.yaml'),
    });
  });
});
