import { strict as assert } from 'node:assert';
import type { Demand } from '../check.ts';
import { HandleWatch } from '../handles.ts';
import { reachableBytes, settledBytes, sureSlope } from '../heap.ts';
import { type HostileWay, startHostile } from '../hostile.ts';
import type { TestOptions } from '../open.ts';
import type { Subject } from '../subject.ts';

/** The first rounds fill caches and pools that stay. */
const WARM_UP = 5;
const ROUNDS = 20;
const BLOCKS = 10;
const BLOCK_ROUNDS = 10;

/**
 * What memory may grow in a round: a leak of less is not seen. A collector that stays reachable holds its
 * configuration, context and registry, some kilobytes.
 */
const BYTES_PER_ROUND = 1024;
const MORE_LOOKS = 4;
const HALF_ROUNDS = (BLOCKS * BLOCK_ROUNDS) / 2;

export function leakChecks(subject: Subject): Demand[] {
  return [
    {
      name: 'leaves nothing behind when it is opened and closed a hundred times',
      run: () => checkClosed(subject),
    },
    {
      name: 'leaves nothing behind when its target fails',
      async run() {
        for (const way of ['resets', 'half'] as const) await checkFailing(subject, way);
      },
    },
    {
      name: 'leaves nothing behind when it does not open',
      run: () => checkNotOpened(subject),
    },
  ];
}

async function checkClosed(subject: Subject): Promise<void> {
  using watch = new HandleWatch();
  const round = () => watch.within(() => openAndCollect(subject));
  for (let i = 0; i < WARM_UP; i++) await round();
  const before = watch.look();
  let grown = await growthIn(BLOCK_ROUNDS, round);
  await assertNothingLeft(watch, before, 'after a hundred rounds of open and close');
  if (grown <= BYTES_PER_ROUND) return;
  const settled = async () => {
    // Timeouts hold what they would have called off, until their time has passed.
    await watch.timeoutsPassed();
    return settledBytes();
  };
  const first = await settled();
  for (let look = 1; look <= MORE_LOOKS; look++) {
    const steady = await growthIn(BLOCK_ROUNDS / 2, round);
    const stayed = ((await settled()) - first) / (look * HALF_ROUNDS);
    grown = Math.min(steady, stayed);
    if (grown <= BYTES_PER_ROUND) return;
  }
  assert.fail(
    `Memory grew by ${Math.round(grown)} bytes with each of ${MORE_LOOKS * HALF_ROUNDS} more rounds of open and close. Keep nothing of a collector outside it: no module state, no listener on what outlives it.`,
  );
}

/**
 * How many bytes each of ten blocks of rounds surely added in the end. One such growth is no leak yet: what is filled
 * once, compiled code and its statistics grow too, and stop. A leak grows each time that is looked, and stays.
 */
async function growthIn(blockRounds: number, round: () => Promise<void>): Promise<number> {
  const bytes: number[] = [];
  for (let block = 0; block < BLOCKS; block++) {
    for (let i = 0; i < blockRounds; i++) await round();
    // What is used for the first time takes its memory in the first blocks.
    if (block >= BLOCKS / 3) bytes.push(await reachableBytes());
  }
  return sureSlope(bytes) / blockRounds;
}

async function checkFailing(subject: Subject, way: HostileWay): Promise<void> {
  const { configFor, halfAnswer } = subject.options;
  if (configFor === undefined) return;
  await using server = await startHostile(way, halfAnswer);
  const round = async () => {
    try {
      await openAndCollect(subject, configFor(server.target), { openTimeoutMs: 1_000 });
    } catch {
      // What it says is another check's business.
    }
  };
  await assertRoundsLeaveNothing(round, `after ${ROUNDS} rounds with a target that ${WORDS[way]}`);
}

const WORDS: Partial<Record<HostileWay, string>> = {
  resets: 'resets the connection',
  half: 'closes in the middle of its answer',
};

/** Everything that `open` may meet fails in turn. */
async function checkNotOpened(subject: Subject): Promise<void> {
  const failing = await subject.options.failingConfig?.();
  const broken = async () => {
    throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });
  };
  await using dead = await startHostile('refuses');
  const unreachable = subject.options.configFor?.(dead.target);
  const attempts: readonly (readonly [what: string, config: unknown, options: TestOptions])[] = [
    ['its state could not be read', undefined, { state: { read: broken, write: broken } }],
    ['it was aborted', undefined, { signal: AbortSignal.abort() }],
    ...(unreachable === undefined ? [] : [['its target refused', unreachable, {}] as const]),
    ...(failing === undefined
      ? []
      : [['its configuration was that of failingConfig()', failing, {}] as const]),
  ];
  for (const [what, config, options] of attempts) {
    const round = async () => {
      const collector = await subject.open(config, options).catch(() => undefined);
      await collector?.close();
      return collector === undefined;
    };
    // A plugin that opens all the same is looked at when it is closed.
    if (!(await round())) continue;
    await assertRoundsLeaveNothing(round, `after ${ROUNDS} calls of open that failed because ${what}`);
  }
}

async function assertRoundsLeaveNothing(round: () => Promise<unknown>, when: string): Promise<void> {
  using watch = new HandleWatch();
  for (let i = 0; i < WARM_UP; i++) await watch.within(round);
  const before = watch.look();
  for (let i = 0; i < ROUNDS; i++) await watch.within(round);
  await assertNothingLeft(watch, before, when);
}

async function assertNothingLeft(
  watch: HandleWatch,
  before: ReturnType<HandleWatch['look']>,
  when: string,
): Promise<void> {
  const left = await watch.left(before);
  assert.ok(left.length === 0, `Left behind ${when}: ${left.join(', ')}. ${FIX}`);
}

const FIX = 'Give everything back in close(), and in open() before it throws.';

async function openAndCollect(subject: Subject, config?: unknown, options?: TestOptions): Promise<void> {
  await using collector = await subject.open(config, options);
  await collector.collect({ timeoutMs: 1_000 });
}
