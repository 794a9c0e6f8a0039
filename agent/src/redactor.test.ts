import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Redactor } from './redactor.ts';

function knowing(...secrets: string[]): Redactor {
  const redactor = new Redactor();
  redactor.add(secrets);
  return redactor;
}

describe('Redactor', () => {
  it('masks secrets wherever they stand, and passwords inside URLs', () => {
    expect(knowing('hunter22', 'abc').redact('login hunter22 at redis://user:pa55@host:6379/0 abc')).toBe(
      'login *** at redis://user:***@host:6379/0 abc',
    );
  });

  it('masks the lines of a secret that has several', () => {
    const redactor = knowing('first line of a key\nsecond line of a key\n');
    expect(redactor.redact('printed: second line of a key')).toBe('printed: ***');
  });

  it.each([
    ['JSON', (secret: string) => JSON.stringify({ text: `is ${secret}` })],
    ['a URL', (secret: string) => `http://host/?q=${encodeURIComponent(secret)}`],
    ['a URL, in lower case', (secret: string) => encodeURIComponent(secret).toLowerCase()],
    ['basic authentication', (secret: string) => `Basic ${Buffer.from(`user:${secret}`).toString('base64')}`],
    [
      'base64 of a longer text',
      (secret: string) => Buffer.from(`some user:${secret} and more`).toString('base64'),
    ],
    ['JSON in JSON', (secret: string) => JSON.stringify(JSON.stringify({ a: secret }))],
    ['what Node.js prints', (secret: string) => inspect({ secret, list: [secret] })],
    ['JSON as Go writes it', (secret: string) => JSON.stringify(secret).replaceAll('>', '\\u003e')],
    ['HTML', (secret: string) => secret.replaceAll('"', '&quot;').replaceAll('>', '&gt;')],
    ['base64 for URLs', (secret: string) => Buffer.from(`ab${secret}`).toString('base64url')],
  ])('masks a secret as it stands in %s', (_where, write) => {
    const secret = 'pa"ss\\w/rd?\u00fc>>>';
    const text = write(secret);
    const masked = knowing(secret).redact(text);
    expect(masked).toContain('***');
    expect(masked.length).toBeLessThan(text.length - 10);
    expect(masked).not.toMatch(/pa.{1,4}ss|rd\?/);
  });

  it('masks all of secrets that overlap, and each of several in a row', () => {
    expect(knowing('abcdef', 'cdefgh').redact('xabcdefghx abcdef.cdefgh')).toBe('x***x ***.***');
    expect(knowing('abcd', 'abcdef').redact('abcdef abcdabcd')).toBe('*** ***');
  });

  it('masks the beginning of a secret that was cut off', () => {
    const redactor = knowing('canary-of-the-mine');
    expect(redactor.redact('the password is canary-of…')).toBe('the password is ***…');
    expect(redactor.redact('the password is can…')).toBe('the password is can…');
    expect(redactor.redact('canary birds…')).toBe('canary birds…');
  });

  it.each([
    ['postgres://informer:p%40ss@db/x', 'postgres://informer:***@db/x'],
    ['redis://:secret@host', 'redis://:***@host'],
    ['redis://:p@ss:w0rd@host:1/', 'redis://:***@host:1/'],
    ['http://host:8080/path@x', 'http://host:8080/path@x'],
    ['https://host/?user=a&password=b&x=1', 'https://host/?user=a&password=***&x=1'],
    ['https://host/?access_token=abc#top', 'https://host/?access_token=***#top'],
  ])('%s', (url, masked) => {
    expect(new Redactor().redact(url)).toBe(masked);
    expect(knowing('something else').redact(url)).toBe(masked);
  });

  it('masks a password in a URL as a whole, though it is known', () => {
    expect(knowing('p@ss').redact('redis://:p@ss@host')).toBe('redis://:***@host');
  });

  it('masks data: texts, keys, and a number that is a secret', () => {
    const redactor = knowing('1234', 'hunter22');
    expect(
      redactor.redactValue({ pid: 1234, port: 12345, list: ['hunter22', null, true], hunter22: { a: 'b' } }),
    ).toEqual({ pid: '***', port: 12345, list: ['***', null, true], '***': { a: 'b' } });
  });

  it('leaves a text without secrets as it is', () => {
    const text = 'nothing to see here, one two three';
    expect(knowing('hunter22', 'four').redact(text)).toBe(text);
    expect(knowing('abc').redact('abc')).toBe('abc');
    expect(knowing('\\\\\\\\').redact(text)).toBe(text);
  });
});
