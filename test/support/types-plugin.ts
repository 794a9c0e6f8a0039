/** A plugin with one metric of each type, by instruments and by samples, as a file of its own. */
export const TYPES = `
import { definePlugin, gauge, summary, Type } from '@dynamic-informer/sdk';

const load = gauge('part_load_ratio', 'Load of a part.', ['part'], { unit: 'ratio' });
const seconds = summary('wait_seconds', 'Waiting.', [], { quantiles: [0.5], unit: 'seconds' });

export default definePlugin({
  name: 'types',
  config: Type.Object({}),
  open(_config, { registry }) {
    const jobs = registry.counter('jobs_total', 'Jobs that were done.', ['kind']);
    const sizes = registry.histogram('size_bytes', 'Sizes.', [], { buckets: [10, 100], native: { factor: 1.1 } });
    registry.info('types_build_info', 'The build.', ['version']).with({ version: '1' });
    registry.stateset('door', 'The door.', ['open', 'closed']).with().set('closed');
    for (const size of [1, 20, 300]) sizes.with().observe(size, { trace_id: 't' + size });
    jobs.with({ kind: 'a"b\\\\c' }).inc(1234567);
    return {
      describe: () => [load, seconds],
      collect: () => [
        load.sample(0.5, { part: 'x' }),
        load.sample(NaN, { part: 'bad' }),
        seconds.sample({ count: 3, sum: 4.5, quantiles: [[0.5, 1.5]] }),
      ],
    };
  },
});
`;
