import { plural } from '../text.ts';
import type { Rows } from './rows.ts';

/** More names than this are a number. */
const NAMED = 3;

/**
 * What a screen reader says of a change: which resources broke or are well again, in a sentence or two; nothing of
 * collects, and nothing of what moved between other conditions.
 */
export function newsOf(before: Rows, after: Rows): string {
  const broken: string[] = [];
  const well: string[] = [];
  for (const [name, { condition }] of after) {
    const previous = before.get(name)?.condition;
    if (previous === undefined || previous.group === condition.group) continue;
    if (condition.group === 'broken') broken.push(`${name} is ${condition.word}`);
    else if (previous.group === 'broken') well.push(`${name} is ${condition.word}`);
  }
  const sentences: string[] = [];
  for (const [changes, rest] of [
    [broken, 'broken'],
    [well, 'no longer broken'],
  ] as const) {
    if (changes.length === 0) continue;
    const named = changes.slice(0, NAMED).join(', ');
    const more = changes.length - NAMED;
    sentences.push(
      more > 0
        ? `${named}, and ${plural(more, 'more resource')} ${more === 1 ? 'is' : 'are'} ${rest}.`
        : `${named}.`,
    );
  }
  return sentences.join(' ');
}
