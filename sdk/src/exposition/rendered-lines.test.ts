import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Bytes } from './bytes.ts';
import { formatValue, writeValue } from './number.ts';
import { RenderedLines } from './rendered-lines.ts';

const NUMBER = fc.oneof(
  fc.double(),
  fc.integer({ min: -20, max: 2_000_000 }),
  fc.constantFrom(0, -0, Number.NaN, Number.POSITIVE_INFINITY, 1e6, 0.1),
);

it('always holds the values it was told last, however they changed and whoever still reads', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme', maxLength: 250 }), { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 1, max: 60 }),
      fc.array(
        fc.record({ changes: fc.array(fc.tuple(fc.nat(), NUMBER), { maxLength: 30 }), keep: fc.boolean() }),
        {
          maxLength: 8,
        },
      ),
      (texts, repeat, rounds) => {
        // More lines than fit into a chunk, some of them long, all of them valid UTF-8.
        const prefixes = Array.from(
          { length: texts.length * repeat },
          (_, i) => `${i}${texts[i % texts.length]} `,
        );
        const values = Float64Array.from(prefixes, (_, i) => i);
        const lines = new RenderedLines(writeValue);
        lines.layOut(values, (add) => {
          for (const prefix of prefixes) {
            const text = Buffer.from(prefix);
            const bytes = new Bytes(text.length);
            bytes.array.set(text);
            add(bytes, text.length, false);
          }
        });
        const expected = () =>
          prefixes.map((prefix, i) => `${prefix}${formatValue(values[i] as number)}\n`).join('');
        const lent: { parts: Uint8Array[]; text: string }[] = [];
        for (const { changes, keep } of rounds) {
          for (const [at, value] of changes) values[at % values.length] = value;
          for (let chunk = 0; chunk < lines.chunkCount; chunk++) lines.update(chunk, values);
          const parts = lines.lend();
          expect(Buffer.concat(parts).toString('utf8')).toBe(expected());
          if (keep) lent.push({ parts, text: expected() });
          else if (lent.length === 0) lines.giveBack();
        }
        for (const { parts, text } of lent) expect(Buffer.concat(parts).toString('utf8')).toBe(text);
      },
    ),
  );
});
