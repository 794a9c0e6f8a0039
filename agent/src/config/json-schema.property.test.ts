import { Type } from '@dynamic-informer/sdk';
import { compileSchema } from '@dynamic-informer/sdk/host';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configJsonSchema } from './json-schema.ts';
import { loadConfig } from './load.ts';

const queue = Type.Object({
  url: Type.String({ format: 'uri' }),
  depth: Type.Integer({ default: 3, minimum: 1, maximum: 9 }),
  names: Type.Optional(Type.Array(Type.String(), { minItems: 1, uniqueItems: true })),
  kind: Type.Optional(Type.Union([Type.Literal('list'), Type.Literal('stream')])),
  wait: Type.Optional(Type.String({ format: 'duration' })),
  size: Type.Optional(Type.String({ format: 'size' })),
  headers: Type.Optional(Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()]))),
  tls: Type.Object({ verify: Type.Boolean({ default: true }) }, { default: {} }),
  broker: Type.Optional(
    Type.Union([
      Type.Object({ name: Type.Literal('redis'), db: Type.Optional(Type.Integer()) }),
      Type.Object({ name: Type.Literal('spool'), path: Type.String({ maxLength: 9 }) }),
    ]),
  ),
});

const GOOD = {
  web: { listen: ['127.0.0.1:0'], metrics_path: '/m', admin: { token_file: 't' } },
  state_dir: '/s',
  limits: { concurrency: 2, series: 10 },
  shared_host: { memory: '64MiB', cpu: 0.5, log_lines: 3 },
  defaults: { every: '1m', timeout: '5s', max_series: 5, max_bytes: '1MiB' },
  include: ['c/*.yaml'],
  plugin_dirs: ['p'],
  'x-any': { a: 1 },
  plugins: { queue: { host: 'own', memory: '64MiB', nice: 3 } },
  resources: {
    a: {
      plugin: 'queue',
      enabled: true,
      every: 'scrape',
      timeout: '1s',
      labels: { team: 'shop' },
      relabel: [{ source_labels: ['__name__'], regex: 'a.*', action: 'drop' }],
      config: {
        url: 'http://h/',
        depth: 1,
        names: ['a', 'b'],
        kind: 'list',
        wait: '5s',
        size: '1KiB',
        headers: { a: 'b', c: 1 },
        tls: { verify: false },
        broker: { name: 'spool', path: '/x' },
      },
    },
    b: { plugin: 'queue', config: { url: 'http://h/', broker: { name: 'redis', db: 1 } } },
  },
};

/** What no schema in an editor may let pass. */
const STRUCTURE = [
  'CONFIG_UNKNOWN_KEY',
  'CONFIG_UNSUPPORTED_KEY',
  'CONFIG_MISSING_KEY',
  'CONFIG_WRONG_TYPE',
  'CONFIG_BAD_NAME',
];

const ajv = new Ajv({ strict: false, logger: false });
formats.default(ajv, ['uri']);
const isAccepted = ajv.compile(configJsonSchema([{ name: 'queue', description: '', schema: queue }]));

/** The codes of all that the agent has against a configuration. */
async function codesOf(text: string): Promise<string[]> {
  const { issues, draft } = await loadConfig('/c/informer.yaml', {
    env: {},
    readFile: async (file) => {
      if (file === '/c/informer.yaml') return Buffer.from(text);
      throw Object.assign(new Error('gone'), { code: 'ENOENT' });
    },
    glob: async () => [],
  });
  const check = await compileSchema(queue);
  const codes = issues.map(({ code }) => code);
  for (const { plugin, config, substituted } of draft?.config.resources ?? []) {
    if (plugin !== 'queue') codes.push('CONFIG_UNKNOWN_PLUGIN');
    const known = new Set(substituted.map((path) => JSON.stringify(path)));
    const { issues: found } = check(config, { coerce: (path) => known.has(JSON.stringify(path)) });
    codes.push(...found.map(({ code }) => code));
  }
  return codes;
}

type Path = (string | number)[];

function pathsIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const inside = Object.entries(value).flatMap(([key, inner]) =>
    pathsIn(inner, [...path, Array.isArray(value) ? Number(key) : key]),
  );
  return [path, ...inside];
}

const PATHS = pathsIn(GOOD).filter((path) => path.length > 0);
const anything = fc.oneof(
  fc.constantFrom<unknown>(
    '',
    '5s',
    '1MiB',
    '64MiB',
    'scrape',
    'queue',
    'redis',
    'list',
    'http://h/',
    'a',
    'own',
    'drop',
  ),
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    0,
    1,
    5,
    -1,
    2.5,
    1e9,
    [],
    {},
    ['a'],
    [1],
    { a: 'b' },
    { name: 'redis' },
  ),
  fc.constantFrom<unknown>(
    '${X:-5s}',
    '${X:-5}',
    '${X:-true}',
    '${X:-redis}',
    '${X:-queue}',
    '${X:-list}',
    '${X:-http://h/}',
  ),
  fc.jsonValue({ maxDepth: 2 }),
);
const mutation = fc.record({
  path: fc.constantFrom(...PATHS),
  how: fc.constantFrom('replace', 'remove', 'add'),
  key: fc.oneof(
    fc.constantFrom('timeout', 'tiemout', 'x-y', 'url', 'plugin', 'B', 'enabled', '__proto__'),
    fc.string({ maxLength: 4 }),
  ),
  value: anything,
});

function changed(mutations: readonly (typeof mutation extends fc.Arbitrary<infer M> ? M : never)[]): unknown {
  const root = { top: structuredClone(GOOD) as unknown };
  for (const { path, how, key, value } of mutations) {
    let at: unknown = root;
    for (const step of ['top', ...path].slice(0, -1))
      at = (at as Record<string, unknown> | undefined)?.[step];
    if (typeof at !== 'object' || at === null) continue;
    const last = path.at(-1) ?? 'top';
    if (how === 'replace') Object.assign(at, { [last]: value });
    else if (how === 'remove' && !Array.isArray(at)) Reflect.deleteProperty(at, last);
    else if (how === 'add' && !Array.isArray(at) && key !== '') {
      Object.defineProperty(at, key, { value, enumerable: true, configurable: true, writable: true });
    }
  }
  return JSON.parse(JSON.stringify(root.top));
}

describe('the JSON schema and the agent', () => {
  it('agree on a configuration', async () => {
    expect(await codesOf(JSON.stringify(GOOD))).toEqual([]);
    expect(isAccepted(GOOD), JSON.stringify(isAccepted.errors)).toBe(true);
  });

  it('agree on what is changed in it: neither takes a structure that the other refuses', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 3 }), async (mutations) => {
        const value = changed(mutations);
        const text = JSON.stringify(value);
        const codes = await codesOf(text);
        const valid = isAccepted(value);
        // What the agent takes has no line below it in an editor.
        if (codes.length === 0) expect(valid, JSON.stringify(isAccepted.errors)).toBe(true);
        const isWrong = codes.some((code) => STRUCTURE.includes(code) || code === 'CONFIG_UNKNOWN_PLUGIN');
        if (isWrong && !text.includes('${')) expect(valid, codes.join()).toBe(false);
      }),
      { numRuns: 400 },
    );
  }, 180_000);
});
