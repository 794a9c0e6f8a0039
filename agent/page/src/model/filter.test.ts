import { describe, expect, it } from 'vitest';
import type { ListedResource } from '../api/types.ts';
import { formatFilter, parseFilter, selectRows } from './filter.ts';
import { rowOf } from './rows.ts';

function listed(name: string, changes: Partial<ListedResource> = {}): ListedResource {
  return {
    name,
    plugin: 'acme',
    state: 'running',
    override: undefined,
    since: 0,
    retryAt: undefined,
    up: true,
    late: false,
    every: 'scrape',
    host: 'shared',
    hostPid: 1,
    budgets: undefined,
    hostUsage: undefined,
    series: 1,
    bytes: 10,
    outcome: 'ok',
    errors: [],
    lastCollectSeconds: 0.1,
    lastCollectAt: 1_000,
    lastSuccessAt: 1_000,
    snapshotAt: 1_000,
    ...changes,
  };
}

const rowsOf = (...resources: ListedResource[]) =>
  new Map(resources.map((resource) => [resource.name, rowOf(resource, undefined)]));

const all = { show: undefined, plugin: undefined, search: '' };
const error = { code: 'TARGET_FAILED', class: 'target', message: 'The broker answered 503.' } as const;
const override = {
  enabled: false,
  configured: true,
  at: 0,
  by: 'anna',
  reason: 'moving house',
  until: undefined,
  unsaved: undefined,
};

describe('selectRows', () => {
  const rows = rowsOf(
    listed('well'),
    listed('partial', { outcome: 'partial', errors: [error] }),
    listed('late', { up: false, late: true }),
    listed('down', { up: false, outcome: 'target', errors: [error] }),
    listed('fresh', { state: 'opening', up: false, outcome: undefined }),
    listed('retrying', { state: 'opening', up: false, errors: [error] }),
    listed('quarantined', { state: 'quarantined', up: false, plugin: 'other' }),
    listed('off', { state: 'disabled', up: false, outcome: undefined, override }),
  );
  const names = (filter: Parameters<typeof selectRows>[1]) =>
    selectRows(rows, filter).shown.map(({ status }) => status.name);

  it('puts the worst first, and what is equally bad by name', () => {
    expect(names(all)).toEqual([
      'quarantined',
      'down',
      'late',
      'retrying',
      'fresh',
      'partial',
      'well',
      'off',
    ]);
  });

  it('counts what the other choices would show within the plugin and the search', () => {
    const { counts } = selectRows(rows, { ...all, plugin: 'acme', show: 'up' });
    expect(counts).toEqual({
      all: 7,
      broken: 3,
      opening: 1,
      degraded: 1,
      up: 1,
      disabled: 1,
      overridden: 1,
    });
  });

  it.each([
    ['BROKER 503', ['down', 'retrying', 'partial']],
    ['anna', ['off']],
    ['other', ['quarantined']],
    ['late', ['late']],
  ])('finds %j in names, plugins, conditions, errors and overrides', (search, found) => {
    expect(names({ ...all, search })).toEqual(found);
  });
});

it.each(['', 'show=broken', 'show=overridden&plugin=http-probe&search=a+b%26c'])(
  'reads the filter %j as it writes it',
  (query) => {
    expect(formatFilter(parseFilter(query))).toBe(query);
  },
);

it('shows everything for a state that does not exist', () => {
  expect(parseFilter('show=nonsense')).toEqual(all);
});

describe('rowOf', () => {
  it('keeps what was broken broken while it is opened again', () => {
    const failed = rowOf(listed('a', { state: 'failed', up: false, errors: [error] }), undefined);
    const opening = rowOf(listed('a', { state: 'opening', up: false, outcome: undefined }), failed);
    expect(opening.condition).toEqual({ group: 'broken', word: 'opening again', rank: 1 });
    expect(rowOf(listed('a'), opening.condition ? opening : undefined).condition.word).toBe('up');
  });

  it('adds a collect that is new to the history, and keeps sixty', () => {
    let row = rowOf(listed('a', { lastCollectAt: 1 }), undefined);
    for (let at = 1; at <= 70; at++) row = rowOf(listed('a', { lastCollectAt: at }), row);
    expect(row.history.at).toHaveLength(60);
    expect(row.history.at.at(0)).toBe(11);
    expect(rowOf(listed('a', { lastCollectAt: 70 }), row).history).toBe(row.history);
  });
});
