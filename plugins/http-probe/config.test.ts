import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openForTest } from '@dynamic-informer/sdk/testing';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import plugin from './index.ts';

const problemsOf = async (config: object) =>
  openForTest(plugin, { targets: ['http://127.0.0.1:1/'], ...config }).then(
    async (collector) => {
      await collector.close();
      return undefined;
    },
    (error: unknown) => error,
  );

it.each<[object, string]>([
  [
    { targets: ['localhost:8080'] },
    'config.targets.0: "localhost:8080" is not an http or https URL; write it whole, such as http://localhost:8080',
  ],
  [
    { targets: ['ftp://u:hidden@a/'] },
    'config.targets.0: "ftp://a/" is not an http or https URL; write it whole, such as http://shop.example/health',
  ],
  [
    { targets: ['http://u:hidden@a/', 'http://a/'] },
    'config.targets.1: the target "http://a/" is there twice, and would expose the same series twice; remove one, or probe it in a resource of its own',
  ],
  [
    { valid_status: ['2xx', '20x'] },
    'config.valid_status.1: "20x" is not a status code; write a code (204), a class (2xx) or a range (300-303)',
  ],
  [
    { body_matches: ['('] },
    'config.body_matches.0: it is not a regular expression: /(/u: Unterminated group; correct the expression',
  ],
  [
    { header_not_matches: [{ header: 'x', regex: '[' }] },
    'config.header_not_matches.0.regex: it is not a regular expression: /[/u: Unterminated character class; correct the expression',
  ],
  [
    { fail_if_ssl: true, fail_if_not_ssl: true },
    'config.fail_if_not_ssl: with "fail_if_ssl" too, every probe fails; remove one of the two',
  ],
  [
    { tls: { cert_file: 'a' } },
    'config.tls.cert_file: there is a "cert_file" without a "key_file"; name both files, or neither',
  ],
])('%j is refused', async (config, message) => {
  const problem = (await problemsOf(config)) as { class: string; message: string; fix: string };
  expect(problem.class).toBe('config');
  expect(`${problem.message}; ${problem.fix}`).toBe(message);
  expect(problem.message).not.toContain('hidden');
});

it('says at the start which file can not be read', async () => {
  expect(await problemsOf({ tls: { ca_file: '/no/such/file' } })).toMatchObject({
    class: 'target',
    message: 'tls.ca_file: the file "/no/such/file" can not be read (ENOENT).',
  });
});

it('takes its sample', async () => {
  const sample = parse(await readFile(join(import.meta.dirname, 'sample.yaml'), 'utf8'));
  for (const resource of Object.values<{ plugin: string; config: object }>(sample.resources)) {
    expect(resource.plugin).toBe('http-probe');
    expect(await problemsOf(resource.config)).toBeUndefined();
  }
});
