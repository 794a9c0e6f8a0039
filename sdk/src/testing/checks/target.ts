import { strict as assert } from 'node:assert';
import { type ErrorInfo, toErrorInfo } from '../../errors.ts';
import type { Demand } from '../check.ts';
import { Overdue } from '../deadline.ts';
import { type HostileWay, startHostile } from '../hostile.ts';
import type { TestCollect } from '../open.ts';
import type { Subject } from '../subject.ts';

const WAYS: readonly (readonly [way: HostileWay, words: string])[] = [
  ['refuses', 'refuses the connection'],
  ['resets', 'resets the connection'],
  ['closes', 'closes the connection at once'],
  ['hangs', 'accepts and never answers'],
  ['garbage', 'answers garbage'],
  ['half', 'closes in the middle of its answer'],
  ['stalls', 'falls silent in the middle of its answer'],
];

/** How long a target that does not answer is waited for. */
const TIMEOUT_MS = 500;

/** What a server does to its clients is never the plugin's fault, and never a reason to hang. */
export function targetChecks(subject: Subject): Demand[] {
  const { configFor, target } = subject.options;
  if (target === 'none') return [];
  if (configFor === undefined) return [{ name: 'says whether it has a target', run: askForTarget }];
  return WAYS.map(([way, words]) => ({
    name: `fails as a target does when its target ${words}`,
    async run() {
      await using server = await startHostile(way, subject.options.halfAnswer);
      await assertTargetFails(subject, configFor(server.target), words);
    },
  }));
}

/** Plugins in JavaScript are not stopped by the types. */
async function askForTarget(): Promise<void> {
  assert.fail(
    "The suite does not know how to point the plugin at a server. Give configFor({host, port, url}), or target: 'none'.",
  );
}

async function assertTargetFails(subject: Subject, config: unknown, words: string): Promise<void> {
  const collected = await attempt(subject, config, words);
  if ('class' in collected) {
    assertTarget(collected, `open() of a target that ${words}`);
    return;
  }
  const { outcome, errors } = collected;
  for (const error of errors) assertTarget(error, `collect() from a target that ${words}`);
  const said = outcome !== 'ok' || subject.options.showsFailure?.(collected) === true;
  assert.ok(
    said,
    `A target that ${words} gave the outcome "ok". Throw a targetError, or say with showsFailure how its series show it.`,
  );
}

/** What a collect comes to, or why it did not open. */
async function attempt(subject: Subject, config: unknown, words: string): Promise<TestCollect | ErrorInfo> {
  let opened = false;
  try {
    await using collector = await subject.open(config, { openTimeoutMs: TIMEOUT_MS });
    opened = true;
    return await collector.collect({ timeoutMs: TIMEOUT_MS });
  } catch (error) {
    if (error instanceof Overdue) {
      assert.fail(
        `A target that ${words} held ${opened ? 'collect' : 'open'}() for more than 250 ms beyond its deadline. Hand the signal on to all I/O.`,
      );
    }
    if (opened) throw error;
    return toErrorInfo(error);
  }
}

function assertTarget(error: ErrorInfo, where: string): void {
  assert.ok(
    error.class === 'target',
    `${where} gave a ${error.class} error, ${error.code}: ${error.message} Throw targetError(…) for what the target does.`,
  );
}
