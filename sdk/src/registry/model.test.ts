import fc from 'fast-check';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { formatValue } from '../exposition/number.ts';
import { Registry } from './registry.ts';
import type { RegistryState } from './state.ts';

// A registry under any sequence of operations, beside a model that keeps plain maps and writes the page anew
// each time.

const BOUNDS = [1, 2];
const EXPIRES_SECONDS = 10;

interface Model {
  readonly counters: Map<string, number>;
  readonly gauges: Map<string, { value: number; writtenAt: number; seenAt: number }>;
  readonly histograms: Map<string, number[]>;
}

/** Registry and model, and the children that somebody holds. */
interface Both {
  registry: Registry;
  families: ReturnType<typeof instruments>;
  readonly model: Model;
  now: number;
}

function instruments(registry: Registry) {
  // Two parts of one family, told apart by a constant label.
  const east = registry.wrap({ labels: { zone: 'east' } });
  const west = registry.wrap({ labels: { zone: 'west' } });
  const counters = {
    east: east.counter('jobs_total', 'Jobs.', ['kind', 'host']),
    west: west.counter('jobs_total', 'Jobs.', ['kind', 'host']),
  };
  return {
    counters,
    gauges: registry.gauge('depth', 'Depth.', ['queue'], { allowNaN: true, expireSeconds: EXPIRES_SECONDS }),
    histograms: registry.histogram('size', 'Size.', ['path'], { buckets: BOUNDS }),
  };
}

const key = (labels: Record<string, string>) => JSON.stringify(labels);
const block = (labels: string) =>
  Object.entries(JSON.parse(labels) as Record<string, string>)
    .map(([name, value]) => `${name}="${value}"`)
    .join(',');

function pageOf({ counters, gauges, histograms }: Model): string {
  const page: string[] = [];
  const family = (name: string, help: string, type: string, lines: string[]) => {
    if (lines.length > 0) page.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines);
  };
  const sorted = <V>(map: Map<string, V>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  family(
    'depth',
    'Depth.',
    'gauge',
    sorted(gauges).map(([labels, { value }]) => `depth{${block(labels)}} ${formatValue(value)}`),
  );
  family(
    'jobs_total',
    'Jobs.',
    'counter',
    sorted(counters).map(([labels, value]) => `jobs_total{${block(labels)}} ${formatValue(value)}`),
  );
  family(
    'size',
    'Size.',
    'histogram',
    sorted(histograms).flatMap(([labels, values]) => [
      ...[...BOUNDS, Number.POSITIVE_INFINITY].map(
        (bound) =>
          `size_bucket{${block(labels)},le="${formatValue(bound)}"} ${values.filter((value) => value <= bound).length}`,
      ),
      `size_sum{${block(labels)}} ${formatValue(values.reduce((sum, value) => sum + value, 0))}`,
      `size_count{${block(labels)}} ${values.length}`,
    ]),
  );
  return page.map((line) => `${line}\n`).join('');
}

const zone = fc.constantFrom('east', 'west');
const host = fc.integer({ min: 0, max: 80 }).map(String);
const kind = fc.constantFrom('a', 'b');
const queue = fc.integer({ min: 0, max: 90 }).map((number) => `q${number}`);
const path = fc.constantFrom('/', '/a', '/b');
const amount = fc.integer({ min: 0, max: 10 });

type Operation = (both: Both) => void;

const operations: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.tuple(zone, kind, host, amount).map(
      ([where, k, h, by]): Operation =>
        ({ families, model }) => {
          families.counters[where].with({ kind: k, host: h }).inc(by);
          const labels = key({ host: h, kind: k, zone: where });
          model.counters.set(labels, (model.counters.get(labels) ?? 0) + by);
        },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(zone, kind, host, amount).map(
      ([where, k, h, by]): Operation =>
        ({ families, model }) => {
          families.counters[where].curry({ kind: k }).with({ host: h }).inc(by);
          const labels = key({ host: h, kind: k, zone: where });
          model.counters.set(labels, (model.counters.get(labels) ?? 0) + by);
        },
    ),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(zone, fc.integer({ min: 30, max: 80 })).map(
      ([where, many]): Operation =>
        ({ families, model }) => {
          for (let i = 0; i < many; i++) {
            families.counters[where].withValues('a', String(i)).inc();
            const labels = key({ host: String(i), kind: 'a', zone: where });
            model.counters.set(labels, (model.counters.get(labels) ?? 0) + 1);
          }
        },
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(zone, kind, host).map(
      ([where, k, h]): Operation =>
        ({ families, model }) => {
          const held = families.counters[where].with({ kind: k, host: h });
          expect(families.counters[where].delete({ kind: k, host: h })).toBe(true);
          // Nobody sees what is counted on by who still holds it.
          held.inc(1000);
          model.counters.delete(key({ host: h, kind: k, zone: where }));
        },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(zone, kind).map(
      ([where, k]): Operation =>
        ({ families, model }) => {
          const gone = [...model.counters.keys()].filter((labels) => {
            const each = JSON.parse(labels) as Record<string, string>;
            return each.zone === where && each.kind === k;
          });
          expect(families.counters[where].deletePartial({ kind: k })).toBe(gone.length);
          for (const labels of gone) model.counters.delete(labels);
        },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(zone, fc.integer({ min: 2, max: 5 })).map(
      ([where, n]): Operation =>
        ({ families, model }) => {
          // Deletes while it reads.
          const family = families.counters[where];
          for (const { labels, value } of family.samples()) {
            const own = key({ host: String(labels.host), kind: String(labels.kind), zone: where });
            expect(value).toBe(model.counters.get(own));
            if (Number(labels.host) % n === 0) continue;
            expect(family.delete({ kind: String(labels.kind), host: String(labels.host) })).toBe(true);
            model.counters.delete(own);
          }
        },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constant<Operation>(({ families, model }) => {
      families.counters.east.clear();
      for (const labels of model.counters.keys())
        if (labels.includes('"east"')) model.counters.delete(labels);
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constant<Operation>(({ families, model }) => {
      families.counters.west.zero();
      for (const labels of model.counters.keys())
        if (labels.includes('"west"')) model.counters.set(labels, 0);
    }),
  },
  {
    weight: 6,
    arbitrary: fc
      .tuple(queue, fc.oneof(fc.integer(), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -0.5)))
      .map(
        ([q, value]): Operation =>
          ({ families, model, now }) => {
            families.gauges.with({ queue: q }).set(value);
            model.gauges.set(key({ queue: q }), { value, writtenAt: now, seenAt: Number.NaN });
          },
      ),
  },
  {
    weight: 3,
    arbitrary: fc.integer({ min: 30, max: 90 }).map(
      (many): Operation =>
        ({ families, model, now }) => {
          for (let i = 0; i < many; i++) {
            families.gauges.with({ queue: `q${i}` }).set(i);
            model.gauges.set(key({ queue: `q${i}` }), { value: i, writtenAt: now, seenAt: Number.NaN });
          }
        },
    ),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(path, fc.array(amount, { maxLength: 3 })).map(
      ([p, values]): Operation =>
        ({ families, model }) => {
          const child = families.histograms.with({ path: p });
          for (const value of values) child.observe(value);
          const labels = key({ path: p });
          model.histograms.set(labels, [...(model.histograms.get(labels) ?? []), ...values]);
        },
    ),
  },
  {
    weight: 2,
    arbitrary: path.map(
      (p): Operation =>
        ({ families, model }) => {
          expect(families.histograms.delete({ path: p })).toBe(model.histograms.delete(key({ path: p })));
        },
    ),
  },
  {
    weight: 3,
    arbitrary: fc.integer({ min: 1, max: 8 }).map(
      (seconds): Operation =>
        (both) => {
          both.now += seconds * 1000;
          vi.setSystemTime(both.now);
        },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constant<Operation>((both) => {
      const state = JSON.parse(JSON.stringify(both.registry.dump())) as RegistryState;
      both.registry = new Registry();
      both.families = instruments(both.registry);
      both.registry.restore(state);
      for (const gauge of both.model.gauges.values()) gauge.seenAt = Number.NaN;
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constant<Operation>(({ registry }) => {
      // One kind of instrument after the other takes a name.
      const first = registry.counter('taken', 'First.');
      first.with().inc();
      expect(registry.expose().toBuffer().toString()).toContain('# TYPE taken counter\n');
      expect(registry.unregister(first)).toBe(true);
      const second = registry.gauge('taken', 'Second.');
      second.with().set(1);
      const exposition = registry.expose();
      expect(exposition.errors).toEqual([]);
      expect(exposition.toBuffer().toString()).toContain('# TYPE taken gauge\n');
      expect(registry.unregister(second)).toBe(true);
    }),
  },
  { weight: 8, arbitrary: fc.constant<Operation>(() => undefined) },
);

/** What an exposition does to series that expire: a write is noticed at the first one after it. */
function expire({ model, now }: Both): void {
  for (const [labels, gauge] of model.gauges) {
    if (Number.isNaN(gauge.seenAt)) gauge.seenAt = now;
    else if (now - gauge.seenAt > EXPIRES_SECONDS * 1000) model.gauges.delete(labels);
  }
}

beforeAll(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: 0 });
});
afterAll(() => {
  vi.useRealTimers();
});

it('a registry shows what was done to it, whatever that was', () => {
  fc.assert(
    fc.property(fc.array(operations, { minLength: 1, maxLength: 60, size: 'max' }), (all) => {
      vi.setSystemTime(0);
      const registry = new Registry();
      const both: Both = {
        registry,
        families: instruments(registry),
        model: { counters: new Map(), gauges: new Map(), histograms: new Map() },
        now: 0,
      };
      for (const operation of all) {
        operation(both);
        expire(both);
        const exposition = both.registry.expose();
        expect(exposition.errors).toEqual([]);
        expect(exposition.toBuffer().toString()).toBe(pageOf(both.model));
        exposition.done();
      }
    }),
    { numRuns: 150 },
  );
});
