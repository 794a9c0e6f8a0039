import { setFlagsFromString } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { FORMATS, type Format } from './format.ts';
import { RegexExtractor } from './regex-extractor.ts';

/** The flag for V8's linear engine. */
const linear = 'l';
const names = (format: Format): string[] => (format.fields ?? []).map(({ name }) => name);
const withRegex = FORMATS.flatMap((format) => {
  const extractor = format.extractor(names(format));
  return extractor instanceof RegexExtractor ? [{ format, regex: extractor.regex }] : [];
});

describe('the expressions of formats run in linear time', () => {
  it('so V8 says, whose linear engine takes them', () => {
    expect(withRegex.map(({ format }) => format.name)).toEqual([
      'combined',
      'common',
      'nginx-error',
      'syslog-rfc3164',
      'syslog-rfc5424',
    ]);
    setFlagsFromString('--enable-experimental-regexp-engine');
    try {
      for (const { regex } of withRegex) expect(() => new RegExp(regex, regex.flags + linear)).not.toThrow();
      expect(() => new RegExp('(a)\\1', linear)).toThrow();
    } finally {
      setFlagsFromString('--no-enable-experimental-regexp-engine');
    }
  });

  // A quadratic expression takes minutes for these, a linear one milliseconds.
  const pieces = [
    'a ',
    '[ ',
    ' [a] "',
    '"',
    '\\"',
    '\\',
    '] "',
    'A-',
    '[a b="',
    ', client: ',
    '1',
    '<',
    'a: ',
    '"][',
  ];
  const starts = [
    '',
    '1 - - [1] "GET ',
    '1 - - [1] "-" 200 5 "',
    '2025/10/10 13:55:36 [error] 1#1: ',
    'Oct 10 13:55:36 a ',
    '<13>1 - - - - - [a b="',
    '<13>1 - - - - - [a ',
  ];
  for (const format of FORMATS.filter(({ fields }) => fields !== undefined)) {
    it(`${format.name}, however long a line`, { timeout: 60_000 }, () => {
      const extractors = [format.extractor([]), format.extractor(names(format))];
      for (const start of starts) {
        for (const piece of pieces) {
          const line = start + piece.repeat(100_000 / piece.length);
          for (const extractor of extractors) extractor.exec(line);
        }
      }
    });
  }
});
