import fc from 'fast-check';
import type { Registry } from '../../../sdk/src/index.ts';
import { type GoInstrument, goFloat } from '../../support/promhttp.ts';
import { anyText, anyValue, labelName, metricName } from './generated.ts';

/** What an application does to an instrument of ours, and the same for one of Go's. */
export interface TwinInstrument {
  apply(registry: Registry): void;
  readonly go: GoInstrument;
}

interface Step {
  readonly do: 'add' | 'set' | 'observe' | 'delete';
  readonly labels: readonly string[];
  readonly value: number;
}

/** Whole, because client_golang adds up the whole and the broken amounts of a counter apart. */
const amount = fc.integer({ min: 0, max: 2 ** 40 });

const VALUES: Readonly<Record<GoInstrument['type'], fc.Arbitrary<number>>> = {
  counter: amount,
  gauge: anyValue,
  histogram: anyValue,
  summary: anyValue,
};
const STEPS = {
  counter: ['add', 'add', 'delete'],
  gauge: ['add', 'set', 'delete'],
  histogram: ['observe', 'observe', 'delete'],
  summary: ['observe', 'observe', 'delete'],
} as const;

const instrument = fc
  .record({
    type: fc.constantFrom('counter', 'gauge', 'histogram', 'summary'),
    start: metricName,
    help: anyText,
    labels: fc.uniqueArray(labelName, { maxLength: 3 }),
    buckets: fc
      .uniqueArray(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 5 })
      .map((bounds) => [...new Set(bounds.map((bound) => bound + 0))].sort((a, b) => a - b)),
    pool: fc.array(anyText, { minLength: 1, maxLength: 3 }),
  })
  .chain(({ type, labels, pool, ...rest }) => {
    const step: fc.Arbitrary<Step> = fc.record({
      do: fc.constantFrom(...STEPS[type]),
      labels: fc.tuple(...labels.map(() => fc.constantFrom(...pool))),
      value: VALUES[type],
    });
    return fc.array(step, { maxLength: 40, size: 'max' }).map((steps) => ({ type, labels, steps, ...rest }));
  })
  .map(({ type, start, help, labels, buckets, steps }) => (index: number): TwinInstrument => {
    const name = `${start}_${index}${type === 'counter' ? '_total' : ''}`;
    return {
      go: {
        name,
        help,
        type,
        labels,
        buckets: buckets.map(goFloat),
        steps: steps.map((step) => ({ ...step, value: goFloat(step.value) })),
      },
      apply(registry) {
        const family = make(registry, type, name, help, labels, buckets);
        for (const step of steps) family(step);
      },
    };
  });

function make(
  registry: Registry,
  type: GoInstrument['type'],
  name: string,
  help: string,
  labels: readonly string[],
  buckets: readonly number[],
): (step: Step) => void {
  const record = (values: readonly string[]) =>
    Object.fromEntries(labels.map((label, i) => [label, values[i] as string]));
  switch (type) {
    case 'counter': {
      const family = registry.counter(name, help, labels);
      return (step) => {
        if (step.do === 'delete') family.delete(record(step.labels));
        else family.withValues(...step.labels).inc(step.value);
      };
    }
    case 'gauge': {
      const family = registry.gauge(name, help, labels, { allowNaN: true });
      return (step) => {
        if (step.do === 'delete') family.delete(record(step.labels));
        else if (step.do === 'add') family.withValues(...step.labels).inc(step.value);
        else family.withValues(...step.labels).set(step.value);
      };
    }
    case 'histogram': {
      const family = registry.histogram(name, help, labels, { buckets });
      return (step) => {
        if (step.do === 'delete') family.delete(record(step.labels));
        else family.withValues(...step.labels).observe(step.value);
      };
    }
    case 'summary': {
      const family = registry.summary(name, help, labels, { quantiles: [] });
      return (step) => {
        if (step.do === 'delete') family.delete(record(step.labels));
        else family.withValues(...step.labels).observe(step.value);
      };
    }
  }
}

export const instruments: fc.Arbitrary<TwinInstrument[]> = fc
  .array(instrument, { minLength: 1, maxLength: 4 })
  .map((all) => all.map((one, index) => one(index)));
