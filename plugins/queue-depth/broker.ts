import type {
  CollectContext,
  ConfigProblem,
  OpenContext,
  Sample,
  Static,
  TSchema,
} from '@dynamic-informer/sdk';
import { isQueueFailure } from './failure.ts';

/** What one collect learnt of one queue. */
export type Reading = { readonly samples: Sample[] } | { readonly error: unknown };

/** An opened broker. */
export interface Broker {
  /**
   * One reading for each configured queue. Rejects when the broker as a whole can't be read. Ends within
   * the grace once the context's signal aborts, with everything that it had opened closed.
   */
  read(context: CollectContext): Promise<Reading[]>;
  close(): Promise<void>;
}

/** A kind of broker: what `brokers.ts` lists. */
export interface BrokerType<S extends TSchema> {
  /** An object schema whose `broker` is a literal. */
  readonly config: S;
  /** Checks beyond the schema. */
  validate(config: Static<S>): Iterable<ConfigProblem>;
  /** Touches nothing yet: a server that is down at start is a target that is down. */
  open(config: Static<S>, context: OpenContext): Broker | Promise<Broker>;
}

export function defineBroker<S extends TSchema>(type: BrokerType<S>): BrokerType<S> {
  return type;
}

/** What a queue's reading comes to. Rejects with what is not about this queue alone. */
export async function readingOf(samples: () => Promise<Sample[]>): Promise<Reading> {
  try {
    return { samples: await samples() };
  } catch (error) {
    if (!isQueueFailure(error)) throw error;
    return { error };
  }
}

/** A queue as configurations write it: its name, or an object with a name and more. */
export function queueObject<Q extends { name: string }>(queue: string | Q): Q | { name: string } {
  return typeof queue === 'string' ? { name: queue } : queue;
}

/** Two queues of one name would be one series. */
export function* duplicateQueues(queues: readonly (string | { name: string })[]): Iterable<ConfigProblem> {
  const seen = new Set<string>();
  for (const [index, queue] of queues.entries()) {
    const { name } = queueObject(queue);
    if (seen.has(name)) {
      yield {
        path: typeof queue === 'string' ? ['queues', index] : ['queues', index, 'name'],
        message: `the queue "${name}" is listed twice`,
        fix: 'List each queue once.',
      };
    }
    seen.add(name);
  }
}

/**
 * Runs `work` on each item, at most `limit` at a time; the results keep the items' order. After the first
 * rejection no more work is begun, and it rejects when what had begun has ended.
 */
export async function mapLimited<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const failures: unknown[] = [];
  const entries = items.entries();
  const lane = async () => {
    for (const [index, item] of entries) {
      if (failures.length > 0) return;
      try {
        results[index] = await work(item);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane));
  if (failures.length > 0) throw failures[0];
  return results;
}
