import { expect, it } from 'vitest';
import { negotiate } from './negotiate.ts';

const PROTO = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';

it.each([
  [undefined, 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores'],
  ['', 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores'],
  ['*/*', 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores'],
  ['text/html', 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores'],
  ['text/plain;version=1.0.0', 'text/plain; version=1.0.0; charset=utf-8; escaping=underscores'],
  ['text/plain;version=7', 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores'],
  [
    'application/openmetrics-text',
    'application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores',
  ],
  [
    'application/openmetrics-text; version=0.0.1',
    'application/openmetrics-text; version=0.0.1; charset=utf-8; escaping=underscores',
  ],
  [
    'application/openmetrics-text;version=2.0.0',
    'text/plain; version=0.0.4; charset=utf-8; escaping=underscores',
  ],
  [
    'application/openmetrics-text;q=0, text/plain;q=0.1',
    'text/plain; version=0.0.4; charset=utf-8; escaping=underscores',
  ],
  [
    'text/plain;q=0.3,application/openmetrics-text;version=1.0.0;q=0.8',
    'application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores',
  ],
  [
    `${PROTO};q=0.6,text/plain;q=0.5`,
    'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=underscores',
  ],
  // What Prometheus 3 sends, with and without its preference for protobuf.
  [
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
    'application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8',
  ],
  [
    `${PROTO};escaping=allow-utf-8;q=0.7,application/openmetrics-text;version=1.0.0;q=0.6`,
    'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=allow-utf-8',
  ],
  ['application/vnd.google.protobuf', 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores'],
  ['text/plain;escaping=nonsense', 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores'],
  ['text/plain;q=abc,*/*', 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores'],
])('answers %s with %s', (accept, contentType) => {
  expect(negotiate(accept).contentType).toBe(contentType);
});

it('takes the lines that tell when series began into OpenMetrics only', () => {
  expect(negotiate('application/openmetrics-text', { created: true }).format).toBe('openmetrics-created');
  expect(negotiate('text/plain', { created: true }).format).toBe('text');
});
