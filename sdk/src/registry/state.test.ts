import { describe, expect, it } from 'vitest';
import { Registry } from './registry.ts';
import type { RegistryState } from './state.ts';

const throughJson = (registry: Registry): RegistryState => JSON.parse(JSON.stringify(registry.dump()));
const pageOf = (registry: Registry): string =>
  registry.expose('application/openmetrics-text', { created: true }).toBuffer().toString();

/** A registry that takes over the state of one before it. */
function successor(before: Registry, prepare: (registry: Registry) => void): Registry {
  const after = new Registry();
  prepare(after);
  after.restore(throughJson(before));
  return after;
}

describe('a dumped registry', () => {
  it('comes back through JSON with when its series began, and with what JSON has no number for', () => {
    const prepare = (registry: Registry) => ({
      jobs: registry.counter('jobs_total', 'Jobs.', ['kind']),
      depth: registry.gauge('depth', 'Depth.', ['queue'], { allowNaN: true }),
      size: registry.histogram('size', 'Size.', [], { buckets: [1], native: { factor: 2 } }),
      wait: registry.summary('wait', 'Wait.', [], { quantiles: [] }),
      door: registry.stateset('door', 'Door.', ['+Inf', 'NaN']),
    });
    const before = new Registry();
    const { jobs, depth, size, wait, door } = prepare(before);
    jobs.with({ kind: 'a' }).inc(2);
    depth.with({ queue: 'a' }).set(Number.NaN);
    depth.with({ queue: 'b' }).set(Number.NEGATIVE_INFINITY);
    for (const value of [0.5, 3, Number.POSITIVE_INFINITY]) size.with().observe(value);
    wait.with().observe(Number.NaN);
    door.with().set('+Inf');
    const state = throughJson(before);
    for (const { series } of state.families) for (const each of series) if (each.created) each.created = 1500;
    const after = new Registry();
    const families = prepare(after);
    after.restore(state);
    expect(pageOf(after)).toBe(pageOf(before).replace(/(_created(?:\{.*?\})?) .*/g, '$1 1.5'));
    families.size.with().observe(3);
    expect(families.size.with().read()).toMatchObject({ counts: [1, 3], native: { count: 4 } });
  });

  it.each([
    ['others', [1, 3], undefined],
    ['more', [1, 2, 3], undefined],
    ['native ones', [1, 2], { factor: 2 }],
  ])('leaves a histogram out that has other buckets now: %s', (_name, buckets, native) => {
    const before = new Registry();
    before
      .histogram('size', 'Size.', [], { buckets: [1, 2] })
      .with()
      .observe(1);
    const after = successor(before, (registry) => {
      registry.histogram('size', 'Size.', ['path'], { buckets, ...(native && { native }) });
    });
    expect(pageOf(after)).toBe('# EOF\n');
  });

  it('leaves a native histogram out whose resolution the new options can not have', () => {
    const before = new Registry();
    before
      .histogram('size', 'Size.', [], { native: { factor: 1.1 } })
      .with()
      .observe(1);
    const after = successor(before, (registry) => {
      registry.histogram('size', 'Size.', ['path'], { native: { factor: 4 } });
    });
    expect(pageOf(after)).toBe('# EOF\n');
  });

  it('leaves values out that no registry dumped', () => {
    const after = new Registry();
    after.counter('jobs_total', 'Jobs.', ['kind']);
    after.histogram('size', 'Size.', ['path'], { buckets: [1] });
    after.restore({
      families: [
        { name: 'jobs_total', type: 'counter', series: [{ labels: { kind: 'a' }, value: -1 }] },
        {
          name: 'size',
          type: 'histogram',
          series: [{ labels: { path: '/' }, value: { counts: [1, -1], sum: 0 } }],
        },
      ],
    });
    expect(pageOf(after)).toBe('# EOF\n');
  });
});

describe('what is refused is not counted', () => {
  const BAD = [{ '': 'x' }, { 'a b': 'x' }, { a: 5 }, { a: 'x'.repeat(200) }] as Record<string, string>[];
  it.each(BAD)('an exemplar %j', (labels) => {
    const registry = new Registry();
    const jobs = registry.counter('jobs_total', 'Jobs.').with();
    const size = registry.histogram('size', 'Size.', [], { buckets: [1] }).with();
    expect(() => jobs.inc(1, labels)).toThrow(/exemplar/);
    expect(() => size.observe(1, labels)).toThrow(/exemplar/);
    expect(jobs.read()).toBe(0);
    expect(size.read().counts).toEqual([0, 0]);
  });

  it('label values that are too many or too few', () => {
    const jobs = new Registry().counter('jobs_total', 'Jobs.', ['kind']);
    expect(() => jobs.withValues('a', 'b')).toThrow('Metric "jobs_total" was given 2 label values.');
    expect(() => jobs.withValues()).toThrow('Metric "jobs_total" was given 0 label values.');
  });
});

it('a registry in a wrapped one gets its prefix and labels', () => {
  const library = new Registry();
  library.counter('jobs_total', 'Jobs.', ['kind']).with({ kind: 'a' }).inc();
  const registry = new Registry();
  const part = registry.wrap({ prefix: 'shop_', labels: { zone: 'east' } });
  part.register(library);
  expect(registry.expose().toBuffer().toString()).toContain('shop_jobs_total{kind="a",zone="east"} 1\n');
  expect(part.unregister(library)).toBe(true);
  expect(registry.expose().toBuffer().toString()).toBe('');
});

it('a family with more series than a call can have arguments is collected', () => {
  const registry = new Registry();
  const family = registry.gauge('x', 'X.', ['i']);
  for (let i = 0; i < 150_000; i++) family.with({ i: String(i) }).set(i);
  expect(registry.collect()).toHaveLength(150_000);
});
