import { definePlugin, gauge, Type, targetError } from '@dynamic-informer/sdk';

const items = gauge('example_plugin_items', 'Items that wait in the queue.', ['queue']);
const oldestAge = gauge(
  'example_plugin_oldest_item_age_seconds',
  'Age of the oldest item in the queue; absent while it is empty.',
  ['queue'],
  { unit: 'seconds' },
);

/** A queue as the server describes it. */
interface Queue {
  readonly name: string;
  readonly items: number;
  readonly oldest_seconds?: number;
}

export default definePlugin({
  name: 'example-plugin',
  description: 'How many items wait in queues that a server lists as JSON, and for how long.',
  config: Type.Object({
    url: Type.String({ format: 'uri', description: 'Where the queues are listed.' }),
    token: Type.Optional(Type.String({ secret: true, description: 'Sent as a bearer token.' })),
    queues: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description: 'Queues to read; empty means all that are listed.',
    }),
  }),
  metrics: [items, oldestAge],
  *validate({ url }) {
    // fetch refuses such a URL, with a message that shows it.
    const { username, password } = new URL(url);
    if (username === '' && password === '') return;
    yield { path: ['url'], message: 'holds a user or a password', fix: 'Take them out, and set token.' };
  },
  open(config) {
    return {
      async collect({ signal, error }) {
        const listed = await readQueues(config.url, config.token, signal);
        for (const name of config.queues) {
          if (listed.some((queue) => queue.name === name)) continue;
          // What is there is exposed all the same, and the outcome is `partial`.
          error(targetError(`There is no queue "${name}".`, { fix: 'Correct its name in queues.' }));
        }
        return listed
          .filter(({ name }) => config.queues.length === 0 || config.queues.includes(name))
          .flatMap((queue) => {
            const labels = { queue: queue.name };
            const waiting = items.sample(queue.items, labels);
            if (queue.oldest_seconds === undefined) return [waiting];
            return [waiting, oldestAge.sample(queue.oldest_seconds, labels)];
          });
      },
    };
  },
});

/** Rejects with a target error when the server does not answer as it should. */
async function readQueues(
  url: string,
  token: string | undefined,
  signal: AbortSignal,
): Promise<readonly Queue[]> {
  const headers = new Headers(token === undefined ? {} : { authorization: `Bearer ${token}` });
  const response = await fetch(url, { headers, signal });
  const { host } = new URL(url);
  if (!response.ok) {
    await response.body?.cancel();
    throw targetError(`${host} answered HTTP ${response.status}.`, { fix: 'Correct url or token.' });
  }
  const text = await response.text();
  const queues = queuesOf(text);
  if (!queues) throw targetError(`${host} did not answer with a list of queues.`, { fix: 'Correct url.' });
  return queues;
}

/** What the server sent, if it is `{"queues": [{"name": …, "items": …}]}`. */
function queuesOf(text: string): readonly Queue[] | undefined {
  try {
    const { queues } = JSON.parse(text) as { queues?: readonly Queue[] };
    const isList = queues?.every(({ name, items }) => typeof name === 'string' && typeof items === 'number');
    return isList ? queues : undefined;
  } catch {
    return undefined;
  }
}
