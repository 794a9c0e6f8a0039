import { strict as assert } from 'node:assert';
import type { Demand } from '../check.ts';
import { changesOf, lookAtProcess } from '../process-wide.ts';
import { growth, totalsOf } from '../series.ts';
import type { Subject, Watched } from '../subject.ts';

export function valueChecks(subject: Subject): Demand[] {
  return [{ name: 'keeps the values of two resources apart', run: () => checkValues(subject) }];
}

/** To be run before any other that opens the plugin: what it changes once it does not change again. */
export function processChecks(subject: Subject): Demand[] {
  const name = 'changes nothing that other code of the process sees';
  return [{ name, run: () => checkProcess(subject) }];
}

/** Between the two collects of which the growth is compared. */
const OTHER_COLLECTS = 3;
const SERIES = 3;

/**
 * A total that grows by the same amount in each lone resource has to grow by that beside another one too. Targets
 * change by themselves, so only a total that breaks this by the same amount every time counts.
 */
async function checkValues(subject: Subject): Promise<void> {
  let suspects: Map<string, string> | undefined;
  for (let series = 0; series < SERIES; series++) {
    const found = await linesThatMix(subject);
    suspects = suspects === undefined ? found : common(suspects, found);
    if (suspects.size === 0) return;
  }
  const [line = '', how] = [...(suspects ?? [])][0] ?? [];
  assert.fail(
    `${line} ${how} Keep values in what open() returns or in context.registry, not in the plugin's module.`,
  );
}

async function linesThatMix(subject: Subject): Promise<Map<string, string>> {
  const alone = await growthOf(subject);
  const again = await growthOf(subject);
  const beside = await growthOf(subject, async () => {
    await using other = await subject.watch(undefined, { resource: 'other' });
    for (let i = 0; i < OTHER_COLLECTS; i++) await other.collector.collect();
  });
  const mixed = new Map<string, string>();
  for (const [line, grown] of beside) {
    const usual = alone.get(line);
    if (usual === undefined || usual !== again.get(line) || usual === grown) continue;
    mixed.set(line, `grew by ${grown} instead of ${usual} because another resource of the plugin collected.`);
  }
  return mixed;
}

/** How much each line grows from one collect to the next. */
async function growthOf(subject: Subject, between?: () => Promise<void>): Promise<Map<string, number>> {
  await using watched = await subject.watch();
  const first = await totalsIn(watched);
  await between?.();
  return growth(first, await totalsIn(watched));
}

async function totalsIn({ collector, samples }: Watched): Promise<Map<string, number>> {
  await collector.collect();
  return totalsOf(samples());
}

const common = (first: Map<string, string>, second: Map<string, string>): Map<string, string> =>
  new Map([...first].filter(([line, how]) => second.get(line) === how));

async function checkProcess(subject: Subject): Promise<void> {
  const before = lookAtProcess();
  await using first = await subject.open();
  await first.collect();
  {
    await using second = await subject.open(undefined, { resource: 'other' });
    await second.collect();
  }
  const changes = changesOf(before, lookAtProcess());
  assert.ok(
    changes.length === 0,
    `While it was open, ${changes.join('; ')}. Plugins share their process: keep what is yours in what open() returns.`,
  );
}
