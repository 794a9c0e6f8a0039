import defaultExport, * as namespace from '@dynamic-informer/sdk/prom-client';
import { describe, expect, it } from 'vitest';
import { type Client, OURS, REAL, type Registry } from './contestants.ts';

/*
 * What the table of sdk/src/prom-client/index.ts says is different, in both: where prom-client mends
 * something, the test of its row fails, and the row can go.
 */

const loose = (value: unknown) => value as never;

interface Setting {
  registry: Registry;
  counter(labelNames?: string[], more?: object): InstanceType<Client['Counter']>;
  histogram(more?: object): InstanceType<Client['Histogram']>;
}

function setUp(client: Client, contentType?: string): Setting {
  const registry = new client.Registry(loose(contentType)) as Registry;
  const about = { help: 'x', registers: [registry] };
  return {
    registry,
    counter: (labelNames = [], more = {}) =>
      new client.Counter(loose({ name: 'c_total', ...about, labelNames, ...more })),
    histogram: (more = {}) => new client.Histogram(loose({ name: 'h', ...about, ...more })),
  };
}

/** What a program shows with prom-client and with ours, without headers. */
async function shown(
  act: (setting: Setting) => unknown,
  contentType?: string,
): Promise<[string[], string[]]> {
  const linesOf = async (client: Client) => {
    const setting = setUp(client, contentType);
    await act(setting);
    const text = await setting.registry.metrics();
    return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  };
  return [await linesOf(REAL), await linesOf(OURS)];
}

/** The error of a program with each; `undefined` where there is none. */
function errors(act: (setting: Setting, client: Client) => unknown, contentType?: string): unknown[] {
  return [REAL, OURS].map((client) => {
    try {
      act(setUp(client, contentType), client);
      return undefined;
    } catch (error) {
      return error;
    }
  });
}

describe('ours is not prom-client where', () => {
  it('families and numbers are ordered and written', async () => {
    const [theirs, mine] = await shown(({ counter }) => {
      counter([], { name: 'z_total' }).inc(1e6);
      counter([], { name: 'a_total' });
    });
    expect(theirs).toEqual(['z_total 1000000', 'a_total 0']);
    expect(mine).toEqual(['a_total 0', 'z_total 1e+06']);
  });

  it('a family has no series', async () => {
    const headers = async (client: Client) => {
      const { registry, counter } = setUp(client);
      counter(['a']);
      return (await registry.metrics()).trim();
    };
    expect(await headers(REAL)).toBe('# HELP c_total x\n# TYPE c_total counter');
    expect(await headers(OURS)).toBe('');
  });

  it('labels are empty or undefined', async () => {
    const [theirs, mine] = await shown(({ counter }) => {
      const hits = counter(['a', 'b']);
      hits.inc({ a: '', b: 'x' });
      hits.inc({ a: undefined, b: 'x' } as object);
      hits.inc({ b: 'x' });
    });
    expect(theirs).toEqual(['c_total{a="",b="x"} 1', 'c_total{a="undefined",b="x"} 2']);
    expect(mine).toEqual(['c_total{a="",b="x"} 3']);
  });

  it('a default label meets an own one of 0, when it was shown as JSON', async () => {
    const [theirs, mine] = await shown(async ({ counter, registry }) => {
      counter(['a']).inc({ a: 0 });
      registry.setDefaultLabels({ a: 'default' });
      await registry.getMetricsAsJSON();
    });
    expect(theirs).toEqual(['c_total{a="default"} 1']);
    expect(mine).toEqual(['c_total{a="0"} 1']);
  });

  it('the object of labels is changed later', async () => {
    const [theirs, mine] = await shown(({ counter }) => {
      const labels = { a: 'x' };
      counter(['a']).inc(labels);
      labels.a = 'y';
    });
    expect(theirs).toEqual(['c_total{a="y"} 1']);
    expect(mine).toEqual(['c_total{a="x"} 1']);
  });

  it.each([Number.NaN, '', false])('a counter is increased by %j', (value) => {
    const [theirs, mine] = errors(({ counter }) => counter().inc(loose(value)));
    expect(theirs).toBeUndefined();
    expect(mine).toBeInstanceOf(TypeError);
    expect(mine).toMatchObject({ code: 'PLUGIN_NOT_A_NUMBER', class: 'plugin' });
  });

  it('exemplars are enabled, and not every call is for them', async () => {
    const [theirs, mine] = await shown(({ counter }) => {
      const hits = counter(['a'], { enableExemplars: true });
      hits.inc(5);
      hits.labels('x').inc(7);
      hits.inc({ a: 'y' }, 9);
    }, OURS.openMetricsContentType);
    expect(theirs).toEqual(['c_total 3']);
    expect(mine).toEqual(['c_total{a=""} 5.0', 'c_total{a="x"} 7.0', 'c_total{a="y"} 9.0']);
  });

  it('labels begin with two underscores', () => {
    const [theirs, mine] = errors(({ counter }) => counter(['__a']));
    expect(theirs).toBeUndefined();
    expect(mine).toMatchObject({
      code: 'PLUGIN_BAD_LABEL',
      message: 'Invalid label name "__a" of the metric "c_total".',
    });
  });

  it('buckets are not in order', async () => {
    const [theirs, mine] = await shown(({ histogram }) => {
      histogram({ buckets: [2, 1, Number.POSITIVE_INFINITY, 1] }).observe(0.5);
    });
    expect(theirs.slice(0, 2)).toEqual(['h_bucket{le="2"} 1', 'h_bucket{le="1"} 1']);
    expect(mine.slice(0, 3)).toEqual(['h_bucket{le="1"} 1', 'h_bucket{le="2"} 1', 'h_bucket{le="+Inf"} 1']);
  });

  it('a bucket is -1', async () => {
    const [theirs, mine] = await shown(({ histogram }) => histogram({ buckets: [-1, 1] }).observe(5));
    expect(theirs[0]).toBe('h_bucket{le="-1"} 1');
    expect(mine[0]).toBe('h_bucket{le="-1"} 0');
  });

  it('zero is given labels that the histogram does not have', () => {
    const [theirs, mine] = errors(({ histogram }) => histogram().zero(loose({ a: 'x' })));
    expect(theirs).toBeUndefined();
    expect(mine).toMatchObject({ code: 'PLUGIN_BAD_LABEL' });
  });

  it('a percentile is more than 1', () => {
    const about = { name: 's', help: 's', percentiles: [99], registers: [] };
    const [theirs, mine] = errors((_, client) => new client.Summary(about));
    expect(theirs).toBeUndefined();
    expect(mine).toMatchObject({ message: 'The metric "s" has the percentile 99.' });
  });

  it('an OpenMetrics exposition has been made', async () => {
    const namesOf = async (client: Client) => {
      const { registry, counter } = setUp(client, OURS.openMetricsContentType);
      counter();
      await registry.metrics();
      return (await registry.getMetricsAsJSON()).map(({ name }) => name);
    };
    expect(await namesOf(REAL)).toEqual(['c']);
    expect(await namesOf(OURS)).toEqual(['c_total']);
  });

  it('a callback makes a series of a metric before its own', async () => {
    const [theirs, mine] = await shown(({ counter }) => {
      const first = counter(['a'], { name: 'first_total' });
      counter([], { name: 'second_total', collect: () => first.inc({ a: 'x' }) });
    });
    expect(theirs).toEqual(['second_total 0']);
    expect(mine).toEqual(['first_total{a="x"} 1', 'second_total 0']);
  });
});

describe('the module', () => {
  it('has all names both by themselves and in its default export', () => {
    expect(Object.keys(defaultExport)).toEqual(Object.keys(namespace).filter((name) => name !== 'default'));
    expect(defaultExport.Counter).toBe(namespace.Counter);
  });

  it('leaves out of prom-client what only clusters and push gateways need', () => {
    const left = Object.keys(REAL).filter((name) => !(name in namespace));
    expect(left.sort()).toEqual(['AggregatorRegistry', 'Pushgateway', 'aggregators']);
  });

  it("shows the global registry's content type", () => {
    const { register, openMetricsContentType, prometheusContentType } = defaultExport;
    register.setContentType(openMetricsContentType);
    expect([namespace.contentType, defaultExport.contentType]).toEqual(Array(2).fill(openMetricsContentType));
    register.setContentType(prometheusContentType);
    expect(namespace.contentType).toBe(prometheusContentType);
  });
});
