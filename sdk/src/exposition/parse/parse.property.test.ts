import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatValue } from '../number.ts';
import type { ParsedLabel } from './family.ts';
import { parseOpenMetrics } from './openmetrics.ts';
import { parseText } from './text.ts';

const text = fc.string({ unit: 'binary' }).map((value) => value.toWellFormed());
const plainName = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,8}$/);
const name = fc.oneof(
  plainName,
  text.filter((value) => value !== ''),
);
const value = fc.double().map((value) => value + 0);
const labels = fc
  .uniqueArray(fc.tuple(name, text), { selector: ([key]) => key, maxLength: 4 })
  .map((pairs): ParsedLabel[] => pairs.filter(([key]) => key !== '__name__'));

/** Gauges have the same shape in both formats. */
const gauges = fc.uniqueArray(
  fc.record({
    name,
    help: text,
    samples: fc.array(fc.record({ labels, value }), { minLength: 1, maxLength: 4 }),
  }),
  { selector: (family) => family.name, maxLength: 4 },
);

const escapeText = (raw: string): string =>
  raw.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
const isPlain = (raw: string): boolean => /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(raw);
const quote = (raw: string): string => `"${escapeText(raw)}"`;

function write(families: typeof gauges extends fc.Arbitrary<infer T> ? T : never): string {
  const lines: string[] = [];
  for (const { name, help, samples } of families) {
    const shown = isPlain(name) ? name : quote(name);
    lines.push(
      `# TYPE ${shown} gauge`,
      `# HELP ${shown} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`,
    );
    for (const { labels, value } of samples) {
      const pairs = labels.map(([key, content]) => `${isPlain(key) ? key : quote(key)}=${quote(content)}`);
      const inside = (isPlain(name) ? pairs : [shown, ...pairs]).join(',');
      lines.push(`${isPlain(name) ? name : ''}${inside === '' ? '' : `{${inside}}`} ${formatValue(value)}`);
    }
  }
  return lines.map((line) => `${line}\n`).join('');
}

describe.each([
  ['text', parseText, ''],
  ['OpenMetrics', parseOpenMetrics, '# EOF\n'],
] as const)('the parser of %s', (format, parse, end) => {
  it('reads back what was written, from a string and from its bytes', () => {
    fc.assert(
      fc.property(gauges, (families) => {
        // A carriage return at the end of a help text can't be told from one of the line.
        fc.pre(families.every(({ help }) => !help.endsWith('\r')));
        const written = write(families) + end;
        for (const input of [written, Buffer.from(written)]) {
          const result = parse(input);
          expect(result.errors).toEqual([]);
          const read = result.families.map(({ name, help, samples }) => ({
            name,
            // Blanks before a help text belong to the line in the text format, which is why there may be none left.
            help: format === 'text' ? (help ?? '').trimStart() : help,
            samples: samples.map(({ labels, value }) => ({ labels, value })),
          }));
          expect(read).toEqual(
            families.map(({ name, help, samples }) => ({
              name,
              help: format === 'text' ? help.trimStart() : help,
              samples,
            })),
          );
        }
      }),
    );
  });

  it('ends well on any input, and names places that are there', () => {
    const token = fc.constantFrom(
      'a',
      '1',
      ' ',
      '{',
      '}',
      '"',
      '=',
      ',',
      '\\',
      '\n',
      '#',
      '\t',
      'le',
      '# TYPE ',
      '# HELP ',
      'histogram',
      '_sum',
      '# EOF',
      '\ud800',
    );
    const soup = fc.array(fc.oneof(token, text)).map((parts) => parts.join(''));
    fc.assert(
      fc.property(soup, (input) => {
        const lines = input.split('\n');
        const { errors, families } = parse(input);
        for (const { line, column, message, fix } of errors) {
          expect(column).toBeGreaterThanOrEqual(1);
          expect(column).toBeLessThanOrEqual((lines[line - 1] as string).length + 1);
          expect(message.length * fix.length).toBeGreaterThan(0);
        }
        for (const { samples } of families) {
          for (const { name, line, column } of samples) {
            const at = (lines[line - 1] as string).slice(column - 1);
            expect(at.startsWith('{') || at.startsWith(name)).toBe(true);
          }
        }
      }),
    );
  });

  it('loses no good line to a bad one', () => {
    const bad = fc.constantFrom(
      '?',
      'x y',
      'x{',
      'x{a="',
      'x{a="b"',
      'x 1 z',
      '# TYPE x nothing',
      'x{a="\\',
      '{"x',
      '9 9',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constant(undefined), bad), { minLength: 1 }), (plan) => {
        const lines = plan.map((line, index) => line ?? `good_${index} ${index}`);
        const { errors, families } = parse(`${lines.join('\n')}\n${end}`);
        const expected = plan.flatMap((line, index) => (line === undefined ? [`good_${index}`] : []));
        expect(families.map(({ name }) => name)).toEqual(expected);
        expect(errors.map(({ line }) => line - 1)).toEqual(
          plan.flatMap((line, index) => (line === undefined ? [] : [index])),
        );
      }),
    );
  });
});
