import { type Clock, systemClock } from '../clock.ts';
import { type ErrorInfo, InformerError } from '../errors.ts';
import type { ExposedFamily } from '../exposition/exposed.ts';
import { encodeText } from '../exposition/formats.ts';
import type { GatherOptions } from '../gather/gather.ts';
import { type LogLevel, makeLogger } from '../logger.ts';
import type { Descriptor } from '../metric/descriptor.ts';
import type { Plugin, State } from '../plugin.ts';
import { OpenedCollector, type Outcome } from '../runtime/collector.ts';
import type { TSchema } from '../schema/schema.ts';
import { compileSchema } from '../schema/validate.ts';
import { withDeadline } from './deadline.ts';

/** State that outlives a collector in a test: hand the same one to two of them. */
export class MemoryState implements State {
  version: number | undefined;
  bytes: Uint8Array | undefined;

  async read(version: number): Promise<Uint8Array | undefined> {
    return this.version === version ? this.bytes?.slice() : undefined;
  }
  async write(version: number, bytes: Uint8Array): Promise<void> {
    this.version = version;
    this.bytes = bytes.slice();
  }
}

/** A line of a collector's log. */
export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What a plugin is opened with in a test. */
export interface TestOptions {
  state?: State;
  clock?: Clock;
  /** Where relative paths in the configuration start; the working directory by default. */
  directory?: string;
  resource?: string;
  gather?: GatherOptions;
  /** Takes every line of the log, those of an `open` that fails too. */
  logs?: LogLine[];
  /** When the signal of `open` aborts; 10 s by default. */
  openTimeoutMs?: number;
  /** Aborts `open` earlier than its timeout. */
  signal?: AbortSignal;
}

/** How long a collect may take. */
export interface CollectOptions {
  /** Until the signal aborts; 5 s by default. */
  timeoutMs?: number;
  /** Aborts earlier than the timeout. */
  signal?: AbortSignal;
}

/** What a collect came to. */
export interface TestCollect {
  readonly outcome: Outcome;
  /** Text format 0.0.4. */
  readonly exposition: string;
  readonly errors: readonly ErrorInfo[];
  /** The names of the families that were collected. */
  readonly families: readonly string[];
  /** The value of the one series of that name with these labels at least; a histogram's is its count. */
  value(name: string, labels?: Readonly<Record<string, string>>): number | undefined;
}

/** A collector opened as the agent would, in this process. */
export class TestCollector implements AsyncDisposable {
  readonly #collector: OpenedCollector;
  readonly logs: readonly LogLine[];

  /** @internal */
  constructor(collector: OpenedCollector, logs: readonly LogLine[]) {
    this.#collector = collector;
    this.logs = logs;
  }

  get stateful(): boolean {
    return this.#collector.stateful;
  }
  get descriptors(): readonly Descriptor[] {
    return this.#collector.descriptors;
  }

  /** Collects once. Rejects if the collector does not end within the grace after its abort. */
  async collect({ timeoutMs = 5_000, signal }: CollectOptions = {}): Promise<TestCollect> {
    const { outcome, errors, families } = await withDeadline('collect()', timeoutMs, signal, (abort) =>
      this.#collector.collect(abort, Date.now() + timeoutMs),
    );
    const series = families.flatMap(seriesOf);
    return {
      outcome,
      errors,
      families: families.map(({ name }) => name),
      exposition: encodeText(families),
      value: (...asked) => find(series, ...asked),
    };
  }

  pause(): Promise<void> {
    return this.#collector.pause();
  }
  resume(): Promise<void> {
    return this.#collector.resume();
  }
  close(): Promise<void> {
    return this.#collector.close();
  }
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

export interface FoundSeries {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number | undefined;
}

/** A family's series with their values as they are now: the next collect writes over them. */
export function seriesOf(family: ExposedFamily): FoundSeries[] {
  const found: FoundSeries[] = [];
  let line = 0;
  family.visit((names, values, lines) => {
    const labels = Object.fromEntries(names.map((name, i) => [name, values[i] as string]));
    const hasCount = family.type === 'histogram' || family.type === 'summary';
    const shown = hasCount ? lines.findIndex(({ suffix }) => suffix === '_count') : 0;
    for (const [i, { label }] of lines.entries()) {
      const value = family.values[line++] as number;
      if (family.type === 'stateset' && label) {
        found.push({ name: family.name, labels: { ...labels, [label[0]]: String(label[1]) }, value });
      } else if (i === shown) {
        found.push({ name: family.name, labels, value });
      }
    }
  });
  return found;
}

export function find(
  series: readonly FoundSeries[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const wanted = Object.entries(labels);
  const matching = series.filter(
    (each) => each.name === name && wanted.every(([key, value]) => each.labels[key] === value),
  );
  if (matching.length > 1) {
    throw new Error(
      `${matching.length} series of ${name} match ${JSON.stringify(labels)}; name more labels.`,
    );
  }
  return matching[0]?.value;
}

/**
 * Validates a configuration and opens it.
 * @throws the first thing that is wrong with the configuration, what `open` threw, or that `open` did not end
 * within the grace after its abort
 */
export async function openForTest<S extends TSchema>(
  plugin: Plugin<S>,
  config: unknown,
  options: TestOptions = {},
): Promise<TestCollector> {
  const check = await compileSchema(plugin.config);
  const { value, issues } = check(config);
  const [issue] = issues;
  if (issue) throw new InformerError('config', messageAt(issue.path, issue.message), issue);
  const directory = options.directory ?? process.cwd();
  const found = (await plugin.validate?.(value as never, { directory })) ?? [];
  for (const { path, message, fix, severity } of found) {
    if (severity === 'warning') continue;
    throw new InformerError('config', messageAt(path, message), { path, ...(fix !== undefined && { fix }) });
  }
  const { logs = [], openTimeoutMs = 10_000, signal: earlier } = options;
  const collector = await withDeadline('open()', openTimeoutMs, earlier, (signal) =>
    OpenedCollector.open(plugin as unknown as Plugin, value, {
      resource: options.resource ?? 'test',
      directory,
      signal,
      logger: makeLogger((level, message, fields) => logs.push({ level, message, fields })),
      clock: options.clock ?? systemClock,
      state: options.state ?? new MemoryState(),
      gather: options.gather ?? {},
    }),
  );
  return new TestCollector(collector, logs);
}

export const messageAt = (path: readonly (string | number)[] = [], message: string): string =>
  `${['config', ...path].join('.')}: ${message}`;
