import { definePlugin } from '@dynamic-informer/sdk';
import { configSchema } from './config.ts';
import { Follower } from './follow/follower.ts';
import { Tail } from './follow/tail.ts';
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
  validate: (config) => compileConfig(config, Date.now).problems,
  async open(config, { clock, logger, state, directory }) {
    const { compilation } = compileConfig(config, () => clock.now());
    const counter = new LineCounter(compilation, config.max_label_values, logger);
    const follower = new Follower({
      scope: { patterns: config.files, exclude: config.exclude, directory },
      readFrom: config.read_from,
      maxLineLength: config.max_line_length,
      sink: new Engine({
        format: compilation.extractor,
        patterns: counter.patterns,
        otherwise: counter.otherwise,
      }),
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
