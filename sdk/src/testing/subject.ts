import type { Descriptor } from '../metric/descriptor.ts';
import type { Sample } from '../metric/sample.ts';
import type { Collector, OpenContext, Plugin } from '../plugin.ts';
import type { TSchema } from '../schema/schema.ts';
import type { SuiteOptions } from './check.ts';
import { openForTest, type TestCollector, type TestOptions } from './open.ts';

/** A collector, and what passes between it and its host. */
export interface Watched extends AsyncDisposable {
  readonly collector: TestCollector;
  /** It may collect what nobody described. */
  readonly unchecked: boolean;
  /** What it describes now, its registry's instruments included. */
  describe(): Descriptor[];
  /** What the last collect returned, before any check, and what its registry holds. */
  samples(): Sample[];
}

/** The plugin under test, opened in the ways that the checks need. */
export class Subject {
  readonly plugin: Plugin;
  readonly options: SuiteOptions;

  constructor(plugin: Plugin<TSchema>, options: SuiteOptions) {
    this.plugin = plugin;
    this.options = options;
  }

  async config(): Promise<unknown> {
    return this.options.config();
  }

  /** Opens a configuration, by default the good one. @throws as `openForTest` does */
  async open(config?: unknown, options: TestOptions = {}): Promise<TestCollector> {
    return openForTest(this.plugin, config ?? (await this.config()), { ...this.options, ...options });
  }

  /** Opens one and keeps what it gives. */
  async watch(config?: unknown, options: TestOptions = {}): Promise<Watched> {
    let seen: Seen | undefined;
    const plugin: Plugin = {
      ...this.plugin,
      open: async (given, context) => {
        seen = { collector: await this.plugin.open(given, context), context, samples: [] };
        return watched(seen);
      },
    };
    const collector = await openForTest(plugin, config ?? (await this.config()), {
      ...this.options,
      ...options,
    });
    const { collector: own, context, samples } = seen as unknown as Seen;
    return {
      collector,
      unchecked: own.unchecked === true,
      describe: () => [...(own.describe?.() ?? this.plugin.metrics ?? []), ...context.registry.describe()],
      samples: () => [...samples, ...context.registry.collect()],
      [Symbol.asyncDispose]: () => collector.close(),
    };
  }
}

interface Seen {
  readonly collector: Collector;
  readonly context: OpenContext;
  readonly samples: Sample[];
}

/** The same collector, whose samples are kept until the next collect. */
function watched({ collector, samples }: Seen): Collector {
  return {
    ...(collector.describe && { describe: () => collector.describe?.() ?? [] }),
    ...(collector.unchecked && { unchecked: true }),
    async collect(context) {
      samples.length = 0;
      for (const sample of (await collector.collect(context)) ?? []) samples.push(sample);
      return samples;
    },
    pause: () => collector.pause?.(),
    resume: () => collector.resume?.(),
    close: () => collector.close?.(),
  };
}
