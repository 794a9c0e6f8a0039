import { describe, expect, it } from 'vitest';
import { type Hop, nextHop } from './redirect.ts';

const hop = (url: string, options: Partial<Hop> = {}): Hop => ({
  url: new URL(url),
  method: 'GET',
  atTarget: true,
  ...options,
});

describe('the request that a redirect asks for', () => {
  it.each([
    ['/b', 'http://a/b'],
    ['c?d', 'http://a/x/c?d'],
    ['//b/c', 'http://b/c'],
    ['https://b', 'https://b/'],
    ['?q', 'http://a/x/y?q'],
    [Buffer.from('/ä').toString('latin1'), 'http://a/%C3%A4'],
  ])('to %j leads to %s', (location, url) => {
    expect(nextHop(hop('http://a/x/y'), 302, location)?.url.href).toBe(url);
  });

  it.each(['ftp://a/', 'javascript:alert(1)', 'http://[', 'file:///etc/passwd'])(
    'to %j leads nowhere',
    (location) => {
      expect(nextHop(hop('http://a/'), 302, location)).toBeUndefined();
    },
  );

  it('keeps method and body with 307 and 308 only', () => {
    const posted = hop('http://a/', { method: 'POST', body: 'x' });
    for (const status of [307, 308]) {
      expect(nextHop(posted, status, '/b')).toMatchObject({ method: 'POST', body: 'x' });
    }
    for (const status of [301, 302, 303]) {
      const next = nextHop(posted, status, '/b');
      expect(next?.method).toBe('GET');
      expect(next?.body).toBeUndefined();
    }
    expect(nextHop(hop('http://a/', { method: 'HEAD' }), 303, '/b')?.method).toBe('HEAD');
  });

  it.each([
    ['http://a/', '/b', true],
    ['http://a/', 'https://a/', true],
    ['https://a/', 'http://a/', false],
    ['http://a/', 'http://a:8080/', false],
    ['http://a:8080/', 'https://a/', false],
    ['http://a/', 'http://sub.a/', false],
    ['http://a/', 'https://b/', false],
  ])('from %s to %s stays at the target: %s', (from, location, stays) => {
    expect(nextHop(hop(from), 302, location)?.atTarget).toBe(stays);
  });

  it('never comes back to the target once it left it', () => {
    const away = nextHop(hop('http://a/'), 302, 'http://b/');
    expect(away && nextHop(away, 302, 'http://b/c')?.atTarget).toBe(false);
  });
});
