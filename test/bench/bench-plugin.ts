/** A plugin that holds mix A, spins, or returns one value, as a file of its own that agents and hosts load. */
export const BENCH_PLUGIN = `
import { definePlugin, gauge, Type } from '@dynamic-informer/sdk';
import { fillMix } from ${JSON.stringify(new URL('./registries.js', import.meta.url).href)};

const one = gauge('bench_one', 'Is always 1.');

export default definePlugin({
  name: 'bench',
  config: Type.Object({
    series: Type.Integer({ default: 0, description: 'Series of mix A.' }),
    spin: Type.Boolean({ default: false, description: 'Never comes back from a collect.' }),
  }),
  metrics: [one],
  open({ series, spin }, { registry }) {
    if (series > 0) fillMix(registry, series).change('all', 0);
    return {
      collect() {
        while (spin);
        return [one.sample(1)];
      },
    };
  },
});
`;
