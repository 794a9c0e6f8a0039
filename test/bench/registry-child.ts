// A contestant of the exposition bench, alone in its process: neither its garbage nor its types meet
// those of another. The bench says what to do; see `exposition.ts`.
import { digestOf } from './digest.ts';
import type { Changed } from './mix-a.ts';
import { openRegistry } from './registries.ts';

export interface Ask {
  readonly id: number;
  readonly do: 'digest' | 'round';
  readonly round: number;
}
export interface Answer {
  readonly id: number;
  readonly value: string | number;
}

const [name, series, changed] = process.argv.slice(2) as [string, string, Changed];
const registry = await openRegistry(name, Number(series));
registry.change('all', 0);

async function answer(ask: Ask): Promise<string | number> {
  if (ask.do === 'digest') return digestOf(await registry.render(), Number(series));
  registry.change(changed, ask.round + 1);
  // What the last round left is not this round's to clean up.
  globalThis.gc?.();
  const start = performance.now();
  await registry.render();
  return performance.now() - start;
}

process.on('message', async (ask: Ask) => {
  process.send?.({ id: ask.id, value: await answer(ask) } satisfies Answer);
});
process.on('disconnect', () => process.exit(0));
