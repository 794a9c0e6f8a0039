/** A plugin that counts its collects and does on request what plugins do wrong, as a file of its own. */
export const ACME = `
import { counter, definePlugin, gauge, targetError, Type } from '@dynamic-informer/sdk';

const depth = gauge('queue_messages', 'Messages waiting in the queue.', ['queue']);
const collects = counter('acme_collects_total', 'Collects since it was opened.');
const duration = gauge('acme_duration', 'Of a type that others dispute.');
const disputed = counter('acme_duration', 'Of a type that others dispute.');

export default definePlugin({
  name: 'acme',
  config: Type.Object({
    queues: Type.Optional(Type.Array(Type.String(), { description: 'Queues.' })),
    mode: Type.Optional(Type.String({ description: 'What to do wrong.' })),
    token: Type.Optional(Type.String({ secret: true, description: 'A secret.' })),
  }),
  open(config, { logger }) {
    if (config.mode === 'open-throws') throw new Error('no such broker');
    if (config.mode === 'open-hangs') return new Promise(() => {});
    if (config.token) logger.info('opened with ' + config.token);
    let count = 0;
    const good = () => (config.queues ?? ['a']).map((queue) => depth.sample(queue.length, { queue }));
    const bad = {
      hang: () => new Promise(() => {}),
      spin: () => { for (;;); },
      exit: () => process.exit(3),
      abort: () => process.abort(),
      throw: () => { throw new Error('boom'); },
      target: () => { throw targetError('The broker answered 503.', { fix: 'Ask the broker.' }); },
      slow: ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(good()))),
      rejects: () => { setTimeout(() => { throw new Error('later'); }, 1); return good(); },
      name: () => [...good(), { descriptor: { name: 'no-name', help: '', type: 'gauge', labels: [] }, value: 1, labels: {} }],
      label: () => [...good(), { descriptor: depth, value: 1, labels: { queue: 7 } }],
      nan: () => [...good(), depth.sample(NaN, { queue: 'n' })],
      duplicate: () => [...good(), ...good()],
      text: () => [...good(), { descriptor: depth, value: 'many', labels: { queue: 'x' } }],
      gauge: () => [...good(), duration.sample(1)],
      counter: () => [...good(), disputed.sample(1)],
    };
    return {
      describe: () => [depth, collects, config.mode === 'counter' ? disputed : duration],
      async collect(context) {
        count++;
        return [...((await bad[config.mode]?.(context)) ?? good()), collects.sample(count)];
      },
    };
  },
});
`;
