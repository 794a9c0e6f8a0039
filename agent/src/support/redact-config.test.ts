import { Type } from '@dynamic-informer/sdk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { redactConfig } from './redact-config.ts';

const shop = Type.Object({
  targets: Type.Array(Type.String()),
  login: Type.Optional(Type.Object({ user: Type.String(), phrase: Type.String({ secret: true }) })),
  headers: Type.Optional(Type.Record(Type.String(), Type.String({ secret: true }))),
  retries: Type.Optional(Type.Integer()),
  anything: Type.Optional(Type.Unknown()),
});
const schemaOf = (plugin: string) => (plugin === 'shop' ? shop : undefined);
const redacted = (text: string) => redactConfig(text, schemaOf);
/** What one resource's `config` is shown as, of the plugin whose schema is known. */
const shown = (config: string) =>
  parse(redacted(`resources: {a: {plugin: shop, config: ${config}}}`)).resources.a.config;

describe('redactConfig', () => {
  it('keeps what a configuration says, and masks what is secret in it', () => {
    expect(
      redacted(`# the old password was hunter2
web: {listen: ['127.0.0.1:1']}
defaults: {timeout: 5s} # hunter3
resources:
  one:
    plugin: shop
    labels: {team: payments}
    config:
      targets: [https://shop.example/health, "https://someone@shop.example/"]
      retries: 3
      login:
        user: alice
        phrase: |
          several lines
          of it
      headers: {X-Key: 1234, X-Ref: "Bearer \${TOKEN}", X-File: "\${file:/run/secrets/x}"}
  two: {plugin: nobody-knows, every: 5s, config: {speed: fast, count: 7, on: true}}
`),
    ).toMatchInlineSnapshot(`
      "# ***
      web: {listen: ['127.0.0.1:1']}
      defaults: {timeout: 5s} # ***
      resources:
        one:
          plugin: shop
          labels: {team: payments}
          config:
            targets: [https://shop.example/health, "https://***@shop.example/"]
            retries: 3
            login:
              user: alice
              phrase: "***"


            headers: {X-Key: "***", X-Ref: "***\${TOKEN}", X-File: "\${file:/run/secrets/x}"}
        two: {plugin: nobody-knows, every: 5s, config: {speed: "***", count: 7, on: true}}
      "
    `);
  });

  it.each([
    ['{headers: {X: "${A}${B}"}}', { headers: { X: '${A}${B}' } }],
    ['{headers: {X: "${A:-hunter2}"}}', { headers: { X: '${A:-***}' } }],
    [
      '{login: {user: a, phrase: [hunter2, {b: hunter3}]}}',
      { login: { user: 'a', phrase: ['***', { '***': '***' }] } },
    ],
    ['{login: {user: a, phrase: {hunter2}}}', { login: { user: 'a', phrase: { '***': null } } }],
    ['{login: {user: a, phrse: hunter2}}', { login: { user: 'a', phrse: '***' } }],
    ['{anything: {deep: [hunter2, 5s, 80]}}', { anything: { deep: ['***', '5s', 80] } }],
    ['{targets: [a], db_password: 5}', { targets: ['a'], db_password: '***' }],
    ['{password_file: /run/x}', { password_file: '***' }],
  ])('%s', (config, expected) => {
    expect(shown(config)).toEqual(expected);
  });

  it('follows aliases and merge keys to where a secret is written', () => {
    const text = `x-login: &login {user: alice, phrase: hunter2}
x-pin: &pin 1234
resources:
  a: {plugin: shop, config: {targets: [], login: {<<: *login}}}
  b: {plugin: shop, config: {targets: [], login: {user: x, phrase: *pin}}}
`;
    expect(redacted(text)).not.toMatch(/hunter2|1234/);
    expect(parse(redacted(text)).resources.b.config.login.phrase).toBe('***');
  });

  it.each([
    '*hunter2',
    '&hunter2',
    '!hunter2',
    '%hunter2',
    '@hunter2',
    '"hunter2',
    '[hunter2',
    '{hunter2',
    '`hunter2',
  ])('masks %s, which is no text in YAML', (password) => {
    expect(
      redacted(`resources:\n  a:\n    plugin: shop\n    config: {login: {phrase: ${password}}}\n`),
    ).not.toContain('hunter2');
    expect(
      redacted(`resources:\n  a:\n    plugin: shop\n    config:\n      db_password: ${password}\n`),
    ).not.toContain('hunter2');
  });

  it('leaves of a file that is not YAML only its keys and what can be no secret', () => {
    expect(
      redacted(`resources:
  a: {plugin: shop, timeout: 5s, config: {targets: [https://x], retries: 3, login: {phrase: hunter2}}
  b: [
    more: "hunter3
`),
    ).toMatchInlineSnapshot(`
      "resources:
        a: {plugin: shop, timeout: 5s, config: {targets: ["***"], retries: 3, login: {phrase: "***"}}
        b: [
          more: "***"
      "
    `);
  });

  it.each([
    ['a JWT', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc'],
    ['a key', '-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----'.replaceAll('\n', ' ')],
    ['an AWS key', 'AKIAABCDEFGHIJKLMNOP'],
    ['a hash of bcrypt', '$$2b$$12$$abcdefghijklmnopqrstuvwxyz0123456789'.replaceAll('$$', '$')],
  ])('masks %s by its looks, even in a label', (_what, token) => {
    expect(redacted(`resources: {a: {plugin: shop, labels: {x: '${token}'}}}`)).not.toContain(
      token.slice(4, 16),
    );
  });

  it('ends with anchors that refer to themselves or multiply', () => {
    const bomb = Array.from({ length: 12 }, (_, n) => `x-${n + 1}: &a${n + 1} [${`*a${n}, `.repeat(9)}]`);
    const text = [
      'x-0: &a0 [hunter2]',
      ...bomb,
      'resources: {a: {plugin: shop, config: *a12}}',
      'x-s: &s {a: *s}',
    ].join('\n');
    expect(redacted(text)).not.toContain('hunter2');
  });

  it('shows a secret of a known place never, whatever it is and however the file is broken', () => {
    const style = fc.constantFrom(
      (secret: string) => secret,
      (secret: string) => JSON.stringify(secret),
      (secret: string) => `'${secret.replaceAll("'", "''")}'`,
      (secret: string) => `|\n          ${secret}`,
    );
    const secretText = fc.string({ unit: fc.constantFrom(...'ab1 :#*&!{}[],"\'|>%@`-?$\\='), maxLength: 12 });
    fc.assert(
      fc.property(secretText, style, fc.nat(200), fc.boolean(), (around, write, at, isBroken) => {
        const secret = `${around}CANARY${around}`;
        const text = `resources:
  a:
    plugin: shop
    config:
      targets: [x]
      login:
        user: someone
        phrase: ${write(secret)}
`;
        const broken = isBroken ? `${text.slice(0, at)}\t"${text.slice(at)}` : text;
        const left = redacted(broken)
          // A key is no secret, but what a broken file makes one of could be.
          .replace(/^[^\n]*CANARY[\w.$/-]*["']?:( |$)/gm, '')
          // What comes from the environment is kept as a reference to it, which says nothing.
          .replace(/(?<!\$)(?:\$\$)*\$\{CANARY\}/g, '');
        expect(left).not.toContain('CANARY');
      }),
      {
        numRuns: 300,
        examples: [
          ['}"${', (secret: string) => secret, 0, false],
          // What follows a key whose value says what the file is about, but is not that value.
          ['{', (secret: string) => JSON.stringify(secret), 33, true],
        ],
      },
    );
  });
});
