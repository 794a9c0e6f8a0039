import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { openForTest } from '@dynamic-informer/sdk/testing';
import { describe, expect, it } from 'vitest';
import { startNginx } from '../../../test/support/nginx.ts';
import { freePort } from '../../../test/support/ports.ts';
import { waitFor } from '../../../test/support/wait.ts';
import plugin from '../index.ts';
import { temporaryFolder } from '../test/support.ts';

const METHOD = 'http_request_method';
const STATUS = 'http_response_status_code';

describe('what nginx writes', () => {
  it('into its access log and its error log', async () => {
    await using folder = await temporaryFolder();
    const at = (name: string) => path.join(folder.path, name);
    const port = await freePort();
    await using _ = await startNginx({
      http: `
        log_format timed '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '
          '"$http_referer" "$http_user_agent" $request_time';
        server {
          listen 127.0.0.1:${port};
          access_log ${at('access.log')};
          access_log ${at('timed.log')} timed;
          error_log ${at('error.log')} info;
          location / { root files; }
          location = /up { proxy_pass http://127.0.0.1:9; }
        }`,
      files: { 'files/index.html': 'hello' },
    });
    const url = `http://127.0.0.1:${port}`;
    await fetch(`${url}/?a="b"`, {
      headers: { 'User-Agent': 'say "hi" \\', Authorization: `Basic ${btoa('jane [x] "y":secret')}` },
    });
    await fetch(`${url}/none`, { method: 'DELETE' });
    await fetch(`${url}/up`, { method: 'POST', headers: { Referer: 'https://a.example/' } });
    for (const bytes of [
      '\x16\x03\x01\x02"\\\r\n\r\n',
      'FOO / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    ]) {
      const socket = connect(port, '127.0.0.1');
      socket.write(bytes, 'latin1');
      await text(socket);
    }
    await waitFor(() => readFileSync(at('timed.log'), 'utf8').split('\n').length === 6, {
      what: 'the five requests to be in the log',
      timeout: 25_000,
    });

    for (const log of ['access.log', 'timed.log']) {
      await using collector = await openForTest(plugin, { files: [at(log)], format: 'combined' });
      const { value, exposition } = await collector.collect();
      const requests = (method: string, status: number) =>
        value('http_server_requests_total', { [METHOD]: method, [STATUS]: String(status) });
      expect(requests('DELETE', 405)).toBe(1);
      expect(requests('POST', 502)).toBe(1);
      expect(requests('other', 400)).toBe(1);
      expect(requests('other', 405)).toBe(1);
      expect(requests('GET', 200)).toBe(1);
      expect(value('file_tail_unmatched_lines_total')).toBe(0);
      expect(value('file_tail_parse_errors_total')).toBe(0);
      const last = value('http_server_last_request_timestamp_seconds') ?? 0;
      expect(Math.abs(last - Date.now() / 1000)).toBeLessThan(600);
      expect(exposition.includes('http_server_request_duration_seconds_count')).toBe(log === 'timed.log');
    }

    const patterns = [
      {
        when: { upstream: { present: true } },
        metrics: [
          {
            name: 'upstream_errors_total',
            type: 'counter',
            labels: { upstream: 'upstream', referrer: 'referrer' },
          },
        ],
      },
    ];
    await using collector = await openForTest(plugin, {
      files: [at('error.log')],
      format: 'nginx-error',
      patterns,
    });
    const { value } = await collector.collect();
    expect(value('nginx_error_log_messages_total', { level: 'error' })).toBe(1);
    expect(
      value('upstream_errors_total', { upstream: 'http://127.0.0.1:9/up', referrer: 'https://a.example/' }),
    ).toBe(1);
    expect(value('file_tail_unmatched_lines_total')).toBe(0);
    const last = value('nginx_error_log_last_message_timestamp_seconds', { level: 'error' }) ?? 0;
    expect(Math.abs(last - Date.now() / 1000)).toBeLessThan(600);
  });
});

describe('what logger of util-linux writes', () => {
  it('in the form of RFC 3164 and of RFC 5424', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'syslog');
    // Without a system log it needs a server to talk to; what it sends there it also writes to its standard error.
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const to = ['--server', '127.0.0.1', '--port', String(port), '--tcp', '--stderr'];
    const logged = (...args: string[]): string =>
      spawnSync('logger', [...to, ...args], { encoding: 'utf8' }).stderr;
    const structured = [
      '--sd-id',
      'origin@32473',
      '--sd-param',
      'ip="192.0.2.1"',
      '--sd-param',
      'say="\\"hi\\""',
    ];
    writeFileSync(
      file,
      logged('--rfc3164', '-p', 'mail.err', '-t', 'postfix/smtpd', '--id=17', 'a [bracket]: and more') +
        logged('--rfc5424', '-p', 'local7.debug', '-t', 'app', '--msgid', 'ID47', ...structured, 'hello') +
        logged('-p', 'user.notice', '-t', 'app', 'as it comes'),
    );
    server.close();
    const patterns = [
      {
        when: { 'data.origin@32473.ip': { present: true } },
        metrics: [
          {
            name: 'origin_total',
            type: 'counter',
            labels: {
              ip: 'data.origin@32473.ip',
              say: 'data.origin@32473.say',
              id: 'msg_id',
              message: 'message',
            },
          },
        ],
      },
    ];
    await using collector = await openForTest(plugin, { files: [file], format: 'syslog', patterns });
    const { value } = await collector.collect();
    const messages = (severity: string, facility: string, app_name: string) =>
      value('syslog_messages_total', { severity, facility, app_name });
    expect(value('file_tail_unmatched_lines_total')).toBe(0);
    expect(messages('err', 'mail', 'postfix/smtpd')).toBe(1);
    expect(messages('debug', 'local7', 'app')).toBe(1);
    expect(messages('notice', 'user', 'app')).toBe(1);
    expect(value('origin_total', { ip: '192.0.2.1', say: '"hi"', id: 'ID47', message: 'hello' })).toBe(1);
    const last = value('syslog_last_message_timestamp_seconds') ?? 0;
    expect(Math.abs(last - Date.now() / 1000)).toBeLessThan(600);
  });
});
