import { expect, it } from 'vitest';
import { disabledStatus } from '../outcomes.ts';
import type { OverrideStatus, ResourceStatus } from '../status.ts';
import { type Shown, statusLines, wordOf } from './status-table.ts';

const NOW = new Date(2026, 4, 1, 15, 0, 0).getTime();
const MINUTE = 60_000;

const running = (name: string, more: Partial<ResourceStatus> = {}): ResourceStatus => ({
  ...disabledStatus({ name, plugin: 'http-probe', every: 'scrape' }, NOW - 12 * MINUTE, undefined),
  state: 'running',
  up: true,
  host: 'shared',
  series: 18,
  lastCollectAt: NOW - 3_000,
  lastCollectSeconds: 0.12,
  ...more,
});
const refused = {
  code: 'TARGET_REFUSED',
  class: 'target',
  message: 'connect ECONNREFUSED 127.0.0.1:5432',
  fix: 'Start the server, or correct host and port in url.',
} as const;
const override: OverrideStatus = {
  enabled: false,
  configured: true,
  at: NOW,
  by: 'alice on this host',
  reason: 'maintenance',
  until: NOW + 30 * MINUTE,
  unsaved: undefined,
};
const RESOURCES = [
  running('shop'),
  running('orders-db', { state: 'failed', up: false, errors: [refused], retryAt: NOW + 60_000, series: 0 }),
  running('jobs', { state: 'disabled', up: false, override, series: 0, lastCollectAt: undefined }),
  running('slow', { late: true, up: false }),
];
const plain = (width?: number): Shown => ({ width, now: NOW, paint: (_style, text) => text });

it('shows what is broken first, with its reason and what to do', () => {
  expect(statusLines(RESOURCES, undefined, plain()).join('\n')).toMatchInlineSnapshot(`
    "4 resources: 1 failed, 1 late, 1 up, 1 disabled; 1 switched by hand

    STATE     RESOURCE   PLUGIN      SINCE  LAST   TOOK  SERIES  HOST
    failed    orders-db  http-probe  12m    3s    120ms       0  shared
        TARGET_REFUSED: connect ECONNREFUSED 127.0.0.1:5432. Start the server, or correct host and port in url.
        the next try is in 1m
    late      slow       http-probe  12m    3s    120ms      18  shared
    up        shop       http-probe  12m    3s    120ms      18  shared
    disabled  jobs       http-probe  12m    -     120ms       0  shared
        disabled by hand until 15:30:00 (in 30m), by alice on this host: maintenance"
  `);
});

it.each([40, 60, 80, 100])('fits %d columns', (width) => {
  const long = running('a-resource-with-a-name-of-fifty-characters-and-more-x', { plugin: 'queue-depth' });
  const lines = statusLines([...RESOURCES, long], undefined, plain(width));
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
  for (const part of ['failed', 'orders-db', 'TARGET_REFUSED', 'STATE'])
    expect(lines.join('\n')).toContain(part);
});

it('leaves out columns where there is no room for the names, and no name', () => {
  const [, , title] = statusLines([running('r'.repeat(45))], undefined, plain(80));
  expect(title?.split(/ +/)).toEqual(['STATE', 'RESOURCE', 'SINCE', 'LAST', 'TOOK', 'SERIES']);
  expect(statusLines([running('r'.repeat(50))], undefined, plain(120))[2]).toContain('HOST');
});

it('says that the configuration was rejected, and why', () => {
  const result = {
    successful: false,
    errors: ['informer.yaml:3:1: no'],
    diagnostics: [],
    warnings: [],
    opened: [],
    replaced: [],
    adjusted: [],
    closed: [],
  };
  const lines = statusLines(RESOURCES, { lastReload: { at: NOW - MINUTE, result } }, plain());
  expect(lines.slice(1, 3)).toEqual([
    'configuration rejected 1m ago (14:59:00); what was there before goes on:',
    '  informer.yaml:3:1: no',
  ]);
});

it('shows only what is broken if that is asked for, and still counts all', () => {
  const lines = statusLines(RESOURCES, undefined, plain(), true);
  expect(lines[0]).toContain('4 resources');
  expect(lines.join('\n')).not.toContain('shop');
  expect(statusLines([running('shop')], undefined, plain(), true)).toEqual(['1 resource: 1 up']);
});

it('obeys nothing that an error of a plugin says to a terminal', () => {
  const message = 'it\u001b[2J\u001b]0;title\u0007 is\r\nover \u202eback';
  const text = statusLines([running('a', { errors: [{ ...refused, message }] })], undefined, plain()).join(
    '\n',
  );
  expect(text).toContain('TARGET_REFUSED: it is over \ufffdback.');
});

it.each([
  ['quarantined', { state: 'quarantined', up: false }],
  ['down', { up: false }],
  ['late', { late: true, up: false }],
  ['partial', { errors: [refused] }],
  ['waiting', { lastCollectAt: undefined, up: false }],
  ['up', {}],
] as const)('calls it %s', (word, more) => {
  expect(wordOf(running('a', more))).toBe(word);
});
