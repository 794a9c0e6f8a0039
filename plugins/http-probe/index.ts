import { readAuth } from '@dynamic-informer/lib-http/auth';
import { readTls } from '@dynamic-informer/lib-http/tls';
import { shownUrl } from '@dynamic-informer/lib-http/url';
import { definePlugin, targetError } from '@dynamic-informer/sdk';
import { config, validate } from './config.ts';
import { metrics, samplesOf } from './metrics.ts';
import { Prober } from './probe.ts';
import { StateLog } from './state-log.ts';
import { makeTurns } from './turns.ts';

export default definePlugin({
  name: 'http-probe',
  description: 'Probes HTTP targets: success, phases, status, redirects, certificates, content.',
  config,
  metrics,
  validate,
  probe: (config, target) => ({ ...config, targets: [target] }),
  async open(config, { directory, logger }) {
    const prober = new Prober(config);
    const states = new StateLog(logger);
    const readClient = async () => ({
      tls: await readTls(config.tls, directory),
      headers: await readAuth(config, directory),
    });
    await readClient();
    return {
      async collect(context) {
        const client = await readClient();
        const { results, left } = await makeTurns(config, context, async (target, signal, seconds) => {
          const probe = await prober.probe(target, client, signal);
          const shown = shownUrl(target);
          states.note(shown, probe.failure);
          return [...samplesOf(shown, probe, seconds)];
        });
        if (left > 0) {
          context.error(
            targetError(
              `${left} of ${config.targets.length} targets were not probed: their turn came too late.`,
              {
                fix: "Raise the resource's timeout or its concurrency, or spread the targets over resources.",
              },
            ),
          );
        }
        return results.flat();
      },
    };
  },
});
