import { matchesGlob } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatDiagnostic } from './diagnostic.ts';
import { loadConfig } from './load.ts';
import type { LoadedConfig } from './types.ts';

type Files = Readonly<Record<string, string | Uint8Array>>;

/** Loads /etc/informer.yaml from files that are given by their absolute paths. */
function load(files: Files | string, env: Record<string, string> = {}): Promise<LoadedConfig> {
  const all: Files = typeof files === 'string' ? { '/etc/informer.yaml': files } : files;
  return loadConfig('/etc/informer.yaml', {
    env,
    async readFile(file) {
      const content = all[file];
      if (content === undefined) throw Object.assign(new Error('gone'), { code: 'ENOENT' });
      return typeof content === 'string' ? Buffer.from(content) : content;
    },
    async glob(pattern, directory) {
      const path = pattern.startsWith('/') ? pattern : `${directory}/${pattern}`;
      return Object.keys(all).filter((file) => matchesGlob(file, path));
    },
  });
}

/** Every complaint, without the main file's name. */
async function complaints(files: Files | string, env?: Record<string, string>): Promise<string[]> {
  const { issues, config } = await load(files, env);
  expect(config === undefined).toBe(issues.length > 0);
  return issues.map((issue) => formatDiagnostic(issue).replace(/^\/etc\/informer\.yaml:/, ''));
}

async function valid(files: Files | string, env?: Record<string, string>) {
  const { config, issues } = await load(files, env);
  expect(issues.map(formatDiagnostic)).toEqual([]);
  if (!config) throw new Error('there is no configuration');
  return config;
}

const one = (...lines: string[]) =>
  `resources:\n  a:\n    plugin: p\n${lines.map((l) => `    ${l}\n`).join('')}`;

describe('a valid configuration', () => {
  it('has defaults for everything', async () => {
    expect(await valid('resources: {a: {plugin: p}}')).toMatchObject({
      web: {
        listen: [{ kind: 'tcp', host: '127.0.0.1', port: 19115 }],
        metricsPath: '/metrics',
        openmetricsCreated: false,
        scrapeTimeoutOffsetMs: 500,
        adminTokenFile: undefined,
      },
      stateDir: expect.stringMatching(/^\/.*informer$/),
      limits: { concurrency: 64, series: 100_000 },
      sharedHost: { memoryBytes: 2 ** 28, cpu: undefined, logLines: undefined },
      pluginDirs: [],
      plugins: [],
      resources: [
        {
          name: 'a',
          plugin: 'p',
          enabled: true,
          every: 'scrape',
          timeoutMs: 5_000,
          openTimeoutMs: 10_000,
          maxSeries: 10_000,
          maxBytes: 16 * 1024 * 1024,
          maxStaleMs: 0,
          labels: {},
          relabel: [],
          config: {},
          substituted: [],
          directory: '/etc',
        },
      ],
    });
  });

  it('is read with everything set, units as numbers and paths from the folder of the file', async () => {
    const config = await valid(`
web:
  listen: ['[::1]:9000', 'unix:/run/i.sock', ':0']
  metrics_path: /m
  scrape_timeout_offset: 1s
  openmetrics_created: true
  admin: {token_file: token}
state_dir: state
limits: {concurrency: 2, series: 50}
shared_host: {memory: 64MiB, cpu: 0.25, log_lines: 50}
defaults: {every: 1m30s, timeout: 1s, open_timeout: 2s, max_series: 7, max_bytes: 2MiB, max_stale: 2m}
plugin_dirs: [plugins, /opt/plugins]
plugins:
  acme-queue: {path: ./acme, host: own, memory: 128MiB, cpu: 0.5, nice: 10}
resources:
  a: {plugin: acme-queue}
  b.c-d_e:
    plugin: q
    enabled: false
    every: scrape
    timeout: 250ms
    max_series: 9
    max_bytes: 3MiB
    labels: {team: payments}
    relabel: [{source_labels: [__name__], regex: 'probe_dns_.*', action: drop}]
    config: {targets: ['https://shop.example']}
x-anything: {free: [1]}
`);
    expect(config).toMatchObject({
      web: {
        listen: [
          { kind: 'tcp', host: '::1', port: 9000 },
          { kind: 'unix', path: '/run/i.sock' },
          { kind: 'tcp', host: '::', port: 0 },
        ],
        metricsPath: '/m',
        openmetricsCreated: true,
        scrapeTimeoutOffsetMs: 1_000,
        adminTokenFile: '/etc/token',
      },
      stateDir: '/etc/state',
      limits: { concurrency: 2, series: 50 },
      sharedHost: { memoryBytes: 2 ** 26, cpu: 0.25, logLines: 50 },
      pluginDirs: ['/etc/plugins', '/opt/plugins'],
      plugins: [
        {
          name: 'acme-queue',
          path: './acme',
          host: 'own',
          memoryBytes: 2 ** 27,
          cpu: 0.5,
          nice: 10,
          directory: '/etc',
        },
      ],
      resources: [
        {
          name: 'a',
          every: 90_000,
          timeoutMs: 1_000,
          openTimeoutMs: 2_000,
          maxSeries: 7,
          maxBytes: 2 * 1024 * 1024,
          maxStaleMs: 120_000,
        },
        {
          name: 'b.c-d_e',
          enabled: false,
          every: 'scrape',
          timeoutMs: 250,
          maxSeries: 9,
          maxBytes: 3 * 1024 * 1024,
          labels: { team: 'payments' },
          relabel: [{ source_labels: ['__name__'], regex: 'probe_dns_.*', action: 'drop' }],
          config: { targets: ['https://shop.example'] },
        },
      ],
    });
    expect(structuredClone(config)).toEqual(config);
  });

  it('may be JSON, with anchors and merge keys, or have sections with nothing under them', async () => {
    expect((await valid('{"resources": {"a": {"plugin": "p"}}}')).resources).toHaveLength(1);
    const { resources } = await valid(`
x-base: &base {plugin: p, timeout: 1s, config: &c {k: 1}}
resources:
  a: {<<: *base, timeout: 2s}
  b: {<<: [{every: 3s}, *base], config: *c}
web:
`);
    expect(resources).toMatchObject([
      { name: 'a', timeoutMs: 2_000, config: { k: 1 } },
      { name: 'b', timeoutMs: 1_000, every: 3_000, config: { k: 1 } },
    ]);
  });

  it('may share an anchor among hundreds of resources', async () => {
    const many = Array.from({ length: 500 }, (_, i) => `  r${i}: {<<: *base}`).join('\n');
    expect((await valid(`x-b: &base {plugin: p}\nresources:\n${many}\n`)).resources).toHaveLength(500);
  });
});

describe('each mistake', () => {
  it.each<[string, string, string]>([
    ['empty', '', '1:1: the file is empty; write a configuration into it, or remove it'],
    ['only comments', '# nothing\n', '1:1: the file is empty; write a configuration into it, or remove it'],
    ['a list', '- a\n', '1:1: must be a mapping, not a list; write a mapping'],
    [
      'bad indentation',
      'web:\n  listen: []\n metrics_path: /m\n',
      '3:1: this is not YAML: all mapping items must start at the same column; correct it',
    ],
    [
      'a tab',
      'web:\n\tlisten: []\n',
      '2:1: this is not YAML: tabs are not allowed as indentation; correct it',
    ],
    [
      'unclosed',
      'web: {listen: [a\n',
      '2:1: this is not YAML: flow sequence in block collection must be sufficiently indented and end with a ]; correct it',
    ],
    [
      'two documents',
      'x-a: 1\n---\nx-b: 1\n',
      '2:1: the file holds more than one document; remove what follows the line "---"',
    ],
    ['an unknown tag', 'web: !secret x\n', '1:6: this is not YAML: a tag ("!…") is not known; correct it'],
    [
      'an anchor that is missing',
      'web: *x\n',
      '1:6: web: there is no anchor "&x" before it; define it with &x',
    ],
    ['an anchor in itself', 'x-a: &a {b: *a}\n', '1:13: x-a.b: an anchor refers to itself; remove the alias'],
    [
      'a bad merge',
      'web: {<<: 3}\n',
      '1:11: web: "<<" merges mappings, and this is none; refer to a mapping: <<: *name',
    ],
    ['a key that is no text', '[a, b]: 1\n', '1:1: a key must be text; name it, or put it in quotes'],
    [
      'a key twice',
      `${one()}  a:\n    plugin: q\n`,
      '4:3: resources: the key "a" is already at 2:3; keep one of them',
    ],
    ['an unknown key at the top', 'resorces: {}\n', '1:1: unknown key "resorces"; did you mean "resources"?'],
    [
      'an unknown key of a resource',
      one('timeot: 5s'),
      '4:5: resources.a: unknown key "timeot"; did you mean "timeout"?',
    ],
    [
      'an unknown key, far from any',
      one('colour: red'),
      `4:5: resources.a: unknown key "colour"; settings of the plugin's go under config; known keys are: plugin, enabled, probe, every, timeout, open_timeout, max_series, max_bytes, max_stale, labels, relabel, config`,
    ],
    [
      'a key that belongs elsewhere',
      'timeout: 1s\n',
      '1:1: unknown key "timeout"; it belongs under defaults or resources.NAME',
    ],
    [
      'a key that belongs deeper',
      'web: {token_file: t}\n',
      '1:7: web: unknown key "token_file"; it belongs under web.admin',
    ],
    [
      'no plugin',
      'resources:\n  a: {}\n',
      '2:3: resources.a: the key "plugin" is missing; add plugin: a string',
    ],
    [
      'an empty resource',
      'resources:\n  a:\n',
      '2:5: resources.a: must be a mapping, but it has no value; give it one, or remove the key',
    ],
    [
      'a bad name',
      'resources:\n  Shop: {plugin: p}\n',
      `2:3: resources: "Shop" can't be a name here; use lower-case letters, digits, ".", "_" and "-", beginning with a letter or a digit, 63 at most`,
    ],
    [
      'a wrong type',
      one('enabled: 5'),
      '4:14: resources.a.enabled: must be true or false, not a number; write true or false',
    ],
    [
      'a number for a duration',
      one('timeout: 5'),
      '4:14: resources.a.timeout: must be a duration such as 5s, not a number; add the unit: 5s',
    ],
    [
      'a bad duration',
      one('timeout: 5sec'),
      '4:14: resources.a.timeout: "5sec" is not a duration; write a number with its unit, such as 250ms, 5s or 1m30s',
    ],
    [
      'a timeout of nothing',
      one('timeout: 0s'),
      '4:14: resources.a.timeout: 0s is too short; use 1ms or more',
    ],
    ['a long interval', one('every: 30d'), '4:12: resources.a.every: 30d is too long; use 24d or less'],
    [
      'a bad interval',
      one('every: scrap'),
      '4:12: resources.a.every: must be "scrape" or a duration such as 5s, not "scrap"; did you mean "scrape"?',
    ],
    [
      'a bad label',
      one('labels: {1st: x}'),
      `4:14: resources.a.labels: "1st" can't be a name here; use letters, digits and "_", not beginning with a digit or "__"; "resource" is set by the agent`,
    ],
    [
      'the reserved label',
      one('labels: {resource: x}'),
      `4:14: resources.a.labels: "resource" can't be a name here; use letters, digits and "_", not beginning with a digit or "__"; "resource" is set by the agent`,
    ],
    [
      'a label that is a number',
      one('labels: {shard: 1}'),
      "4:21: resources.a.labels.shard: must be a string, not a number; put it in quotes: '1'",
    ],
    [
      'a bad relabel action',
      one('relabel: [{action: dorp}]'),
      '4:24: resources.a.relabel[0].action: must be one of "replace", "keep", "drop", "keepequal", "dropequal", "hashmod", "labelmap", "labeldrop", "labelkeep", "lowercase", "uppercase", not "dorp"; did you mean "drop"?',
    ],
    [
      'a bad relabel regex',
      one('relabel:', '  - {action: keep}', "  - {action: drop, regex: '(?=a)'}"),
      `6:31: resources.a.relabel[1].regex: the regular expression "(?=a)" can't be used: RE2 has no look-around; write it in RE2 syntax, as Prometheus reads it`,
    ],
    [
      'a relabel rule without target',
      one('relabel: [{action: hashmod, modulus: 2}]'),
      '4:15: resources.a.relabel[0].target_label: the action "hashmod" needs a target_label; add target_label',
    ],
    [
      'a bad address',
      'web:\n  listen: [localhost]\n',
      '2:12: web.listen[0]: "localhost" is not an address to listen on; write host:port, [ipv6]:port or unix:/path, such as 127.0.0.1:19115',
    ],
    [
      'a bad port',
      'web: {listen: ["h:99999"]}',
      '1:16: web.listen[0]: "h:99999" is not an address to listen on; write host:port, [ipv6]:port or unix:/path, such as 127.0.0.1:19115',
    ],
    [
      'an address that is no list',
      'web: {listen: "h:1"}',
      '1:15: web.listen: must be a list, not a string; write it as a list: ["h:1"]',
    ],
    [
      'a reserved path',
      'web: {metrics_path: /-/ready}',
      '1:21: web.metrics_path: "/-/ready" is not of the right form; it must match ^/(?!-/|api/|page/|plain$|probe$|openapi\\.json$)[A-Za-z0-9._~/-]+$',
    ],
    [
      'little memory',
      'shared_host: {memory: 1MiB}',
      '1:23: shared_host.memory: 1MiB is too little for a process; use 16MiB or more',
    ],
    [
      'memory of a shared plugin',
      'plugins: {p: {host: shared, memory: 64MiB}}',
      '1:37: plugins.p.memory: "memory" has no effect with host: shared; remove it, or set shared_host.memory',
    ],
    [
      'a user of a shared plugin',
      'plugins: {p: {host: shared, user: nobody}}',
      `1:35: plugins.p.user: "user" has no effect with host: shared; remove it, or write host: own`,
    ],
    [
      'a user that is none',
      'plugins: {p: {user: [nobody]}}',
      '1:21: plugins.p.user: must be a string or a whole number, not a list; write a string or a whole number',
    ],
    [
      'a bad host',
      'plugins: {p: {host: mine}}',
      '1:21: plugins.p.host: must be one of "shared", "own", "dedicated", not "mine"; use what it must be',
    ],
    [
      'a limit of nothing',
      'limits: {concurrency: 0}',
      '1:23: limits.concurrency: must be at least 1, not 0; use 1 or more',
    ],
    [
      'web.config_file',
      'web: {config_file: web.yml}',
      '1:20: web.config_file: can\'t read "web.yml": there is no such file; create it, or correct the path',
    ],
    ['web.allow', 'web: {allow: []}', '1:14: web.allow: must not be empty; name at least one'],
    [
      'no share of a core',
      'plugins: {p: {cpu: 0}}',
      '1:20: plugins.p.cpu: must be more than 0, not 0; use a larger number',
    ],
    [
      'more cores than there are',
      'shared_host: {cpu: 65}',
      '1:20: shared_host.cpu: must be at most 64, not 65; use 64 or less',
    ],
    [
      'cpu of a shared plugin',
      'plugins: {p: {host: shared, cpu: 0.5}}',
      '1:34: plugins.p.cpu: "cpu" has no effect with host: shared; remove it, or set shared_host.cpu',
    ],
    [
      'a variable that is not set',
      one('config: {url: "${URL}"}'),
      '4:19: resources.a.config.url: the environment variable "URL" is not set; set it, or write ${URL:-default}',
    ],
    [
      'a file that is not there',
      one('config: {p: "${file:/run/s}"}'),
      '4:17: resources.a.config.p: can\'t read "/run/s": there is no such file; create it, or correct the path',
    ],
    [
      'a bad reference',
      one('config: {p: "${1}"}'),
      '4:17: resources.a.config.p: what begins with "${" here is not a reference; write ${NAME}, ${NAME:-default} or ${file:PATH}, or $${ for the characters ${',
    ],
    [
      'an include that is not there',
      'include: [more.yaml]\n',
      "/etc/more.yaml:1:1: the file can't be read: there is no such file; correct the path, or make the file readable",
    ],
    [
      'a missing variable where a duration belongs',
      one('timeout: ${T}'),
      '4:14: resources.a.timeout: the environment variable "T" is not set; set it, or write ${T:-default}',
    ],
  ])('%s', async (_name, text, complaint) => {
    expect(await complaints(text)).toEqual([complaint]);
  });

  it.each([
    ['a tag', one('config: {password: !hunter2 }')],
    ['an alias', one('config: {password: *hunter2 }')],
    ['what follows a block', one('config:', '  password: |hunter2')],
    ['a directive', '%hunter2\n---\na: 1\n'],
    ['what comes after the end', 'a: [1]]hunter2\n'],
    ['what stands in a file of one line', '| a\rpassword: hunter2\r'],
    ['a forgotten blank', one('config: {password:hunter2: 1, password:hunter2: 1}')],
    ['what is no reference', one('config: {password: "x${hunter2"}')],
    ['a forgotten line', one('every: 15s password: hunter2')],
  ])('quotes nothing that may be a password: %s', async (_name, text) => {
    const { issues } = await load(text);
    expect(issues).not.toEqual([]);
    expect(JSON.stringify(issues)).not.toContain('hunter2');
  });

  it('is reported with all the others, by place, each in its file', async () => {
    const { issues } = await load({
      '/etc/informer.yaml':
        'include: [conf.d/*.yaml]\nlimits: {series: x}\nresources:\n  a: {plugin: p, timeout: 0s, label: {}}\n  b: {plugin: p, timeout: 0s}\n',
      '/etc/conf.d/a.yaml': 'resources: {c: {}}',
      '/etc/conf.d/b.yaml': 'resources: [',
    });
    expect(issues.map(({ file, line, code }) => `${file}:${line} ${code}`)).toEqual([
      '/etc/informer.yaml:2 CONFIG_WRONG_TYPE',
      '/etc/informer.yaml:4 CONFIG_BAD_VALUE',
      '/etc/informer.yaml:4 CONFIG_UNKNOWN_KEY',
      '/etc/informer.yaml:5 CONFIG_BAD_VALUE',
      '/etc/conf.d/a.yaml:1 CONFIG_MISSING_KEY',
      '/etc/conf.d/b.yaml:1 CONFIG_BAD_YAML',
    ]);
  });

  it('does not hide what is wrong elsewhere: not when a file is not YAML, nor when an anchor is missing', async () => {
    const broken = await load({
      '/etc/informer.yaml': 'include: [conf.d/*.yaml]\nresources: {a: {plugin: p}\n  b: [\n',
      '/etc/conf.d/a.yaml': 'resources: {c: {plugin: p, timeout: 5}}',
    });
    expect(new Set(broken.issues.map(({ file, code }) => `${file} ${code}`))).toEqual(
      new Set(['/etc/informer.yaml CONFIG_BAD_YAML', '/etc/conf.d/a.yaml CONFIG_WRONG_TYPE']),
    );
    expect(
      await complaints(
        'resources:\n  a: {plugin: *p, tiemout: 5s}\n  b: {<<: *q, labels: {a: 1}, colour: red}\n',
      ),
    ).toEqual([
      '2:15: resources.a.plugin: there is no anchor "&p" before it; define it with &p',
      '2:19: resources.a: unknown key "tiemout"; did you mean "timeout"?',
      '3:11: resources.b: "<<" merges mappings, and this is none; refer to a mapping: <<: *name',
    ]);
  });

  it('leaves of the configuration what can be checked all the same', async () => {
    const { draft, config } = await load(`
plugins: {q: {nice: low, path: ./q}}
resources:
  a: {plugin: p, timeout: 5, config: {url: "\${GONE}", n: 1}}
  b: {plugin: [p]}
  C: {plugin: p}
  d: {plugin: q, tiemout: 1s}
`);
    expect(config).toBeUndefined();
    expect(draft?.knowsPlugins).toBe(true);
    expect(draft?.config.plugins).toMatchObject([{ name: 'q', path: './q' }]);
    expect(draft?.config.resources.map(({ name, plugin, config: own }) => [name, plugin, own])).toEqual([
      ['a', 'p', { url: '${GONE}', n: 1 }],
      ['C', 'p', {}],
      ['d', 'q', {}],
    ]);
    for (const unknown of ['plugins: 3', 'plugins: {q: {path: 3}}', 'plugin_dirs: x', 'include: [3]', '[']) {
      expect((await load(unknown)).draft?.knowsPlugins, unknown).toBe(false);
    }
  });

  it('that is in the bytes or the size of the file is an issue as well', async () => {
    expect(await complaints({})).toEqual([
      "1:1: the file can't be read: there is no such file; correct the path, or make the file readable",
    ]);
    expect(await complaints({ '/etc/informer.yaml': new Uint8Array([0xff, 0xfe, 0x41]) })).toEqual([
      "1:1: the file can't be read: it is UTF-16 text; save it as UTF-8",
    ]);
    const bytes = Buffer.concat([
      Buffer.from('\ufeffx-a: \ufffd\nx-b: \ufffd é'),
      Buffer.from([0xe9]),
      Buffer.from('\ufffd'),
    ]);
    expect(await complaints({ '/etc/informer.yaml': bytes })).toEqual([
      "2:9: the file can't be read: it is not UTF-8 text; save it as UTF-8",
    ]);
    expect(await complaints('x-a: 1\nx-b: "a\u0000b"')).toEqual([
      '2:8: the file holds a character that is no text (U+0000); remove it; in double quotes it can be written as an escape',
    ]);
    expect(await complaints(`x-a: ${' '.repeat(2 ** 24)}`)).toEqual([
      "1:1: the file can't be read: it has more than 16MiB; divide it, and include the parts",
    ]);
    expect(await complaints(`x-a: ${'['.repeat(150)}${']'.repeat(150)}`)).toHaveLength(1);
    expect(await complaints(`x-a: ${'['.repeat(100_000)}`)).toHaveLength(1);
    const levels = Array.from(
      { length: 9 },
      (_, i) => `x-${i + 1}: &l${i + 1} [${Array(10).fill(`*l${i}`)}]`,
    );
    const bomb = `x-0: &l0 [a]\n${levels.join('\n')}\n`;
    expect(await complaints(bomb)).toEqual([expect.stringContaining('expands to more than 500000 values')]);
  });
});

describe('substitution', () => {
  const config = async (value: string, env: Record<string, string> = {}, files: Files = {}) => {
    const loaded = await valid({ '/etc/informer.yaml': one(`config: {v: ${value}}`), ...files }, env);
    const [resource] = loaded.resources;
    return (resource?.config as { v: unknown } | undefined)?.v;
  };

  it.each<[string, string, Record<string, string>]>([
    ['"${A}"', 'x', { A: 'x' }],
    ['"${A}"', '', { A: '' }],
    ['"${A:-d}"', 'd', {}],
    ['"${A:-d}"', 'd', { A: '' }],
    ['"${A:-}"', '', {}],
    ['"${A:-http://h:1/?q=$x}"', 'http://h:1/?q=$x', {}],
    ['"${A}-${_B2}"', 'x-y', { A: 'x', _B2: 'y' }],
    ['"$${A}"', '${A}', { A: 'x' }],
    ['"$$$${A}"', '$${A}', { A: 'x' }],
    ['"$$${A}"', '$x', { A: 'x' }],
    ['"$A $1 a$"', '$A $1 a$', { A: 'x' }],
    ['"${A}"', '${B}', { A: '${B}' }],
    ['"${A}"', '$&', { A: '$&' }],
  ])('turns %s into %j', async (text, result, env) => {
    expect(await config(text, env)).toBe(result);
  });

  it('does not take what only looks like a variable from the prototype', async () => {
    expect(await complaints(one('config: {v: "${toString}"}'))).toHaveLength(1);
  });

  it('trims one newline of a file, reads it from the folder of the configuration, and keeps it secret', async () => {
    const files = {
      '/etc/s': 'hunter2\n\n',
      '/run/t': 'x\r\n',
      '/etc/informer.yaml': one('config: {a: "${file:s}", b: "${file:/run/t}"}'),
    };
    const loaded = await load(files);
    expect(loaded.config?.resources[0]?.config).toEqual({ a: 'hunter2\n', b: 'x' });
    expect(loaded.secrets).toEqual(['hunter2\n', 'x']);
    expect(loaded.files).toEqual(['/etc/informer.yaml', '/etc/s', '/run/t']);
  });

  it('tells where it took place, so that text may become a number where one is wanted', async () => {
    const text =
      'limits: {concurrency: "${N}"}\nresources: {a: {plugin: p, enabled: "${E}", config: {l: [1, "${N}", "$$"]}}}';
    const { limits, resources } = await valid(text, { N: '3', E: 'false' });
    expect(limits.concurrency).toBe(3);
    expect(resources[0]).toMatchObject({
      enabled: false,
      config: { l: [1, '3', '$'] },
      substituted: [['l', 1]],
    });
    expect(await complaints('limits: {concurrency: "${N}"}', { N: 'secret' })).toEqual([
      '1:23: limits.concurrency: must be a whole number, not a string; write a whole number',
    ]);
  });

  it('leaves relabel rules and x- keys alone', async () => {
    const text =
      'x-a: "${NOT_SET}"\nresources: {a: {plugin: p, relabel: [{target_label: t, replacement: "${1}"}]}}';
    expect((await valid(text)).resources[0]?.relabel).toEqual([{ target_label: 't', replacement: '${1}' }]);
  });

  it('finds the passwords in URLs', async () => {
    const { secrets } = await load(one('config: {url: "redis://u:p%40ss@h/0", plain: "http://h:80/a@b"}'));
    expect(secrets).toEqual(['p%40ss', 'p@ss']);
  });
});

describe('include', () => {
  it('merges files in the order of their names and says which they were', async () => {
    const { config, files, sources } = await load({
      '/etc/informer.yaml': 'include: [conf.d/*.yaml, /absent/*.yaml]\nresources: {m: {plugin: p}}',
      '/etc/conf.d/b.yaml': 'resources: {b: {plugin: p}}\nx-c: 1',
      '/etc/conf.d/a.yaml': 'resources: {a: {plugin: p}}\nplugins: {p: {nice: 3}}',
      '/etc/conf.d/.hidden.yaml': 'resources: 1',
    });
    expect(config?.resources.map(({ name, directory }) => [name, directory])).toEqual([
      ['m', '/etc'],
      ['a', '/etc/conf.d'],
      ['b', '/etc/conf.d'],
    ]);
    expect(config?.plugins).toMatchObject([{ name: 'p', nice: 3, directory: '/etc/conf.d' }]);
    expect(files).toEqual(['/etc/informer.yaml', '/etc/conf.d/a.yaml', '/etc/conf.d/b.yaml']);
    expect(sources?.included).toEqual(['/etc/conf.d/a.yaml', '/etc/conf.d/b.yaml']);
  });

  it('refuses what is there twice and what is not for included files', async () => {
    const { issues } = await load({
      '/etc/informer.yaml': 'include: ["*.d/*"]\nresources:\n  a: {plugin: p}\n',
      '/etc/a.d/x.yaml': 'limits: {}\nresources:\n  a: {plugin: p}\n',
    });
    expect(issues.map(formatDiagnostic)).toEqual([
      '/etc/a.d/x.yaml:1:1: the key "limits" is not for an included file; move it to the main file',
      '/etc/a.d/x.yaml:3:3: resources: the resource "a" is already at /etc/informer.yaml:3:3; rename or remove one of them',
    ]);
  });

  it('never includes the main file in itself', async () => {
    expect(await complaints({ '/etc/informer.yaml': 'include: ["*.yaml"]' })).toEqual([]);
  });
});

describe('the digests', () => {
  const files = {
    '/etc/informer.yaml': 'include: [c/*.yaml, gone.yaml]\nresources: {a: {plugin: "${file:s}"}}',
    '/etc/c/a.yaml': 'x-b: 1',
    '/etc/s': 'secret',
  };

  it('are those of everything that was read or should have been', async () => {
    const digests = (await load(files)).sources?.digests;
    expect((await load({ ...files })).sources?.digests).toEqual(digests);
    expect(Object.keys(digests ?? {}).sort()).toEqual([
      '/etc/c/a.yaml',
      '/etc/gone.yaml',
      '/etc/informer.yaml',
      '/etc/s',
    ]);
    expect(digests).toMatchObject({ '/etc/gone.yaml': 'ENOENT' });
    const changed = (await load({ ...files, '/etc/c/a.yaml': 'x-b: 2' })).sources?.digests;
    expect(changed).toEqual({
      ...digests,
      '/etc/c/a.yaml': expect.not.stringMatching(digests?.['/etc/c/a.yaml'] ?? ''),
    });
  });
});
