import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startNginx } from '../support/nginx.ts';
import { ACME } from '../support/plugins.ts';
import { freePort } from '../support/ports.ts';
import { informer } from '../support/program.ts';
import { type TemporaryFolder, temporaryFolder } from '../support/temp.ts';

let folder: TemporaryFolder;

const write = async (name: string, text: string): Promise<string> => {
  const path = join(folder.path, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  return path;
};

beforeAll(async () => {
  folder = await temporaryFolder('cli');
  await write('plugins/acme.ts', ACME);
});
afterAll(() => folder[Symbol.asyncDispose]());

const run = (...args: string[]) => informer(args, { cwd: folder.path });
const HEAD = 'plugin_dirs: [plugins]\nstate_dir: state\n';

describe('informer check', () => {
  it('says what is valid', async () => {
    const file = await write('good.yaml', `${HEAD}resources:\n  a: {plugin: acme}\n`);
    expect(await run('check', '--config', file)).toMatchObject({ code: 0, stderr: '' });
  });

  it('prints every error of every file, each with its place and what to do', async () => {
    await write('conf.d/more.yaml', 'resources:\n  a: {plugin: acme}\n  m: {plugin: acme, evry: 5s}\n');
    const file = await write(
      'bad.yaml',
      `${HEAD}include: [conf.d/*.yaml]
resources:
  a: {plugin: acme, timeout: soon}
  b: {plugin: acmee}
  c: {plugin: acme, evry: 5s, config: {queues: 7, tokn: hunter2}}
  d: {plugin: acme, config: {token: '\${NO_SUCH_VARIABLE}'}}
`,
    );
    const { code, stdout } = await run('check', '--config', file);
    expect(code).toBe(1);
    expect(stdout.replaceAll(`${folder.path}/`, '')).toMatchInlineSnapshot(`
      "bad.yaml:5:30: resources.a.timeout: "soon" is not a duration; write a number with its unit, such as 250ms, 5s or 1m30s
          5 |   a: {plugin: acme, timeout: soon}
            |                              ^~~~
      bad.yaml:6:15: resources.b.plugin: unknown plugin "acmee"; did you mean "acme"?
          6 |   b: {plugin: acmee}
            |               ^~~~~
      bad.yaml:7:21: resources.c: unknown key "evry"; did you mean "every"?
          7 |   c: {plugin: acme, evry: 5s, config: {queues: 7, tokn: ***}}
            |                     ^~~~
      bad.yaml:7:48: resources.c.config.queues: must be a list, not a number; write it as a list: [7]
          7 |   c: {plugin: acme, evry: 5s, config: {queues: 7, tokn: ***}}
            |                                                ^
      bad.yaml:7:51: resources.c.config: unknown key "tokn"; did you mean "token"?
          7 |   c: {plugin: acme, evry: 5s, config: {queues: 7, tokn: ***}}
            |                                                   ^~~~
      bad.yaml:8:37: resources.d.config.token: the environment variable "NO_SUCH_VARIABLE" is not set; set it, or write \${NO_SUCH_VARIABLE:-default}
          8 |   d: {plugin: acme, config: {token: '\${NO_SUCH_VARIABLE}'}}
            |                                     ^~~~~~~~~~~~~~~~~~~~~
      conf.d/more.yaml:2:3: resources: the resource "a" is already at bad.yaml:5:3; rename or remove one of them
          2 |   a: {plugin: acme}
            |   ^
          bad.yaml:5:3: the first "a"
          5 |   a: {plugin: acme, timeout: soon}
            |   ^
      conf.d/more.yaml:3:21: resources.m: unknown key "evry"; did you mean "every"?
          3 |   m: {plugin: acme, evry: 5s}
            |                     ^~~~
      "
    `);
  });

  it('prints them as JSON for editors', async () => {
    const file = await write('json.yaml', `${HEAD}resources:\n  a: {plugin: acme, "tiemout": 5s}\n`);
    const { code, stdout } = await run('check', '--config', file, '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual([
      {
        file,
        line: 4,
        column: 21,
        endLine: 4,
        endColumn: 30,
        severity: 'error',
        class: 'config',
        code: 'CONFIG_UNKNOWN_KEY',
        path: ['resources', 'a', 'tiemout'],
        message: 'unknown key "tiemout"',
        fix: 'did you mean "timeout"?',
      },
    ]);
    expect(
      JSON.parse((await run('check', '--config', await write('ok.yaml', HEAD), '--json')).stdout),
    ).toEqual([]);
  });
});

describe('a warning of a plugin', () => {
  const config = `state_dir: state
resources:
  log:
    plugin: file-tail
    config:
      files: [app.log]
      patterns:
        - match: '^(?!DEBUG)'
          metrics: [{name: lines_total, type: counter}]
`;

  it('is shown by informer check, and the configuration is valid', async () => {
    const file = await write('warned.yaml', config);
    const { code, stdout } = await run('check', '--config', file);
    expect(code).toBe(0);
    expect(stdout.replaceAll(`${folder.path}/`, '')).toMatchInlineSnapshot(`
      "warned.yaml:8:18: warning: resources.log.config.patterns[0].match: can take very long on some lines, as V8's linear engine can't run it: it has a look ahead; match what is there instead, such as [^x] for "no x", or ask in "when"; as it is, it is watched, and switched off if it takes longer than pattern_timeout again and again
          8 |         - match: '^(?!DEBUG)'
            |                  ^~~~~~~~~~~~
      warned.yaml: valid, 1 resources
      "
    `);
    const asJson = await run('check', '--config', file, '--json');
    expect(asJson.code).toBe(0);
    expect(JSON.parse(asJson.stdout)).toMatchObject([
      { severity: 'warning', code: 'CONFIG_INVALID', line: 8, column: 18, file },
    ]);
  });
});

describe('informer run', () => {
  it('ends with 1 and every error when its first configuration is not usable', async () => {
    const file = await write('first.yaml', 'resources:\n  a: {plugin: nope}\n');
    const { code, stderr } = await run('run', '--config', file);
    expect(code).toBe(1);
    expect(stderr).toMatch(/first\.yaml:2:15: resources\.a\.plugin: unknown plugin "nope"; /);
  });

  it('says which address is in use, and by whom it can not be', async () => {
    await using nginx = await startNginx();
    const file = await write(
      'port.yaml',
      `${HEAD}web: {listen: ['127.0.0.1:${nginx.port}']}\nresources: {}\n`,
    );
    const { code, stderr } = await run('run', '--config', file);
    expect(code).toBe(1);
    expect(stderr).toContain(`127.0.0.1:${nginx.port} is in use by another process`);
  });

  it('says what to do when there is no configuration', async () => {
    await using empty = await temporaryFolder('none');
    const { code, stderr } = await informer(['run'], { cwd: empty.path });
    expect(code).toBe(1);
    expect(stderr).toContain('informer init');
  });
});

describe('informer collect', () => {
  it.each([
    ['ok', 0, 'outcome ok'],
    ['target', 2, 'TARGET_FAILED: The broker answered 503. Ask the broker.'],
    ['throw', 4, 'PLUGIN_FAILED: boom'],
    ['exit', 4, 'PLUGIN_HOST_DIED'],
    ['open-throws', 4, 'no such broker'],
  ])('%s ends with %d', async (mode, code, line) => {
    const result = await run(
      'collect',
      '--config',
      join(folder.path, 'good.yaml'),
      '--plugin',
      'acme',
      '--set',
      `mode=${mode}`,
    );
    expect(result.stderr).toContain(line);
    expect(result.code).toBe(code);
  });

  it('ends with 3 when the timeout passes', async () => {
    const file = await write(
      'slow.yaml',
      `${HEAD}resources:\n  a: {plugin: acme, timeout: 100ms, config: {mode: hang}}\n`,
    );
    expect((await run('collect', 'a', '--config', file)).code).toBe(3);
  });

  it('prints the exposition of a configured resource, and nothing else, on stdout', async () => {
    const file = await write(
      'one.yaml',
      `${HEAD}resources:\n  a: {plugin: acme, labels: {team: x}, config: {queues: [jobs]}}\n`,
    );
    const { stdout } = await run('collect', 'a', '--config', file);
    expect(stdout).toBe(`# HELP acme_collects_total Collects since it was opened.
# TYPE acme_collects_total counter
acme_collects_total{resource="a",team="x"} 1
# HELP queue_messages Messages waiting in the queue.
# TYPE queue_messages gauge
queue_messages{queue="jobs",resource="a",team="x"} 4
`);
  });

  it('needs no configuration for a built-in plugin', async () => {
    await using nginx = await startNginx({ server: 'location / { return 204; }' });
    await using empty = await temporaryFolder('none');
    const args = ['collect', '--plugin', 'http-probe', '--set', `targets=[${nginx.url}]`];
    const { code, stdout } = await informer(args, { cwd: empty.path });
    expect(code).toBe(0);
    expect(stdout).toContain(`probe_http_status_code{resource="http-probe",target="${nginx.url}"} 204`);
  });

  it('suggests the name that was meant', async () => {
    const file = join(folder.path, 'good.yaml');
    expect((await run('collect', '--config', file, '--plugin', 'acne')).stderr).toContain(
      'did you mean "acme"?',
    );
  });
});

describe('informer plugins', () => {
  it('lists what can be used, and shows one with schema, metrics and a sample', async () => {
    const { stdout } = await run('plugins', '--config', join(folder.path, 'good.yaml'));
    expect(stdout).toMatch(/^http-probe +shared /m);
    expect(stdout).toMatch(/^acme +own /m);
    const shown = await run('plugins', 'show', 'http-probe');
    expect(shown.code).toBe(0);
    for (const part of ['host: shared', 'plugin: http-probe']) expect(shown.stdout).toContain(part);
    expect(shown.stdout).toMatch(/^ {2}targets +list of strings, not empty +required +URLs to probe, /m);
    expect(shown.stdout).toMatch(/^ {2}max_redirects +integer, at least 0 +10 +Redirects to follow/m);
    expect(shown.stdout).toMatch(/^ {2}probe_success\{target\} +gauge +Whether the probe succeeded\.$/m);
  });

  it('shows what a plugin declares that it needs, and that nothing enforces it', async () => {
    const { stdout } = await run('plugins', 'show', 'db-pool');
    expect(stdout).toMatch(
      /^Needs \(declared, not enforced\):\n {2}hosts +\$\{config\.url\}\n(?: {12}.*\n)* {2}paths +\$/m,
    );
    expect(stdout).toMatch(/^ {2}programs +none$/m);
    const json = JSON.parse((await run('plugins', 'show', 'db-pool', '--json')).stdout);
    expect(json.needs).toMatchObject({ enforced: false, programs: [] });
    expect(json.needs.hosts).toContain('${config.url}');
  });

  it('says of a single file that it declares nothing', async () => {
    const config = ['--config', await write('single.yaml', `${HEAD}resources: {}\n`)];
    expect((await run('plugins', 'show', 'acme', ...config)).stdout).toContain('\nNeeds: not declared\n');
    expect(JSON.parse((await run('plugins', 'show', 'acme', '--json', ...config)).stdout).needs).toBeNull();
  });

  it('lists one whose package.json is malformed with what is wrong, and refuses to show it', async () => {
    await using other = await temporaryFolder('malformed');
    await mkdir(join(other.path, 'plugins', 'typo'), { recursive: true });
    const manifest = join(other.path, 'plugins', 'typo', 'package.json');
    await writeFile(manifest, '{"informer": {"plugin": "typo", "needs": {"path": []}}}');
    await writeFile(join(other.path, 'informer.yaml'), `${HEAD}resources: {}\n`);
    const problem = `${manifest}: informer.needs has an unknown key "path".`;
    const listed = await informer(['plugins'], { cwd: other.path });
    expect(listed.stdout).toContain(`PLUGIN_BAD_MANIFEST: ${problem} did you mean "paths"?`);
    const shown = await informer(['plugins', 'show', 'typo'], { cwd: other.path });
    expect(shown).toMatchObject({ code: 1, stdout: '' });
    expect(shown.stderr).toContain(`${problem.slice(0, -1)}; did you mean "paths"?`);
  });

  it('shows a metric once that has other labels for another kind of resource', async () => {
    const { stdout } = await run('plugins', 'show', 'db-pool');
    const lines = stdout.split('\n').filter((line) => line.startsWith('  db_pool_connections'));
    expect(lines).toEqual([
      expect.stringMatching(/db_pool_connections\{database,state\} or \{database,user,state\} +gauge /),
    ]);
    const names = [...stdout.matchAll(/^ {2}(db_pool_\w+)/gm)].map(([, name]) => name);
    expect(names).toHaveLength(new Set(names).size);
  });

  it('shows one as JSON, with the JSON schema of its configuration', async () => {
    const { stdout } = await run('plugins', 'show', 'db-pool', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      name: 'db-pool',
      host: 'shared',
      schema: { type: 'object', properties: { engine: {} } },
      metrics: expect.arrayContaining([expect.objectContaining({ name: 'db_pool_max' })]),
    });
  });
});

describe('informer', () => {
  it('prints its version, the table of errors and one of them', async () => {
    expect((await run('version')).stdout).toMatch(/^informer \d+\.\d+\.\d+ \(Node\.js v26/);
    expect((await run('errors')).stdout).toContain('TARGET_TIMEOUT (target)');
    expect((await run('errors', 'plugin_nan')).stdout).toContain('A value is NaN.');
    expect(await run('errors', 'NO_SUCH')).toMatchObject({ code: 1 });
  });

  it('shows its help for a command that does not exist', async () => {
    const { code, stderr } = await run('collct');
    expect(code).toBe(1);
    expect(stderr).toContain('Did you mean collect?');
  });

  it('takes a listen address from the command line', async () => {
    const port = await freePort();
    const file = await write('cmd.yaml', `${HEAD}resources: {a: {plugin: nope}}\n`);
    const { stderr } = await run('run', '--config', file, '--web.listen-address', `localhost${port}`);
    expect(stderr).toContain('is not an address to listen on');
  });
});
