import { strict as assert } from 'node:assert';
import { toErrorInfo } from '../../errors.ts';
import type { Demand } from '../check.ts';
import { damagedFormsOf } from '../damage.ts';
import { MemoryState, type TestCollector } from '../open.ts';
import { growth, totalsOf } from '../series.ts';
import type { Subject, Watched } from '../subject.ts';

/** What a stateful plugin keeps; one that does not read its context's state has nothing to keep to here. */
export function stateChecks(subject: Subject): Demand[] {
  return [
    {
      name: 'goes on from its state after it was closed',
      run: () => checkKept(subject),
    },
    {
      name: 'survives a state that is damaged or of another version',
      run: () => checkDamaged(subject),
    },
    {
      name: 'stops counting at a pause, and goes on after a resume',
      run: () => checkPause(subject),
    },
  ];
}

async function isStateful(subject: Subject): Promise<boolean> {
  await using collector = await subject.open();
  return collector.stateful;
}

async function totalsAfterCollect({ collector, samples }: Watched): Promise<Map<string, number>> {
  await collector.collect();
  return totalsOf(samples());
}

/** Totals that have begun to rise, so that a loss shows. */
async function risenTotals(subject: Subject, watched: Watched): Promise<Map<string, number>> {
  await totalsAfterCollect(watched);
  await subject.options.exercise?.();
  const totals = await totalsAfterCollect(watched);
  const risen = [...totals.values()].some((value) => value > 0);
  assert.ok(
    risen,
    'No counter is above 0, so that a loss would not show. Give exercise(), which makes one rise.',
  );
  return totals;
}

async function checkKept(subject: Subject): Promise<void> {
  if (!(await isStateful(subject))) return;
  for (const way of ['paused and closed', 'closed'] as const) {
    const state = new MemoryState();
    const kept = await (async () => {
      await using watched = await subject.watch(undefined, { state });
      const totals = await risenTotals(subject, watched);
      if (way === 'paused and closed') await watched.collector.pause();
      return totals;
    })();
    assert.ok(state.bytes !== undefined, `Nothing was written to the state when it was ${way}. ${FIX}`);
    await using next = await subject.watch(undefined, { state });
    const totals = await totalsAfterCollect(next);
    for (const [line, value] of kept) {
      const now = totals.get(line);
      assert.ok(
        now !== undefined && now >= value,
        `${line} was ${value} when it was ${way}, and is ${now ?? 'gone'} after it was opened with the same state. ${FIX}`,
      );
    }
  }
}

const FIX = 'Write all counters to the state in pause() and close(), and begin with them in open().';

async function checkDamaged(subject: Subject): Promise<void> {
  if (!(await isStateful(subject))) return;
  const state = new MemoryState();
  {
    await using watched = await subject.watch(undefined, { state });
    await risenTotals(subject, watched);
    await watched.collector.pause();
  }
  const { bytes, version } = state;
  assert.ok(bytes !== undefined && version !== undefined, `Nothing was written to the state. ${FIX}`);
  await assertSurvives(subject, 'was written by another version', version + 1, bytes);
  for (const { what, bytes: damaged } of damagedFormsOf(bytes)) {
    await assertSurvives(subject, what, version, damaged);
  }
}

async function assertSurvives(
  subject: Subject,
  what: string,
  version: number,
  bytes: Uint8Array,
): Promise<void> {
  const state = new MemoryState();
  await state.write(version, bytes);
  const fail = (thrown: unknown, call: string): never => {
    const { code, message } = toErrorInfo(thrown);
    assert.fail(
      `With a state that ${what}, ${call} failed: ${code}: ${message} Begin anew from a state that can't be read, and log it.`,
    );
  };
  let collector: TestCollector;
  try {
    collector = await subject.open(undefined, { state });
  } catch (error) {
    return fail(error, 'open()');
  }
  await using opened = collector;
  const { errors } = await opened.collect();
  if (errors.length > 0) fail(errors[0], 'collect()');
}

async function checkPause(subject: Subject): Promise<void> {
  const { exercise } = subject.options;
  await using watched = await subject.watch(undefined, { state: new MemoryState() });
  const { collector } = watched;
  if (!collector.stateful) return;
  await risenTotals(subject, watched);
  await collector.pause();
  const paused = await totalsAfterCollect(watched);
  await exercise?.();
  const still = await totalsAfterCollect(watched);
  for (const [line, grown] of growth(paused, still)) {
    assert.ok(
      grown === 0,
      `${line} grew by ${grown} while it was paused; its successor counts that too. Stop counting in pause().`,
    );
  }
  await collector.resume();
  const resumed = await totalsAfterCollect(watched);
  const fallen = [...growth(still, resumed)].find(([, by]) => by < 0);
  assert.ok(
    fallen === undefined,
    `${fallen?.[0]} fell by ${-(fallen?.[1] ?? 0)} at a resume. Go on from where the pause was.`,
  );
  if (exercise === undefined) return;
  await exercise();
  const grown = [...growth(resumed, await totalsAfterCollect(watched)).values()];
  assert.ok(
    grown.some((by) => by > 0),
    'No counter grew after a resume, although exercise() was called. Count again in resume().',
  );
}
