import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brokenFile, FUZZ_SEED } from '../../../test/support/broken-files.ts';
import { formatDiagnostic } from './diagnostic.ts';
import { CONFIG_ERRORS } from './error-table.ts';
import { excerpt } from './excerpt.ts';
import { loadConfig } from './load.ts';
import { reported, sourceLines } from './report.ts';

const SECRET = 'pl4nted-canary';
const GOOD = `# The agent of a shop. é
web:
  listen: [127.0.0.1:19115, 'unix:/run/i.sock']
  admin: {token_file: token}
limits: {concurrency: 2}
defaults: {every: 1m30s, timeout: 1s}
include: [conf.d/*.yaml]
plugin_dirs: ["plugins"]
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
      targets: ["https://\${HOST:-shop.example}/health", &t http://a, *t]
      token: \${file:token}
      limit: 12
      nested: {a: [1, {b: null}], "c d": 'it''s'}
  orders:
    plugin: acme-queue
    enabled: false
    config:
      url: redis://user:${SECRET}@host:6379/0
      password: ${SECRET}
      note: |
        two
        lines
`;
const INCLUDED = 'resources:\n  more: {plugin: http-probe, timeout: 5}\n';
const codes = CONFIG_ERRORS.map(({ code }) => code);

/** Whatever the bytes, loading tells of them in diagnostics with places in them, quickly enough, and never throws. */
async function expectDiagnosed(bytes: Buffer): Promise<boolean> {
  const files: Readonly<Record<string, Buffer>> = {
    '/c/informer.yaml': bytes,
    '/c/conf.d/a.yaml': Buffer.from(INCLUDED),
    '/c/token': Buffer.from('from-a-file\n'),
  };
  const loaded = await loadConfig('/c/informer.yaml', {
    env: {},
    readFile: async (file) => {
      const found = files[file];
      if (found) return found;
      throw Object.assign(new Error('gone'), { code: 'ENOENT' });
    },
    glob: async (pattern) => (pattern === 'conf.d/*.yaml' ? ['conf.d/a.yaml'] : []),
  });
  const { config, issues, texts } = loaded;
  expect(config === undefined).toBe(issues.length > 0);
  const lines = sourceLines(loaded);
  const shown = reported(issues, loaded, (text) => text);
  for (const { file, line, column, endColumn, code, message, fix } of shown) {
    expect(file).toMatch(/^\/c\//);
    const text = texts[file] ?? bytes.toString('utf8').replace(/^\ufeff/, '');
    const written = text.split('\n')[line - 1];
    expect(written, `${line}`).toBeDefined();
    expect(column).toBeGreaterThanOrEqual(1);
    expect(endColumn).toBeGreaterThanOrEqual(column);
    expect(endColumn).toBeLessThanOrEqual((written?.length ?? 0) + 1);
    expect(codes).toContain(code);
    expect(`${message}${fix}`).not.toMatch(/undefined|\[object/);
    expect(message).not.toBe('');
    expect(fix).not.toBe('');
  }
  for (const issue of issues) {
    expect(formatDiagnostic(issue)).toMatch(/^\/c\/.+:\d+:\d+: .+; .+$/s);
    excerpt(issue, lines(issue.file), (text) => text, issues);
  }
  expect(JSON.stringify([shown, issues.map(formatDiagnostic)])).not.toContain(SECRET);
  return issues.length > 0;
}

describe('a configuration of bytes that nobody meant', () => {
  it('is good before it is broken, but for the included file', async () => {
    expect(await expectDiagnosed(Buffer.from(GOOD.replace('include', 'x-include')))).toBe(false);
  });

  it('has diagnostics with places in it, and none that tells a secret', async () => {
    let broken = 0;
    await fc.assert(
      fc.asyncProperty(brokenFile(GOOD.replace('include', 'x-include'), SECRET), async (bytes) => {
        if (await expectDiagnosed(bytes)) broken++;
      }),
      { numRuns: 700, seed: FUZZ_SEED },
    );
    expect(broken).toBeGreaterThan(400);
  }, 180_000);

  it('cut off anywhere, does not hide what is wrong elsewhere', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: GOOD.length }), async (length) => {
        await expectDiagnosed(Buffer.from(GOOD.slice(0, length)));
      }),
      { numRuns: 300, seed: FUZZ_SEED },
    );
  }, 180_000);
});
