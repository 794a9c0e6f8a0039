import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeExposition, FamilyEncoders, FORMATS } from '../exposition/formats.ts';
import { counter, gauge, histogram } from '../metric/descriptor.ts';
import type { Sample } from '../metric/sample.ts';
import { Gatherer, type GatherOptions } from './gather.ts';
import { compileRelabel } from './relabel.ts';

const jobs = counter('jobs_total', 'Jobs.', ['queue']);
const depth = gauge('depth', 'Depth.', ['queue'], { allowNaN: true });
const sizes = histogram('sizes_total', 'Sizes.', ['queue'], { buckets: [1, 2] });

const queue = fc.integer({ min: 0, max: 99 }).map((number) => `q${number}`);
const count = fc.integer({ min: 0, max: 5 });
const time = fc.option(fc.integer({ min: 0, max: 2 }), { nil: undefined, freq: 2 });
const exemplar = fc.option(fc.constant({ labels: { trace: 'a' }, value: 1 }), { nil: undefined, freq: 4 });
const sample: fc.Arbitrary<Sample> = fc.oneof(
  fc
    .tuple(queue, count, time, time, exemplar)
    .map(([name, value, created, timestamp, of]) =>
      jobs.sample(value, { queue: name }, { created, timestamp, exemplar: of }),
    ),
  fc.tuple(queue, fc.double()).map(([name, value]) => depth.sample(value, { queue: name })),
  fc
    .tuple(queue, count, count, count, exemplar, time)
    .map(([name, a, b, c, of, created]) =>
      sizes.sample({ counts: [a, b, c], sum: a + b }, { queue: name }, { exemplar: of, created }),
    ),
);
/** One collect: of a series' samples the first counts. */
const collect = fc.oneof(
  fc.array(sample, { maxLength: 20, size: 'max' }),
  // Enough series for the gaps that they leave to be closed.
  fc.array(sample, { minLength: 100, maxLength: 150, size: 'max' }),
);
const collects = fc.array(collect, { minLength: 2, maxLength: 6 });

const OPTIONS: readonly [string, GatherOptions][] = [
  ['as they are', {}],
  ['with the labels of a resource', { resource: 'r', labels: { team: 't' } }],
  [
    'relabelled',
    {
      resource: 'r',
      relabel: compileRelabel([
        { source_labels: ['queue'], regex: 'q.*7', action: 'drop' },
        { source_labels: ['le'], regex: '1', action: 'drop' },
        { source_labels: ['queue'], regex: 'q(.).*', target_label: 'queue', replacement: '$1' },
      ]),
    },
  ],
];

describe('what is kept from one collect to the next', () => {
  it.each(OPTIONS)('shows in no format, %s', (_name, options) => {
    const described = [jobs, depth, sizes];
    fc.assert(
      fc.property(collects, fc.boolean(), (all, givesBack) => {
        const kept = new Gatherer(described, options);
        const encoders = new FamilyEncoders();
        for (const samples of all) {
          const { families, dropped } = kept.gather(samples);
          const fresh = new Gatherer(described, options).gather(samples);
          // Which of two series that become one is the older, only the kept one knows.
          if (options.relabel === undefined) expect(dropped).toEqual(fresh.dropped);
          else if (dropped.duplicate) continue;
          for (const format of FORMATS) {
            const encoding = { format, escaping: 'underscores' } as const;
            const again = Buffer.concat(encodeExposition(families, encoding, encoders));
            const anew = Buffer.concat(encodeExposition(fresh.families, encoding));
            expect(again.toString('latin1')).toBe(anew.toString('latin1'));
          }
          if (givesBack) encoders.giveBack();
        }
      }),
      { numRuns: 60 },
    );
  });

  it('is the name of a histogram that ends like a counter', () => {
    const { families } = new Gatherer([sizes]).gather([
      sizes.sample({ counts: [0, 0, 0], sum: 0 }, { queue: 'a' }, { created: 1000 }),
    ]);
    const encoding = { format: 'openmetrics-created', escaping: 'underscores' } as const;
    expect(Buffer.concat(encodeExposition(families, encoding)).toString()).toContain(
      'sizes_total_created{queue="a"} 1.0\n',
    );
  });

  it('is not when a counter began', () => {
    const gatherer = new Gatherer([jobs]);
    const encoders = new FamilyEncoders();
    const encoded = [1000, 2000, undefined].map((created) => {
      const { families } = gatherer.gather([jobs.sample(1, { queue: 'a' }, { created })]);
      const encoding = { format: 'protobuf', escaping: 'underscores' } as const;
      return Buffer.concat(encodeExposition(families, encoding, encoders)).toString('hex');
    });
    expect(new Set(encoded).size).toBe(3);
  });
});
