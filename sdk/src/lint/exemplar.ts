import type { ParsedExemplar } from '../exposition/parse/family.ts';
import { readFloat } from '../exposition/parse/number.ts';
import { problemAt, type Rule } from './rule.ts';
import { labelOf, partOf } from './series.ts';

const MAX_CHARACTERS = 128;

const exemplar: Rule = {
  name: 'exemplar',
  *check(family) {
    const { type } = family;
    for (const sample of family.samples) {
      const { exemplar } = sample;
      if (!exemplar) continue;
      const part = partOf(family, sample);
      if (!(type === 'counter' && part === '_total') && part !== '_bucket') {
        const message = 'there is an exemplar on a sample that can not have one';
        yield problemAt(sample, message, 'only totals of counters and buckets have exemplars');
        continue;
      }
      const length = charactersOf(exemplar);
      if (length > MAX_CHARACTERS) {
        const message = `the labels of the exemplar have ${length} characters, more than ${MAX_CHARACTERS}`;
        yield problemAt(sample, message, 'keep the trace id, and leave out what can be found through it');
      }
      const le = labelOf(sample, 'le') ?? '';
      const bound = readFloat(le, 0, le.length);
      if (part === '_bucket' && bound !== undefined && exemplar.value > bound) {
        const message = `the exemplar ${exemplar.value} does not fall in the bucket le="${le}"`;
        yield problemAt(sample, message, 'attach it to the bucket that it fell in');
      }
    }
  },
};

function charactersOf({ labels }: ParsedExemplar): number {
  let length = 0;
  for (const [name, value] of labels) length += [...name].length + [...value].length;
  return length;
}

export const exemplarRules: readonly Rule[] = [exemplar];
