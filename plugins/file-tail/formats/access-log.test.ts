import { describe, expect, it } from 'vitest';
import { readAll, readFields } from '../test/read-fields.ts';
import { combined, common } from './access-log.ts';

const HEAD = '203.0.113.7 - - [10/Oct/2025:13:55:36 +0000]';
const AGENT = '"-" "curl/8.5.0"';

describe('combined', () => {
  it('gives each field of a line', () => {
    const line =
      '2001:db8::7 - jane [10/Oct/2025:13:55:36 +0200] "GET /cart?id=7 HTTP/2.0" 200 2326 "https://a.example/" "Mozilla/5.0 (X11)"';
    expect(readAll(combined, line)).toEqual({
      client: '2001:db8::7',
      user: 'jane',
      time: '10/Oct/2025:13:55:36 +0200',
      request: 'GET /cart?id=7 HTTP/2.0',
      method: 'GET',
      path: '/cart',
      protocol: 'HTTP/2.0',
      status: '200',
      bytes: '2326',
      referer: 'https://a.example/',
      user_agent: 'Mozilla/5.0 (X11)',
    });
  });

  it('reads requests that are not HTTP', () => {
    const fields = ['request', 'method', 'path', 'protocol', 'status'];
    const requests: [request: string, fields: object][] = [
      ['\\x16\\x03\\x01\\x00\\xEE', { request: '\\x16\\x03\\x01\\x00\\xEE' }],
      ['-', { request: '-' }],
      ['', { request: '' }],
      ['GET', { request: 'GET' }],
      [
        'M-SEARCH * HTTP/1.1',
        { request: 'M-SEARCH * HTTP/1.1', method: 'M-SEARCH', path: '*', protocol: 'HTTP/1.1' },
      ],
      [
        'GET /a b HTTP/1.0',
        { request: 'GET /a b HTTP/1.0', method: 'GET', path: '/a b', protocol: 'HTTP/1.0' },
      ],
      [
        'GET /\\"x\\" HTTP/1.1',
        { request: 'GET /\\"x\\" HTTP/1.1', method: 'GET', path: '/\\"x\\"', protocol: 'HTTP/1.1' },
      ],
      ['get / HTTP/1.1', { request: 'get / HTTP/1.1', path: '/', protocol: 'HTTP/1.1' }],
    ];
    for (const [request, expected] of requests) {
      const line = `${HEAD} "${request}" 400 157 ${AGENT}`;
      expect(readFields(combined, line, fields)).toEqual({ ...expected, status: '400' });
    }
  });

  it('reads users with spaces and brackets, quotes with a backslash, and no bytes', () => {
    const line = '::1 - a [b] "c [10/Oct/2025:13:55:36 +0000] "GET / HTTP/1.1" 304 - "-" "say \\"hi\\" \\\\"';
    expect(readFields(combined, line, ['user', 'bytes', 'status', 'referer', 'user_agent'])).toEqual({
      user: 'a [b] "c',
      status: '304',
      user_agent: 'say \\"hi\\" \\\\',
    });
  });

  it('takes the number behind it as seconds, if it has a decimal point and is the only one', () => {
    const behind: [behind: string, fields: object][] = [
      ['', {}],
      [' 0.012', { extra: '0.012', request_time: '0.012' }],
      [' "198.51.100.2" 1.500', { extra: '"198.51.100.2" 1.500', request_time: '1.500' }],
      [' 12', { extra: '12' }],
      [' 0.012 0.010', { extra: '0.012 0.010' }],
      [' rt=0.012', { extra: 'rt=0.012' }],
      [' 0.012 -', { extra: '0.012 -' }],
      [' 1.2.3', { extra: '1.2.3' }],
    ];
    for (const [text, expected] of behind) {
      const line = `${HEAD} "GET / HTTP/1.1" 200 5 ${AGENT}${text}`;
      expect([text, readFields(combined, line, ['extra', 'request_time'])]).toEqual([text, expected]);
    }
  });

  it('takes a line that was cut in its user agent, and none that was cut before', () => {
    const line = `${HEAD} "GET / HTTP/1.1" 200 5 "-" "curl`;
    expect(readFields(combined, line, ['status', 'user_agent'])).toEqual({ status: '200' });
    expect(readFields(combined, line, ['status'])).toEqual({ status: '200' });
    for (const [fields, text] of [
      [['status'], `${HEAD} "GET / HTTP`],
      [['status'], `${HEAD} "GET / HTTP/1.1" 200 5`],
      [['user_agent'], `${HEAD} "GET / HTTP/1.1" 200 5`],
      [[], 'x'],
    ] as const) {
      expect(readFields(combined, text, fields)).toBeNull();
    }
  });
});

describe('common', () => {
  it('gives the fields that it has, and the time behind them', () => {
    expect(readAll(common, `${HEAD} "GET / HTTP/1.0" 200 2326`)).toEqual({
      client: '203.0.113.7',
      time: '10/Oct/2025:13:55:36 +0000',
      request: 'GET / HTTP/1.0',
      method: 'GET',
      path: '/',
      protocol: 'HTTP/1.0',
      status: '200',
      bytes: '2326',
    });
    const fields = ['extra', 'request_time'];
    expect(readFields(common, `${HEAD} "-" 408 - 0.250`, fields)).toEqual({
      extra: '0.250',
      request_time: '0.250',
    });
    expect(readFields(common, `${HEAD} "-" 408 - 0.250 0.1`, fields)).toEqual({ extra: '0.250 0.1' });
    expect(readFields(common, `${HEAD} "-" 408 - ${AGENT}`, fields)).toEqual({ extra: AGENT });
    expect(readFields(common, `${HEAD} "-" 408 12x`, fields)).toBeNull();
  });
});
