import { expect, it } from 'vitest';
import { readAll } from '../test/read-fields.ts';
import { nginxError } from './nginx-error.ts';

const HEAD = { time: '2025/10/10 13:55:36', pid: '29', tid: '30' };
const cases: [line: string, fields: object | null][] = [
  [
    '2025/10/10 13:55:36 [error] 29#30: *90 open() "/srv/a, b" failed (2: No such file or directory), client: 2001:db8::7, server: a.example, request: "GET /a, b HTTP/1.1", upstream: "http://192.0.2.1:80/", host: "a.example", referrer: "https://b.example/"',
    {
      ...HEAD,
      level: 'error',
      connection: '90',
      message: 'open() "/srv/a, b" failed (2: No such file or directory)',
      client: '2001:db8::7',
      server: 'a.example',
      request: 'GET /a, b HTTP/1.1',
      upstream: 'http://192.0.2.1:80/',
      host: 'a.example',
      referrer: 'https://b.example/',
    },
  ],
  [
    '2025/10/10 13:55:36 [notice] 29#30: signal 15 (SIGTERM) received, exiting',
    { ...HEAD, level: 'notice', message: 'signal 15 (SIGTERM) received, exiting' },
  ],
  [
    '2025/10/10 13:55:36 [info] 29#30: *1 client closed connection, client: unix:, server: 0.0.0.0:80',
    {
      ...HEAD,
      level: 'info',
      connection: '1',
      message: 'client closed connection',
      client: 'unix:',
      server: '0.0.0.0:80',
    },
  ],
  ['nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)', null],
];
for (const [line, fields] of cases) {
  it(line.slice(0, 60), () => expect(readAll(nginxError, line)).toEqual(fields));
}
