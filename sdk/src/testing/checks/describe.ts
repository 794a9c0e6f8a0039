import { strict as assert } from 'node:assert';
import { toErrorInfo } from '../../errors.ts';
import type { Descriptor } from '../../metric/descriptor.ts';
import type { Sample } from '../../metric/sample.ts';
import type { Demand } from '../check.ts';
import { startHostile } from '../hostile.ts';
import type { Subject } from '../subject.ts';

const COLLECTS = 3;

/** What a collect gives, and what was said of it before. */
export function describeChecks(subject: Subject): Demand[] {
  return [
    {
      name: 'collects without an error',
      async run() {
        await using collector = await subject.open();
        const { errors, families } = await collector.collect();
        // What the plugin itself gets wrong is what the other checks are about.
        const [error] = errors.filter((each) => each.class !== 'plugin');
        assert.ok(
          error === undefined,
          `The configuration of config() collects with ${error?.code}: ${error?.message} Give one that works.`,
        );
        assert.ok(families.length > 0, 'A collect returned no series; return what the target says.');
      },
    },
    {
      name: 'describes the same metrics each time, with its target and without',
      run: () => checkStable(subject),
    },
    {
      name: 'collects what it describes, with those labels and types',
      run: () => checkKept(subject),
    },
  ];
}

async function checkStable(subject: Subject): Promise<void> {
  await using watched = await subject.watch();
  const first = watched.describe();
  const again = watched.describe();
  assertSame(first, again, 'when describe() was called again');
  for (let i = 0; i < COLLECTS; i++) await watched.collector.collect();
  assertSame(first, watched.describe(), 'after it had collected');
  await using other = await subject.watch();
  assertSame(first, other.describe(), 'in a second collector of the same configuration');
  const { configFor } = subject.options;
  if (configFor === undefined) return;
  await using dead = await startHostile('refuses');
  try {
    await using without = await subject.watch(configFor(dead.target));
    await without.collector.collect({ timeoutMs: 500 });
    assertSame(first, without.describe(), 'without its target');
  } catch (error) {
    // A plugin that has to ask its target what there is does not open without it.
    if (toErrorInfo(error).class !== 'target') throw error;
  }
}

function assertSame(first: readonly Descriptor[], second: readonly Descriptor[], when: string): void {
  const before = new Map(first.map((descriptor) => [descriptor.name, descriptor]));
  const after = new Map(second.map((descriptor) => [descriptor.name, descriptor]));
  const fix = 'Describe every metric that the configuration can lead to, always in the same words.';
  for (const name of before.keys()) {
    assert.ok(after.has(name), `The metric "${name}" was no longer described ${when}. ${fix}`);
  }
  for (const [name, descriptor] of after) {
    const old = before.get(name);
    assert.ok(old, `The metric "${name}" was described only ${when}. ${fix}`);
    const [was, is] = [JSON.stringify(old), JSON.stringify(descriptor)];
    assert.ok(
      was === is,
      `The metric "${name}" was described differently ${when}: ${was}, then ${is}. ${fix}`,
    );
  }
}

async function checkKept(subject: Subject): Promise<void> {
  await using watched = await subject.watch();
  const described = new Map(watched.describe().map((descriptor) => [descriptor.name, descriptor]));
  for (let i = 0; i < COLLECTS; i++) {
    const { errors } = await watched.collector.collect();
    for (const sample of watched.samples()) {
      if (described.has(sample.descriptor.name) || !watched.unchecked) assertDescribed(described, sample);
    }
    const error = errors.find((each) => each.class === 'plugin');
    assert.ok(error === undefined, `${error?.code}: ${error?.message} ${error?.fix ?? ''}`);
  }
}

function assertDescribed(described: ReadonlyMap<string, Descriptor>, { descriptor, labels }: Sample): void {
  const { name, type } = descriptor;
  const known = described.get(name);
  assert.ok(
    known,
    `The metric "${name}" was collected but is not described. Return its descriptor from describe(), or list it in metrics.`,
  );
  assert.ok(
    known.type === type,
    `The metric "${name}" was collected as a ${type} but is described as a ${known.type}. Use one descriptor for both.`,
  );
  const given = Object.keys(labels).sort().join(', ') || 'none';
  const wanted = [...known.labels].sort().join(', ') || 'none';
  assert.ok(
    given === wanted,
    `The metric "${name}" was collected with the labels: ${given}; described are: ${wanted}. Give each described label a value.`,
  );
}
