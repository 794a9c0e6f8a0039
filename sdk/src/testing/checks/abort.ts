import { strict as assert } from 'node:assert';
import type { Demand } from '../check.ts';
import { Overdue } from '../deadline.ts';
import { startHostile } from '../hostile.ts';
import type { TestCollector } from '../open.ts';
import type { Subject } from '../subject.ts';

/** After how many turns of the event loop a collect is aborted: each finds it in another place. */
const TURNS = [0, 1, 2, 5, 10];

export function abortChecks(subject: Subject): Demand[] {
  return [
    {
      name: 'ends within 250 ms when it was aborted before it began, and collects again',
      async run() {
        await using collector = await subject.open();
        await collectAborted(collector, AbortSignal.abort(), 'before it began; ask signal.aborted first');
        await assertCollects(collector);
      },
    },
    {
      name: 'ends within 250 ms of an abort during the collect, and collects again',
      async run() {
        await using collector = await subject.open();
        for (const turns of TURNS) {
          const abort = new AbortController();
          const collected = collectAborted(
            collector,
            abort.signal,
            'on the way; hand the signal on to all I/O',
          );
          for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
          abort.abort();
          await collected;
          await assertCollects(collector);
        }
        await abortWhileTargetHangs(subject);
      },
    },
  ];
}

async function collectAborted(collector: TestCollector, signal: AbortSignal, when: string): Promise<void> {
  try {
    await collector.collect({ signal });
  } catch (error) {
    if (!(error instanceof Overdue)) throw error;
    assert.fail(`The collect went on for more than 250 ms after it was aborted ${when}.`);
  }
}

async function assertCollects(collector: TestCollector): Promise<void> {
  const { outcome, errors } = await collector.collect();
  const [error] = errors.filter((each) => each.class !== 'plugin');
  assert.ok(
    error === undefined,
    `The collect after an aborted one came to "${outcome}": ${error?.code}: ${error?.message} Begin anew after an abort.`,
  );
}

/** The surest place to be in: the target was asked and does not answer. */
async function abortWhileTargetHangs(subject: Subject): Promise<void> {
  const { configFor } = subject.options;
  if (configFor === undefined) return;
  await using server = await startHostile('hangs');
  const opened = subject.open(configFor(server.target), { openTimeoutMs: 500 });
  // A plugin that asks its target in open does not open here, which is another check's business.
  const collector = await opened.catch(() => undefined);
  if (collector === undefined) return;
  await using _closing = collector;
  const abort = new AbortController();
  const collected = collectAborted(
    collector,
    abort.signal,
    'while its target did not answer; hand the signal on to all I/O',
  );
  await Promise.race([server.connected, collected]);
  abort.abort();
  await collected;
}
