import { globSync, readFileSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startHostile } from '@dynamic-informer/sdk/testing';
import { expect, it } from 'vitest';
import { Canaries } from '../support/canaries.ts';
import { LEAKY, LEAKY_MODES } from '../support/leaky-plugin.ts';
import { startPostgres } from '../support/postgres.ts';
import { informer, type RunningInformer, startInformer } from '../support/program.ts';
import { startRedis } from '../support/redis.ts';
import { builtIns, placeName, secretPlaces, withSecrets } from '../support/secret-resources.ts';
import { unpack } from '../support/unpack.ts';
import { waitFor } from '../support/wait.ts';

/** What has been shown anywhere, by where. */
type Shown = Map<string, string>;

const SECRET = /c4n4ry\d{4}sings.*?x/g;

/** Resources whose secrets stand in the configuration itself, in the environment, or in files, in turn. */
class Planted {
  readonly resources: Record<string, unknown> = {};
  readonly env: Record<string, string> = {};
  readonly files: Record<string, string> = {};
  #count = 0;

  add(plugin: string, config: unknown, more: object = {}): void {
    const number = this.#count++;
    const written = replaceIn(config, (secret) => {
      if (number % 3 === 0) return secret;
      const name = `PLANTED_${number}`;
      if (number % 3 === 1) this.env[name] = secret;
      else this.files[name] = `${secret}\n`;
      return number % 3 === 1 ? `\${${name}}` : `\${file:${name}}`;
    });
    this.resources[`r${number}-${plugin}`] = { plugin, config: written, ...more };
  }
}

function replaceIn(value: unknown, write: (secret: string) => string): unknown {
  if (typeof value === 'string') return value.replace(SECRET, write);
  if (Array.isArray(value)) return value.map((item) => replaceIn(item, write));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, replaceIn(inner, write)]));
}

it('shows no secret anywhere, whatever fails', async () => {
  await using refusing = await startHostile('refuses');
  await using echoing = await startHostile('echoes');
  await using redis = await startRedis({ password: 'the right one' });
  await using postgres = await startPostgres();
  const canaries = new Canaries();
  const planted = new Planted();
  for (const plugin of await builtIns()) {
    const places = new Set<string>();
    for (const { target } of [refusing, echoing]) {
      const secrets = withSecrets(plugin, target, (place) => canaries.plant(`${plugin.name} ${place}`));
      for await (const { place, config } of secrets) {
        places.add(placeName(place));
        planted.add(plugin.name, config);
      }
    }
    // A plugin whose new secret is in no configuration that its sample.yaml leads to: give the sample one.
    expect([...secretPlaces(plugin)].filter((place) => !places.has(place))).toEqual([]);
  }
  const redisUrl = `redis://:${encodeURIComponent(canaries.plant('the URL of a Redis'))}@127.0.0.1:${redis.port}`;
  planted.add('queue-depth', { broker: 'redis', url: redisUrl, queues: ['q'] });
  const password = canaries.plant('the password of a PostgreSQL');
  const url = `postgres://nobody@127.0.0.1:${postgres.port}/postgres`;
  planted.add('db-pool', { engine: 'postgres', url, password });
  for (const mode of LEAKY_MODES) planted.add('leaky', { mode, token: canaries.plant(`leaky ${mode}`) });
  const token = canaries.plant('web.admin.token_file', '');

  await using run = await startInformer({
    config: `plugin_dirs: [plugins]
defaults: {timeout: 2s, open_timeout: 5s}
plugins: {leaky: {host: own, log_lines: 1000}}
resources: ${JSON.stringify(planted.resources)}
`,
    web: 'admin: {token_file: token}',
    args: ['--log.level', 'debug'],
    env: planted.env,
    files: { ...planted.files, token, 'plugins/leaky.ts': LEAKY },
    outputLimit: 64 * 1024 * 1024,
    timeout: 60_000,
  });
  const shown: Shown = new Map();
  const events = listen(run, shown);
  await waitFor(() => allHaveFailed(run), {
    what: 'every resource to have done what it does',
    timeout: 180_000,
    interval: 1_000,
  });
  await askEverything(run, token, shown);
  await runCommands(run, canaries.plant('--set', ''), planted, shown);
  await breakConfiguration(run, canaries, planted, shown);
  events.abort();
  shown.set('the log', run.process.output());
  addProcesses(run, shown);
  for (const file of globSync('state/**/*', { cwd: run.folder })) {
    shown.set(file, await readFile(join(run.folder, file), 'latin1').catch(() => ''));
  }

  expect(canaries.count).toBeGreaterThan(30);
  const leaks = [...shown].flatMap(([where, text]) => canaries.in(text).map((what) => `${where}: ${what}`));
  expect(leaks).toEqual([]);
  // What is looked at is there.
  expect(shown.get('the log')).toMatch(/it is \*\*\*/);
  expect(shown.get('GET /api/v1/resources')).toContain('login with ***');
}, 600_000);

/** Some bring down the host of others, which are collected at the next scrape then. */
async function allHaveFailed(run: RunningInformer): Promise<boolean> {
  await run.scrape();
  const { resources } = (await (await fetch(`${run.url}/api/v1/resources`)).json()) as {
    resources: { state: string; lastCollectAt?: number }[];
  };
  return resources.every(
    ({ state, lastCollectAt }) =>
      state === 'failed' || state === 'quarantined' || lastCollectAt !== undefined,
  );
}

/** Reads events for as long as the test runs. */
function listen(run: RunningInformer, shown: Shown): AbortController {
  const abort = new AbortController();
  const read = async () => {
    const response = await fetch(`${run.url}/api/v1/events`, { signal: abort.signal });
    for await (const chunk of response.body ?? []) {
      shown.set('events', (shown.get('events') ?? '') + Buffer.from(chunk).toString('latin1'));
    }
  };
  read().catch(() => undefined);
  return abort;
}

/** Every route that can be read, for everything that it can be asked about, and the answers to what is refused. */
async function askEverything(run: RunningInformer, token: string, shown: Shown): Promise<void> {
  const ask = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`${run.url}${path}`, init);
    const text = Buffer.from(await response.arrayBuffer()).toString('latin1');
    shown.set(
      `${init.method ?? 'GET'} ${path} ${new Headers(init.headers).get('accept') ?? ''}`.trim(),
      text,
    );
    return text;
  };
  const accepts = [
    'text/plain',
    'application/openmetrics-text; version=1.0.0',
    'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited',
  ];
  // The second time there is every format that was asked for the first time.
  for (const _time of [1, 2]) {
    await Promise.all(accepts.map((accept) => ask('/metrics', { headers: { accept } })));
  }
  const resources = names(await ask('/api/v1/resources'), 'resources');
  const plugins = names(await ask('/api/v1/plugins'), 'plugins');
  const routes = [
    '/',
    '/api/v1/agent',
    '/api/v1/resources?include=history',
    '/api/v1/logs',
    '/api/v1/audit',
    '/api/v1/metadata',
    '/api/v1/metadata?limit=1000',
    '/openapi.json',
    '/-/ready',
    '/nothing',
  ];
  for (const path of routes) await ask(path);
  for (const name of resources) {
    for (const path of [`/api/v1/resources/${name}`, `/api/v1/logs?resource=${name}`]) await ask(path);
  }
  for (const name of plugins) await ask(`/api/v1/plugins/${name}`);
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const [one, other] = resources.filter((name) => name.endsWith('-leaky'));
  const change = (path: string, body: object) =>
    ask(path, { method: 'POST', headers, body: JSON.stringify(body) });
  for (const operation of ['collect', 'restart', 'disable', 'enable']) {
    await change(`/api/v1/resources/${one}/${operation}`, { reason: 'a test' });
    await ask(`/api/v1/resources/${other}/${operation}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}x` },
    });
  }
  await change('/api/v1/resources/nobody/enable', {});
  await ask('/api/v1/plan', { method: 'POST', headers: { authorization: `Bearer ${token}` } });
  await ask('/-/reload', { method: 'POST', headers: { authorization: `Bearer ${token}` } });
}

const names = (text: string, key: string): string[] =>
  ((JSON.parse(text) as Record<string, { name: string }[]>)[key] ?? []).map(({ name }) => name);

async function runCommands(
  run: RunningInformer,
  adHoc: string,
  planted: Planted,
  shown: Shown,
): Promise<void> {
  const command = async (...args: string[]) => {
    const { stdout, stderr } = await informer(args, { cwd: run.folder, env: planted.env });
    shown.set(`informer ${args.join(' ')}`, `${stdout}\n${stderr}`);
  };
  const everything = Object.keys(planted.resources);
  const leaky = everything.filter((name) => name.endsWith('-leaky'));
  const told = leaky.filter((_name, index) => ['message', 'open'].includes(LEAKY_MODES[index] ?? ''));
  const few = [...everything.filter((name) => name.endsWith('-db-pool')).slice(0, 1), ...told];
  // A configuration of their own: each command checks all of one.
  const resources = Object.fromEntries(few.map((name) => [name, planted.resources[name]]));
  await run.write('few.yaml', `plugin_dirs: [plugins]\nresources: ${JSON.stringify(resources)}\n`);
  for (const name of few) await command('collect', name, '--debug', '--config', 'few.yaml');
  await command('collect', '--plugin', 'leaky', '--debug', '--set', 'mode=open', '--set', `token=${adHoc}`);
  await command('status');
  await command('status', ...leaky.slice(0, 1));
  await command('plan');
  await command('support-bundle', '-o', 'bundle.tar.gz');
  const unpacked = join(run.folder, 'unpacked');
  await mkdir(unpacked);
  for (const [name, text] of await unpack(join(run.folder, 'bundle.tar.gz'), unpacked))
    shown.set(`bundle ${name}`, text);
}

/** A configuration that is rejected, in which secrets stand where nobody may look for them. */
async function breakConfiguration(
  run: RunningInformer,
  canaries: Canaries,
  planted: Planted,
  shown: Shown,
): Promise<void> {
  const probe = (config: object) => ({ plugin: 'http-probe', config });
  const broken = {
    type: probe({
      targets: ['http://a/'],
      basic_auth: { username: 'u', password: [canaries.plant('a list')] },
    }),
    key: probe({
      targets: ['http://a/'],
      basic_auth: { username: 'u', pasword: canaries.plant('a misspelt key') },
    }),
    url: probe({ targets: [`http://u:${encodeURIComponent(canaries.plant('a URL that is none'))}@ho st/`] }),
    both: {
      tiemout: 5,
      ...probe({ targets: ['http://a/'], headers: { a: canaries.plant('beside another mistake') } }),
    },
    told: {
      plugin: 'leaky',
      config: { mode: 'validate', token: canaries.plant('what a plugin says of it') },
    },
    nested: { plugin: 'leaky', config: { mode: {}, token: { a: canaries.plant('a mapping') } } },
  };
  const texts = {
    'not usable': `plugin_dirs: [plugins]\nresources:\n${Object.entries(broken)
      .map(([name, resource]) => `  ${name}: ${JSON.stringify(resource)}\n`)
      .join('')}`,
    'not YAML': `resources:\n  a: {plugin: leaky, config: {token: "${canaries.plant('a file that is no YAML', '')}\n  b: ]\n`,
  };
  for (const [what, text] of Object.entries(texts)) {
    await run.configure(text);
    for (const command of ['check', 'reload']) {
      const { stdout, stderr } = await informer([command], { cwd: run.folder, env: planted.env });
      shown.set(`informer ${command}, ${what}`, `${stdout}\n${stderr}`);
    }
    for (const path of ['/', '/api/v1/agent', '/api/v1/logs']) {
      shown.set(`GET ${path}, ${what}`, await (await fetch(`${run.url}${path}`)).text());
    }
    const file = `bundle-${what.replace(' ', '-')}`;
    await informer(['support-bundle', '-o', `${file}.tar.gz`], { cwd: run.folder, env: planted.env });
    await mkdir(join(run.folder, file));
    const unpacked = await unpack(join(run.folder, `${file}.tar.gz`), join(run.folder, file));
    for (const [name, part] of unpacked) shown.set(`bundle ${name}, ${what}`, part);
  }
}

/** The command lines and names of the agent's processes, which everybody on the machine can see. */
function addProcesses(run: RunningInformer, shown: Shown): void {
  const children = (pid: number): number[] => {
    const listed = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return [pid, ...listed.split(' ').filter(Boolean).map(Number).flatMap(children)];
  };
  for (const pid of children(run.process.pid)) {
    for (const name of ['cmdline', 'comm']) {
      shown.set(`/proc/${pid}/${name}`, readFileSync(`/proc/${pid}/${name}`, 'latin1'));
    }
  }
}
