import { type ConfigProblem, type OpenContext, type Static, Type } from '@dynamic-informer/sdk';
import type { Broker } from './broker.ts';
import { rabbitmq } from './rabbitmq/broker.ts';
import { redis } from './redis/broker.ts';
import { spool } from './spool/broker.ts';

/** Every kind of broker. A new one is its file and one word in this list. */
const types = [redis, rabbitmq, spool] as const;

export const config = Type.Union(types.map((type) => type.config) as unknown as Configs<typeof types>);

type Configs<T extends readonly { config: unknown }[]> = { -readonly [K in keyof T]: T[K]['config'] };
export type Config = Static<typeof config>;

interface AnyBrokerType {
  validate(config: Config): Iterable<ConfigProblem>;
  open(config: Config, context: OpenContext): Broker | Promise<Broker>;
}

/** The kind whose literal the configuration names; the schema has seen to it that there is one. */
export function typeOf({ broker }: Config): AnyBrokerType {
  const found = types.find(({ config }) => config.properties.broker.const === broker);
  if (!found) throw new Error(`There is no broker "${broker}".`);
  return found as unknown as AnyBrokerType;
}
