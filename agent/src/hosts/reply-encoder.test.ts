import { gauge, histogram, type Sample } from '@dynamic-informer/sdk';
import { type CollectResult, type Encoding, Gatherer, TEXT_ENCODING } from '@dynamic-informer/sdk/host';
import { describe, expect, it } from 'vitest';
import type { CollectReply } from '../contract.ts';
import { encodeFrame, FrameReader } from './frames.ts';
import { toWire } from './protocol.ts';
import { ReplyEncoder } from './reply-encoder.ts';

const PROTOBUF: Encoding = { format: 'protobuf', escaping: 'underscores' };
const OPENMETRICS: Encoding = { format: 'openmetrics', escaping: 'underscores' };

const collected = (metrics: readonly { name: string }[], samples: Iterable<Sample>): CollectResult => {
  const result = new Gatherer(metrics as never, { resource: 'r' }).gather(samples);
  return { ...result, outcome: 'ok', errors: [] };
};

/** Whether it gets through the pipe as the agent reads it. */
function crosses(reply: CollectReply): boolean {
  const { value, bodies } = toWire(reply);
  let arrived = false;
  const reader = new FrameReader(() => {
    arrived = true;
  });
  for (const part of encodeFrame({ kind: 'reply', id: 1, value }, bodies)) reader.push(part);
  return arrived;
}

describe('ReplyEncoder', () => {
  it('leaves an encoding out that is much larger than the text, as a whole', () => {
    const sizes = histogram('sizes', 'Sizes.', ['n'], { buckets: [], native: { factor: 1.1 } });
    const few = gauge('few', 'Few.');
    const deltas = Array.from({ length: 2000 }, (_, i) => (i % 2 === 0 ? 1 : 0));
    let count = 0;
    let sum = 0;
    for (const delta of deltas) {
      sum += delta;
      count += sum;
    }
    const native = {
      schema: 3,
      zeroThreshold: 0,
      zeroCount: 0,
      count,
      sum: 1,
      positive: { spans: [{ offset: 0, length: deltas.length }], deltas },
      negative: { spans: [], deltas: [] },
    };
    const samples = Array.from({ length: 10 }, (_, n) =>
      sizes.sample({ counts: [count], sum: 1, native }, { n: String(n) }),
    );
    const encoder = new ReplyEncoder(3000);
    const reply = encoder.encode(collected([sizes, few], [...samples, few.sample(1)]), [
      TEXT_ENCODING,
      PROTOBUF,
      OPENMETRICS,
    ]);
    expect(reply.outcome).toBe('ok');
    for (const { bodies } of reply.fragments) {
      expect([...bodies.keys()]).toEqual(['text;underscores', 'openmetrics;underscores']);
    }
  });

  it('keeps within a frame whatever it is asked for', () => {
    const wide = gauge('wide', 'Wide.', ['text']);
    const samples = Array.from({ length: 2000 }, (_, i) =>
      wide.sample(i, { text: `${i}${'x'.repeat(16_000)}` }),
    );
    const encodings = (['text', 'openmetrics', 'openmetrics-created', 'protobuf'] as const).map((format) => ({
      format,
      escaping: 'underscores' as const,
    }));
    const reply = new ReplyEncoder(2 ** 25).encode(collected([wide], samples), encodings);
    expect(crosses(reply)).toBe(true);
    expect(reply.fragments[0]?.bodies.size).toBe(1);
  });

  it('leaves out the newest families where there are too many for the head of a frame', () => {
    const named = (from: number, count: number) =>
      Array.from({ length: count }, (_, i) =>
        gauge(`metric_number_${from + i}`, 'What it measures. '.repeat(5)),
      );
    const old = named(5000, 1000);
    const encoder = new ReplyEncoder(2 ** 24);
    const sample = ({ sample: make }: (typeof old)[number], of: (typeof old)[number]) => make.call(of, 1);
    const samples = (metrics: typeof old) => metrics.map((metric) => sample(metric, metric));
    const first = encoder.encode(collected(old, samples(old)), [TEXT_ENCODING]);
    expect(first.fragments).toHaveLength(1000);
    const all = [...named(0, 5000), ...old];
    const reply = encoder.encode(collected(all, samples(all)), [TEXT_ENCODING]);
    expect(crosses(reply)).toBe(true);
    const names = new Set(reply.fragments.map(({ name }) => name));
    for (const { name } of old) expect(names.has(name), name).toBe(true);
    expect(reply).toMatchObject({ outcome: 'limit', errors: [{ code: 'LIMIT_BYTES' }] });
    expect(reply.dropped.limit).toBe(6000 - names.size);
  });
});
