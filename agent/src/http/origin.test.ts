import { describe, expect, it } from 'vitest';
import { hostName, isOwnHost, isOwnOrigin } from './origin.ts';

it.each([
  ['Example.com:80', 'example.com'],
  ['example.com.', 'example.com'],
  ['[::1]:9', '::1'],
  ['127.0.0.1', '127.0.0.1'],
  ['a:b', undefined],
  ['user@example.com', undefined],
  ['example.com/path', undefined],
  ['', undefined],
  [undefined, undefined],
])('reads the host of %s as %s', (header, name) => {
  expect(hostName(header)).toBe(name);
});

it.each([
  ['127.0.0.1:80', true],
  ['[fe80::1]', true],
  ['localhost', true],
  ['LOCALHOST:1', true],
  ['a.example', true],
  ['b.a.example', false],
  ['x.wild.example', true],
  ['wild.example', false],
  ['y.x.wild.example', false],
  ['0x7f.1', false],
  ['2130706433', false],
  [undefined, false],
])('takes %s for its own: %s', (host, expected) => {
  expect(isOwnHost(host, ['localhost', 'a.example', '*.wild.example'])).toBe(expected);
});

describe('the origin', () => {
  const own = (headers: Record<string, string>) =>
    isOwnOrigin({ host: 'a.example:80', ...headers }, ['p.example']);

  it('may be missing, or the same as the host whatever the scheme', () => {
    expect(own({})).toBe(true);
    expect(own({ origin: 'http://a.example' })).toBe(true);
    expect(own({ origin: 'http://a.example:80' })).toBe(true);
    expect(own({ host: 'a.example', origin: 'https://a.example' })).toBe(true);
    expect(own({ origin: 'https://p.example:8443' })).toBe(true);
  });

  it('may not be another site', () => {
    for (const origin of [
      'null',
      'http://a.example:81',
      'http://a.example.evil',
      'file://',
      'evil',
      'data:x',
    ]) {
      expect(own({ origin }), origin).toBe(false);
    }
    expect(own({ 'sec-fetch-site': 'cross-site' })).toBe(false);
    expect(own({ 'sec-fetch-site': 'none' })).toBe(true);
  });
});
