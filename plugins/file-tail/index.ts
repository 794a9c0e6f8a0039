import { definePlugin } from '@dynamic-informer/sdk';
import { configSchema } from './config.ts';
import { Follower } from './follow/follower.ts';
import { Tail } from './follow/tail.ts';
import { lineOptions, lineProblems } from './lines/options.ts';
import { LineSplitter } from './lines/splitter.ts';
import { Engine } from './matching/engine.ts';
import { OWN_METRICS } from './metrics.ts';
import { compileConfig } from './patterns/configured.ts';
import { LineCounter } from './patterns/count.ts';

export default definePlugin({
  name: 'file-tail',
  description:
    'Follows log files through rotation, truncation and restarts, and counts what their lines say.',
  config: configSchema,
  metrics: OWN_METRICS,
  validate: (config) => [...compileConfig(config, Date.now).problems, ...lineProblems(config)],
  async open(config, { clock, logger, state, directory }) {
    const { compilation } = compileConfig(config, () => clock.now());
    const counter = new LineCounter(compilation, config.max_label_values, logger);
    const lines = lineOptions(config);
    const engine = new Engine({
      format: compilation.extractor,
      patterns: counter.patterns,
      otherwise: counter.otherwise,
    });
    const follower = new Follower({
      scope: { patterns: config.files, exclude: config.exclude, directory },
      readFrom: config.read_from,
      maxFileSeries: config.max_file_series,
      splitter: () => new LineSplitter(lines, engine),
      clock,
      logger,
    });
    const tail = new Tail({ follower, counter, state, clock, logger });
    await tail.open();
    return {
      describe: () => [
        ...OWN_METRICS,
        ...[...compilation.metrics.values()].map(({ descriptor }) => descriptor),
      ],
      collect: (context) => tail.collect(context),
      pause: () => tail.pause(),
      resume: () => tail.resume(),
      close: () => tail.close(),
    };
  },
});
