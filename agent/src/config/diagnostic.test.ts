import { describe, expect, it } from 'vitest';
import { byPlace, formatDiagnostic, formatPath, listed } from './diagnostic.ts';
import { loadConfig } from './load.ts';
import { configDiagnostic, diagnosticAt } from './place.ts';
import type { Diagnostic } from './types.ts';

const diagnostic: Diagnostic = {
  code: 'CONFIG_UNKNOWN_KEY',
  class: 'config',
  message: 'unknown key "timeot"',
  fix: 'did you mean "timeout"?',
  path: ['resources', 'orders', 'config', 'timeot'],
  file: 'informer.yaml',
  line: 14,
  column: 9,
};

describe('a diagnostic', () => {
  it('is written with its place, fact and fix', () => {
    expect(formatDiagnostic(diagnostic)).toBe(
      'informer.yaml:14:9: resources.orders.config: unknown key "timeot"; did you mean "timeout"?',
    );
  });

  it('joins the sentences of plugins', () => {
    const sentences = {
      ...diagnostic,
      code: 'CONFIG_INVALID',
      message: 'No user is given.',
      fix: 'Set user.',
    };
    expect(formatDiagnostic(sentences)).toBe(
      'informer.yaml:14:9: resources.orders.config.timeot: No user is given; Set user.',
    );
  });

  it('has a path that can be read', () => {
    expect(formatPath(['resources', 'a.b', 'config', 'queues', 0, 'a key'])).toBe(
      'resources.a.b.config.queues[0]["a key"]',
    );
  });

  it('is sorted by file in the order given, line and column', () => {
    const at = (file: string, line: number, column: number) => ({ ...diagnostic, file, line, column });
    const unsorted = [at('a', 1, 1), at('b', 10, 2), at('b', 9, 5), at('b', 10, 1)];
    expect(unsorted.sort(byPlace(['b', 'a']))).toEqual([
      at('b', 9, 5),
      at('b', 10, 1),
      at('b', 10, 2),
      at('a', 1, 1),
    ]);
  });
});

describe('a list of diagnostics', () => {
  it('says once what is wrong at one place, and of thousands the first', () => {
    const many = Array.from({ length: 1_200 }, (_, line) => ({ ...diagnostic, line: line + 1 }));
    const found = listed([...many.toReversed(), ...many], ['informer.yaml']);
    expect(found.slice(0, -1)).toEqual(many.slice(0, 1_000));
    expect(formatDiagnostic(found.at(-1) ?? diagnostic)).toBe(
      'informer.yaml:1001:9: 200 more errors, from here on, are not listed; correct the others first',
    );
  });
});

describe('the place of an error', () => {
  const files: Record<string, string> = {
    '/c/informer.yaml': `include: [d/*]
x-tls: &tls
  ca_file: /x
resources:
  a:
    plugin: p
    config:
      url: http://h
      queues: [one, {name: two}]
      tls: *tls
`,
    '/c/d/b.yaml': 'resources: {b: {plugin: p, config: {url: x}}, c: {plugin: p}}\n',
  };
  const problem = { code: 'CONFIG_INVALID', class: 'config', message: 'Bad.' } as const;
  const load = () =>
    loadConfig('/c/informer.yaml', {
      env: {},
      readFile: async (file) => Buffer.from(files[file] ?? ''),
      glob: async () => ['d/b.yaml'],
    });

  it.each<[string, (string | number)[], 'key' | 'value' | undefined, string]>([
    ['a', ['plugin'], undefined, '/c/informer.yaml:6:13'],
    ['a', ['config', 'url'], 'value', '/c/informer.yaml:8:12'],
    ['a', ['config', 'url'], 'key', '/c/informer.yaml:8:7'],
    ['a', ['config', 'queues', 1, 'name'], 'value', '/c/informer.yaml:9:28'],
    ['a', ['config', 'missing'], 'value', '/c/informer.yaml:7:5'],
    ['a', ['config', 'tls'], 'value', '/c/informer.yaml:10:12'],
    ['a', ['config', 'tls', 'ca_file'], 'value', '/c/informer.yaml:3:12'],
    ['a', ['config', 'toString'], 'value', '/c/informer.yaml:7:5'],
    ['b', ['config', 'url'], 'value', '/c/d/b.yaml:1:42'],
    ['c', ['config', 'url'], 'value', '/c/d/b.yaml:1:47'],
    ['c', [], undefined, '/c/d/b.yaml:1:50'],
  ])('in resource %s at %j (%s) is %s', async (name, path, on, place) => {
    const resource = (await load()).config?.resources.find((found) => found.name === name);
    if (!resource) throw new Error('there is no such resource');
    const found = diagnosticAt(resource, { ...problem, path, ...(on && { on }) });
    expect(`${found.file}:${found.line}:${found.column}`).toBe(place);
    expect(found.path).toEqual(['resources', name, ...path]);
    if (path[0] === 'config') {
      expect(configDiagnostic(resource, { ...problem, path: path.slice(1), ...(on && { on }) })).toEqual(
        found,
      );
    }
  });
});
