import type { Sample } from '@dynamic-informer/sdk';
import { depth, groupConsumers, groupLag, groupOldestAge, groupPending, oldestAge } from '../metrics.ts';
import type { Command } from './connection.ts';

/** What a kind's measure works with. */
export interface Question {
  readonly queue: string;
  /** The server's time, in milliseconds since the epoch. */
  readonly now: number;
  /** Sends commands and gives their values; rejects with the queue's error if one is refused. */
  ask(commands: readonly Command[]): Promise<unknown[]>;
}

export interface RedisKind {
  /** The type of the key that holds such a queue, as TYPE says it. */
  readonly type?: string;
  measure(question: Question, options: KindOptions): Promise<Sample[]>;
}

export interface KindOptions {
  readonly scores?: 'seconds' | 'milliseconds';
  readonly prefix?: string;
}

const broker = 'redis';

/** A key that does not exist: Redis removes a list, set or sorted set with its last entry. */
export function empty(queue: string): Sample[] {
  return [depth.sample(0, { broker, queue, state: 'ready' })];
}

const list: RedisKind = {
  type: 'list',
  async measure({ queue, ask }) {
    const [length] = await ask([['LLEN', queue]]);
    return [depth.sample(Number(length), { broker, queue, state: 'ready' })];
  },
};

const set: RedisKind = {
  type: 'set',
  async measure({ queue, ask }) {
    const [size] = await ask([['SCARD', queue]]);
    return [depth.sample(Number(size), { broker, queue, state: 'ready' })];
  },
};

const zset: RedisKind = {
  type: 'zset',
  async measure({ queue, now, ask }, { scores }) {
    if (scores === undefined) {
      const [size] = await ask([['ZCARD', queue]]);
      return [depth.sample(Number(size), { broker, queue, state: 'ready' })];
    }
    const unit = scores === 'seconds' ? 1000 : 1;
    const due = now / unit;
    const [ready, delayed, first] = await ask([
      ['ZCOUNT', queue, '-inf', due],
      ['ZCOUNT', queue, `(${due}`, '+inf'],
      ['ZRANGE', queue, 0, 0, 'WITHSCORES'],
    ]);
    const [, score] = first as string[];
    const overdue = score === undefined ? 0 : Math.max(0, now - Number(score) * unit);
    return [
      depth.sample(Number(ready), { broker, queue, state: 'ready' }),
      depth.sample(Number(delayed), { broker, queue, state: 'delayed' }),
      oldestAge.sample(overdue / 1000, { broker, queue }),
    ];
  },
};

const stream: RedisKind = {
  type: 'stream',
  async measure({ queue, now, ask }) {
    const [length, first, infos] = await ask([
      ['XLEN', queue],
      ['XRANGE', queue, '-', '+', 'COUNT', 1],
      ['XINFO', 'GROUPS', queue],
    ]);
    const groups = (infos as unknown[][]).map(fields);
    const samples = [depth.sample(Number(length), { broker, queue, state: 'ready' })];
    const age = ageOf(now, firstId(first));
    if (age !== undefined) samples.push(oldestAge.sample(age, { broker, queue }));
    const outstanding = await ask(
      groups.flatMap((group): Command[] => [
        ['XPENDING', queue, String(group.name)],
        ['XRANGE', queue, idAfter(String(group['last-delivered-id'])), '+', 'COUNT', 1],
      ]),
    );
    for (const [index, { name, lag, pending, consumers }] of groups.entries()) {
      const labels = { broker, queue, group: String(name) };
      const [summary, undelivered] = outstanding.slice(index * 2);
      const oldest = [ageOf(now, (summary as unknown[])[1]), ageOf(now, firstId(undelivered))];
      const waited = oldest.filter((age) => age !== undefined);
      if (typeof lag === 'number') samples.push(groupLag.sample(lag, labels));
      samples.push(groupPending.sample(Number(pending), labels));
      samples.push(groupConsumers.sample(Number(consumers), labels));
      if (waited.length > 0) samples.push(groupOldestAge.sample(Math.max(...waited), labels));
    }
    return samples;
  },
};

const BULLMQ_STATES = [
  ['ready', 'wait', 'list'],
  ['paused', 'paused', 'list'],
  ['active', 'active', 'list'],
  ['prioritized', 'prioritized', 'zset'],
  ['delayed', 'delayed', 'zset'],
  ['waiting_children', 'waiting-children', 'zset'],
  ['failed', 'failed', 'zset'],
] as const;

const bullmq: RedisKind = {
  async measure({ queue, ask }, { prefix = 'bull' }) {
    const key = (name: string) => `${prefix}:${queue}:${name}`;
    const values = await ask(
      BULLMQ_STATES.flatMap(([, name, type]): Command[] =>
        type === 'zset'
          ? [['ZCARD', key(name)]]
          : [
              ['LLEN', key(name)],
              ['LINDEX', key(name), -1],
            ],
      ),
    );
    const remaining = values.values();
    return BULLMQ_STATES.map(([state, , type]) => {
      const size = Number(remaining.next().value);
      // BullMQ before version 5 leaves a marker at the end of a list, which is no job.
      const marker = type === 'list' && String(remaining.next().value).startsWith('0:');
      return depth.sample(marker ? size - 1 : size, { broker, queue, state });
    });
  },
};

export const kinds = { list, stream, zset, set, bullmq } as const;
export type KindName = keyof typeof kinds;

/** RESP2 gives a map as a flat array of names and values. */
function fields(flat: unknown[]): Record<string, unknown> {
  const map: Record<string, unknown> = {};
  for (let index = 0; index + 1 < flat.length; index += 2) map[String(flat[index])] = flat[index + 1];
  return map;
}

/** Redis before 6.2 has no exclusive ranges. */
function idAfter(id: string): string {
  const [time, sequence = '0'] = id.split('-');
  return `${time}-${BigInt(sequence) + 1n}`;
}

function firstId(entries: unknown): unknown {
  return (entries as [id: string, values: unknown][])[0]?.[0];
}

/** Entry ids that Redis makes begin with the time in milliseconds; smaller ones (before 2001) were made by hand. */
const FIRST_TIME = 1e12;

/** Seconds since an entry was added; 0 without an entry, undefined if its id does not tell. */
function ageOf(now: number, id: unknown): number | undefined {
  if (typeof id !== 'string') return 0;
  const added = Number(id.split('-', 1)[0]);
  return added >= FIRST_TIME ? Math.max(0, now - added) / 1000 : undefined;
}
