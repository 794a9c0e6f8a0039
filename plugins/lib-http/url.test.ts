import { describe, expect, it } from 'vitest';
import { authorizationOf, hostOf, portOf, shownUrl } from './url.ts';

describe('a URL as it is shown', () => {
  it.each([
    ['http://shop.example', 'http://shop.example'],
    ['https://user:p%40ss@shop.example/health?a=1', 'https://shop.example/health?a=1'],
    ['http://token@[::1]:8080/', 'http://[::1]:8080/'],
    ['http://user:secret@bad host/', 'http://bad host/'],
    ['not a url', 'not a url'],
  ])('%s is %s', (text, shown) => {
    expect(shownUrl(text)).toBe(shown);
  });
});

describe('a URL as it is connected to', () => {
  it('has an IPv6 address without brackets, and the usual ports', () => {
    expect(hostOf(new URL('http://[::1]:8080/'))).toBe('::1');
    expect(portOf(new URL('http://a/'))).toBe(80);
    expect(portOf(new URL('https://a/'))).toBe(443);
    expect(portOf(new URL('https://a:8443/'))).toBe(8443);
  });

  it('gives its user and password decoded', () => {
    const base64 = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
    expect(authorizationOf(new URL('http://user:p%40ss%25@a/'))).toBe(base64('user:p@ss%'));
    expect(authorizationOf(new URL('http://a/'))).toBeUndefined();
  });
});
