import { describe, expect, it } from 'vitest';
import { counter, gauge, Registry } from '../index.ts';
import { collectAndCount, compareExposition, gatherAndCount, lintCollector, toNumber } from './index.ts';

function shop() {
  const registry = new Registry();
  const orders = registry.counter('orders_total', 'Orders taken.', ['kind']);
  const seconds = registry.histogram('order_seconds', 'Time to take one.', [], { buckets: [1, 5] });
  return { registry, orders, seconds };
}

describe('toNumber', () => {
  it('is the value of the one series of a family, a child or samples', () => {
    const { orders, seconds } = shop();
    orders.with({ kind: 'red' }).inc(3);
    expect(toNumber(orders)).toBe(3);
    expect(toNumber(orders.with({ kind: 'red' }))).toBe(3);
    expect(toNumber([gauge('size', 'Size.').sample(7)])).toBe(7);
    seconds.with().observe(2);
    seconds.with().observe(9);
    expect(toNumber(seconds)).toBe(2);
  });

  it('says what there is when that is not one', () => {
    const { orders } = shop();
    expect(() => toNumber(orders)).toThrow('There is no series and not one: nothing.');
    orders.with({ kind: 'red' }).inc();
    orders.with({ kind: 'green' }).inc();
    expect(() => toNumber(orders)).toThrow(
      'There are 2 series and not one: orders_total{kind="red"}, orders_total{kind="green"}.',
    );
  });
});

describe('counting series', () => {
  it('counts a histogram once, and only the metrics that are named', () => {
    const { registry, orders, seconds } = shop();
    orders.with({ kind: 'red' }).inc();
    orders.with({ kind: 'green' }).inc();
    seconds.with().observe(1);
    for (const count of [collectAndCount, gatherAndCount]) {
      expect(count(registry)).toBe(3);
      expect(count(registry, 'order_seconds')).toBe(1);
      expect(count(registry, 'order_seconds', 'orders_total')).toBe(3);
      expect(count(registry, 'none')).toBe(0);
    }
  });

  it('finds what an exposition could not hold only when it gathers', () => {
    const size = gauge('size', 'Size.', ['of']);
    const twice = [size.sample(1, { of: 'it' }), size.sample(2, { of: 'it' })];
    expect(collectAndCount(twice)).toBe(2);
    expect(() => gatherAndCount(twice)).toThrow('The series size{of="it"} was returned twice');
    const collector = {
      describe: () => [counter('a_total', 'A.')],
      collect: () => [gauge('b', 'B.').sample(1)],
    };
    expect(() => gatherAndCount(collector)).toThrow('Metric "b" was collected but is not described.');
  });
});

describe('compareExposition', () => {
  const text = `
    # HELP orders_total Orders taken.
    # TYPE orders_total counter
    orders_total{kind="green",shop="a"} 2
    orders_total{shop="a",kind="red"} 1.0
    # TYPE size gauge
    size 1e6
  `;

  it('takes no notice of order, comments, blanks and the spelling of numbers', () => {
    compareExposition(
      'size 1000000\n# TYPE size gauge\n# TYPE orders_total counter\n# HELP orders_total Orders taken.\n' +
        '# a comment\norders_total{kind="red",shop="a"} 1\norders_total{kind="green",shop="a"} 2\n',
      text,
    );
  });

  it('shows the lines that differ, and those around them', () => {
    const expected = text.replace('red"} 1.0', 'red"} 3').replace('size 1e6', 'size *');
    expect(() => compareExposition(text, expected)).toThrow(
      [
        'The exposition is not the expected one (- expected, + actual):',
        '  …',
        '  # TYPE orders_total counter',
        '  orders_total{kind="green",shop="a"} 2',
        '- orders_total{kind="red",shop="a"} 3',
        '+ orders_total{kind="red",shop="a"} 1',
        '  # TYPE size gauge',
        '  size *',
      ].join('\n'),
    );
  });

  it('compares only the families that are named, a histogram with all its lines', () => {
    const { registry, orders, seconds } = shop();
    orders.with({ kind: 'red' }).inc();
    seconds.with().observe(2);
    const expected = `
      # HELP order_seconds Time to take one.
      # TYPE order_seconds histogram
      order_seconds_sum 2
      order_seconds_count 1
      order_seconds_bucket{le="+Inf"} 1
      order_seconds_bucket{le="5"} 1
      order_seconds_bucket{le="1"} 0
    `;
    compareExposition(registry, expected, { names: ['order_seconds'] });
    expect(() => compareExposition(registry, expected)).toThrow('+ orders_total{kind="red"} 1');
  });

  it('keeps labels apart that hold what looks like syntax', () => {
    const expected = 'path{a="x,b=\\"}y",b="{"} 1\n';
    compareExposition('path{b="{",a="x,b=\\"}y"} 1\n', expected);
    expect(() => compareExposition('path{b="}",a="x,b=\\"}y"} 1\n', expected)).toThrow('+ path{a=');
  });
});

it('lintCollector says what is wrong with each metric', () => {
  expect(() => lintCollector('size many\n')).toThrow(/^Line 1: .*; .*\.$/);
  const samples = [counter('orders', 'Orders taken.').sample(1), gauge('size', '').sample(1)];
  expect(lintCollector(samples).map(({ metric, rule }) => `${metric}: ${rule}`)).toEqual([
    'orders: counter-total',
    'size: help',
  ]);
  expect(lintCollector([gauge('size', 'Things in the basket.').sample(1)])).toEqual([]);
});
