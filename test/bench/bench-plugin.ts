/**
 * A plugin that holds mix A, spins, or returns one value, as a file of its own that agents and hosts load.
 * With a control port a POST to /N changes every tenth series as round N says.
 */
export const BENCH_PLUGIN = `
import { createServer } from 'node:http';
import { definePlugin, gauge, Type } from '@dynamic-informer/sdk';
import { fillMix } from ${JSON.stringify(new URL('./mixes.js', import.meta.url).href)};
import { ourMakers } from ${JSON.stringify(new URL('./registries.js', import.meta.url).href)};

const one = gauge('bench_one', 'Is always 1.');

export default definePlugin({
  name: 'bench',
  config: Type.Object({
    series: Type.Integer({ default: 0, description: 'Series of mix A.' }),
    spin: Type.Boolean({ default: false, description: 'Never comes back from a collect.' }),
    control: Type.Optional(Type.Integer({ description: 'The port at which it is told to change values.' })),
  }),
  metrics: [one],
  async open({ series, spin, control }, { registry }) {
    const change = series > 0 ? fillMix('A', series, ourMakers(registry)) : () => undefined;
    change('all', 0);
    const server = createServer((request, response) => {
      change('10pct', Number(request.url.slice(1)));
      response.end();
    });
    if (control !== undefined) {
      await new Promise((resolve, reject) => {
        server.on('error', reject).listen(control, '127.0.0.1', resolve);
      });
    }
    return {
      collect() {
        while (spin);
        return [one.sample(1)];
      },
      async close() {
        server.close();
        server.closeAllConnections();
      },
    };
  },
});
`;
