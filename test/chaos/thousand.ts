import type { Exposition } from '../support/agent.ts';

/** A plugin that says in its series how often a resource was opened, and how often it was collected since. */
const SMALL = `
import { counter, definePlugin, gauge, Type } from '@dynamic-informer/sdk';

const value = gauge('small_value', 'As configured.');
const opened = gauge('small_opened', 'How often its process has opened this resource.');
const collects = counter('small_collects_total', 'Collects since it was opened.');
const openings = new Map();

export default definePlugin({
  name: 'small',
  config: Type.Object({
    id: Type.String({ description: 'Whose openings are counted.' }),
    value: Type.Number({ description: 'What to expose.' }),
  }),
  open({ id, value: configured }) {
    openings.set(id, (openings.get(id) ?? 0) + 1);
    let count = 0;
    return {
      describe: () => [value, opened, collects],
      collect: () => [value.sample(configured), opened.sample(openings.get(id)), collects.sample(++count)],
    };
  },
});
`;

/** What a scrape says of one of the resources. */
export interface Seen {
  readonly opened: number;
  readonly collects: number;
}

/** A thousand resources in one file and one host, of which single ones are changed. */
export class Thousand {
  readonly files = { 'plugins/small.ts': SMALL };
  readonly names = Array.from({ length: 1000 }, (_, index) => `small-${index}`);
  /** By name: what it exposes, and how often it was changed. */
  readonly #versions = new Map<string, number>();
  readonly #every: string;

  constructor(every: string) {
    this.#every = every;
  }

  get config(): string {
    const resources = this.names.map(
      (name) =>
        `  ${name}:\n    plugin: small\n    every: ${this.#every}\n    config: {id: ${name}, value: ${this.version(name)}}\n`,
    );
    return `plugin_dirs: [plugins]\nresources:\n${resources.join('')}`;
  }

  version(name: string): number {
    return this.#versions.get(name) ?? 0;
  }

  /** Gives the value that the resource exposes from then on. */
  change(name: string): number {
    this.#versions.set(name, this.version(name) + 1);
    return this.version(name);
  }
}

/** What a page says of every resource, by name. */
export function seenIn(page: Exposition): Map<string, Seen> {
  const read = (family: string) =>
    new Map(
      page.lines(family).map((line) => {
        const [, name = '', value] = /resource="([^"]+)"[^}]*\} (\S+)$/.exec(line) ?? [];
        return [name, Number(value)] as const;
      }),
    );
  const collects = read('small_collects_total');
  return new Map(
    [...read('small_opened')].map(([name, opened]) => [name, { opened, collects: collects.get(name) ?? 0 }]),
  );
}
