import { encodingKey, TEXT_ENCODING } from '@dynamic-informer/sdk/host';
import { type Breath, breathe } from '../breathe.ts';
import type { CheckedFragment } from '../render/check-fragment.ts';

/** The series of one family, before and after. */
export interface FamilyChange {
  readonly name: string;
  readonly before: number;
  readonly after: number;
  readonly added: number;
  readonly removed: number;
  /** A few of them: `name{label="value"}`. */
  readonly samples: { readonly added: readonly string[]; readonly removed: readonly string[] };
}

const TEXT = encodingKey(TEXT_ENCODING);
const MAX_SAMPLES = 3;
const MAX_SAMPLE = 300;
/** Lines between two looks at the clock. */
const LINES_AT_A_TIME = 256;

type Sized = Pick<CheckedFragment, 'name' | 'bodies' | 'lines'>;

/** Compares what is exposed of a resource with what would be, by name and labels, and lets others run meanwhile. */
export async function seriesChange(
  before: readonly Sized[],
  after: readonly Sized[],
): Promise<FamilyChange[]> {
  const old = new Map(before.map((fragment) => [fragment.name, fragment]));
  const names = new Set([...after, ...before].map(({ name }) => name));
  const next = new Map(after.map((fragment) => [fragment.name, fragment]));
  const pause = breathe();
  const changes: FamilyChange[] = [];
  for (const name of names) {
    changes.push(await familyChange(name, old.get(name), next.get(name), pause));
    if (pause.isDue()) await pause.now();
  }
  return changes;
}

async function familyChange(
  name: string,
  before: Sized | undefined,
  after: Sized | undefined,
  pause: Breath,
): Promise<FamilyChange> {
  const left = new Set<string>();
  const added: string[] = [];
  let come = 0;
  await eachSeries(before, pause, (series) => left.add(series));
  await eachSeries(after, pause, (series) => {
    if (left.delete(series)) return;
    if (come++ < MAX_SAMPLES) added.push(shown(series));
  });
  const removed: string[] = [];
  for (const series of left) if (removed.push(shown(series)) >= MAX_SAMPLES) break;
  return {
    name,
    before: before?.lines ?? 0,
    after: after?.lines ?? 0,
    added: come,
    removed: left.size,
    samples: { added, removed },
  };
}

/** Each line's name and labels, one character a byte. The lines have been checked: each has labels. */
async function eachSeries(
  fragment: Sized | undefined,
  pause: Breath,
  take: (series: string) => void,
): Promise<void> {
  let lines = 0;
  for (const part of fragment?.bodies.get(TEXT) ?? []) {
    const text = Buffer.from(part.buffer, part.byteOffset, part.byteLength).toString('latin1');
    for (
      let start = 0, end = text.indexOf('\n');
      end >= 0;
      start = end + 1, end = text.indexOf('\n', start)
    ) {
      // Behind the labels there is a number, which has no brace.
      take(text.slice(start, text.lastIndexOf('}', end) + 1));
      if (++lines % LINES_AT_A_TIME === 0 && pause.isDue()) await pause.now();
    }
  }
}

function shown(series: string): string {
  const text = Buffer.from(series, 'latin1').toString('utf8');
  return text.length > MAX_SAMPLE ? `${text.slice(0, MAX_SAMPLE)}…` : text;
}
