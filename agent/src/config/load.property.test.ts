import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { formatDiagnostic } from './diagnostic.ts';
import { CONFIG_ERRORS } from './error-table.ts';
import { loadConfig } from './load.ts';

const GOOD = `
web:
  listen: [127.0.0.1:19115, 'unix:/run/i.sock']
  admin: {token_file: token}
limits: {concurrency: 2}
defaults: {every: 1m30s, timeout: 1s}
include: [conf.d/*.yaml]
x-base: &base
  plugin: http-probe
  labels: {team: payments}
plugins:
  acme-queue: {path: ./acme, host: own, memory: 128MiB}
resources:
  checkout-api:
    <<: *base
    every: 15s
    relabel:
      - {source_labels: [__name__], regex: 'probe_dns_.*', action: drop}
      - {target_label: env, replacement: $1}
    config:
      targets: ["https://\${HOST:-shop.example}/health"]
      token: \${file:token}
  other: {plugin: acme-queue, enabled: false}
`;

const codes = CONFIG_ERRORS.map(({ code }) => code);

const files = (text: string) => async (file: string) => {
  if (file === '/c/informer.yaml') return Buffer.from(text);
  if (file === '/c/token') return Buffer.from('secret\n');
  throw Object.assign(new Error('gone'), { code: 'ENOENT' });
};

/** Whatever the text, loading tells about it in diagnostics that have a place in it, and never throws. */
async function expectDiagnosed(text: string): Promise<void> {
  const { config, issues } = await loadConfig('/c/informer.yaml', {
    env: {},
    readFile: files(text),
    glob: async () => [],
  });
  expect(config === undefined).toBe(issues.length > 0);
  for (const issue of issues) {
    const lines = issue.file === '/c/informer.yaml' ? text.split('\n') : [''];
    expect(codes).toContain(issue.code);
    expect(issue.class).toBe('config');
    expect(issue.message).not.toBe('');
    expect(issue.fix).not.toBe('');
    expect(issue.line).toBeGreaterThanOrEqual(1);
    expect(issue.line).toBeLessThanOrEqual(lines.length);
    expect(issue.column).toBeGreaterThanOrEqual(1);
    expect(issue.column).toBeLessThanOrEqual((lines[issue.line - 1] ?? '').length + 1);
    expect(formatDiagnostic(issue)).toMatch(/^\/.+:\d+:\d+: .+; .+$/s);
    expect(formatDiagnostic(issue)).not.toContain('undefined');
  }
}

const edit = fc.record({
  at: fc.nat(GOOD.length),
  remove: fc.nat(12),
  insert: fc.oneof(
    fc.constantFrom(
      '',
      ':',
      '- ',
      '{',
      '}',
      '[',
      ']',
      '"',
      "'",
      '&a ',
      '*a',
      '*base',
      '<<: ',
      '!x ',
      '|',
      '\t',
      '\n',
    ),
    fc.constantFrom(
      '${',
      '${X}',
      '$$',
      '#',
      '---\n',
      '...',
      '%YAML 1.1\n',
      'null',
      '5',
      '\u0000',
      '\ufeff',
      '😀',
      '? ',
    ),
    fc.string({ maxLength: 6 }),
  ),
});

const json = fc.jsonValue({ maxDepth: 3 });

describe('a configuration', () => {
  it('is valid before it is changed', async () => {
    await expectDiagnosed(GOOD);
    expect(
      (
        await loadConfig('/c/informer.yaml', {
          env: {},
          readFile: files(GOOD),
          glob: async () => [],
        })
      ).issues,
    ).toEqual([]);
  });

  it('whose text was edited anywhere has diagnostics, with places', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 4 }), async (edits) => {
        let text = GOOD;
        for (const { at, remove, insert } of edits)
          text = text.slice(0, at) + insert + text.slice(at + remove);
        await expectDiagnosed(text);
      }),
      { numRuns: 500 },
    );
  });

  it('with any value in any place has diagnostics, with places', async () => {
    const paths: (string | number)[][] = [];
    const walk = (value: unknown, path: (string | number)[]) => {
      paths.push(path);
      if (typeof value !== 'object' || value === null) return;
      for (const [key, inner] of Object.entries(value)) {
        walk(inner, [...path, Array.isArray(value) ? Number(key) : key]);
      }
    };
    walk(parse(GOOD, { merge: true }), []);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...paths),
        json,
        fc.string({ maxLength: 10 }),
        async (path, value, key) => {
          const changed = { top: parse(GOOD, { merge: true }) as unknown };
          let at: Record<string, unknown> = changed;
          for (const step of ['top', ...path].slice(0, -1)) at = at[step] as Record<string, unknown>;
          const last = String(['top', ...path].at(-1));
          at[last] = value;
          if (!Array.isArray(at) && key !== '') Object.assign(at, { [key]: value });
          await expectDiagnosed(stringify(changed.top));
          await expectDiagnosed(JSON.stringify(changed.top));
        },
      ),
      { numRuns: 250 },
    );
  });
});
