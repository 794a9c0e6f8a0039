import { definePlugin } from '@dynamic-informer/sdk';
import type { Reading } from './broker.ts';
import { config, typeOf } from './brokers.ts';
import { metrics } from './metrics.ts';

export default definePlugin({
  name: 'queue-depth',
  description: 'Depth, age and consumers of queues in Redis, RabbitMQ and spool folders.',
  config,
  metrics,
  validate: (config) => typeOf(config).validate(config),
  async open(config, context) {
    const broker = await typeOf(config).open(config, context);
    return {
      async collect(context) {
        const readings = await broker.read(context);
        const errors = readings.filter(failed).map(({ error }) => error);
        const allFailed = errors.length === readings.length;
        for (const error of allFailed ? errors.slice(1) : errors) context.error(error);
        if (allFailed) throw errors[0];
        return readings.flatMap((reading) => (failed(reading) ? [] : reading.samples));
      },
      close: () => broker.close(),
    };
  },
});

function failed(reading: Reading): reading is { readonly error: unknown } {
  return 'error' in reading;
}
