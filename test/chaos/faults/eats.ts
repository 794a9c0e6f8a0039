import type { Exposition } from '../../support/agent.ts';
import type { Fault } from '../fault.ts';

const MEMORY = ['PLUGIN_HOST_DIED', 'LIMIT_MEMORY', 'PLUGIN_QUARANTINED'];

function wasDropped(page: Exposition, resource: string): void {
  const dropped = page.value('informer_samples_dropped_total', { resource, reason: 'limit' }) ?? 0;
  if (dropped === 0) throw new Error('no sample is counted as dropped by a limit');
}

/** What takes more than its share. */
export const eats: readonly Fault[] = [
  {
    name: 'leaks heap',
    bad: {
      collect: "for (let i = 0; i < 60_000; i++) kept.push({ text: 'leak ' + collects, at: [i, collects] });",
    },
    sees: { codes: MEMORY, deaths: ['memory'] },
    shown: '`memory`, `PLUGIN_HOST_DIED`',
  },
  {
    name: 'a million series',
    bad: {
      describe: "depth, done, size, gauge('bad_series', 'Far too many.', ['id'])",
      collect: `
        const many = gauge('bad_series', 'Far too many.', ['id']);
        return (function* () {
          yield* healthy();
          for (let i = 0; i < 1_000_000; i++) yield many.sample(i, { id: 'i' + i });
        })();`,
    },
    settings: { every: '2s', timeout: '20s' },
    // A million of them take so long that who shares the process may run into a timeout.
    sees: { outcome: ['limit'], codes: ['LIMIT_SERIES'], mayDie: true, also: wasDropped },
    shown: '`limit`, `LIMIT_SERIES`',
  },
];
