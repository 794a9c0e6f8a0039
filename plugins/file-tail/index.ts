import { definePlugin, parseDuration } from '@dynamic-informer/sdk';
import { configSchema } from './config.ts';
import type { FileCounts } from './file-counts.ts';
import { Lanes } from './follow/lanes.ts';
import { Tail } from './follow/tail.ts';
import { lineProblems } from './lines/options.ts';
import { limitProblems } from './matching/configured.ts';
import { OWN_METRICS } from './metrics.ts';
import { compileConfig } from './patterns/configured.ts';
import { readingOf } from './reading.ts';

export default definePlugin({
  name: 'file-tail',
  description:
    'Follows log files through rotation, truncation and restarts, and counts what their lines say.',
  config: configSchema,
  metrics: OWN_METRICS,
  validate: async (config, { directory }) => [
    ...(await compileConfig(config, directory, Date.now)).problems,
    ...lineProblems(config),
    ...limitProblems(config),
  ],
  replay: {
    inputKey: 'files',
    // Loaded when it is asked for: what writes its report takes 7 MiB, which a host that follows files can do without.
    run: async (...given) => (await import('./replay/replay.ts')).replay(...given),
  },
  async open(config, { clock, logger, state, directory }) {
    const fileOf = (counts: FileCounts): string => lanes.pathOf(counts) ?? 'a file';
    const reading = await readingOf(config, { directory, clock, logger, fileOf });
    const { counter, engine, descriptors, splitter } = reading;
    const lanes = new Lanes({
      scope: { patterns: config.files, exclude: config.exclude, directory },
      readFrom: config.read_from,
      maxFileSeries: config.max_file_series,
      splitter,
      ignoreOlderMs: config.ignore_older === undefined ? undefined : parseDuration(config.ignore_older),
      clock,
      logger,
    });
    const tail = new Tail({ lanes, counter, engine, state, clock, logger });
    await tail.open();
    return {
      describe: () => descriptors,
      collect: (context) => tail.collect(context),
      pause: () => tail.pause(),
      resume: () => tail.resume(),
      close: () => tail.close(),
    };
  },
});
