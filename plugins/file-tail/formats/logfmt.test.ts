import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFields } from '../test/read-fields.ts';
import { logfmt } from './logfmt.ts';

const read = (line: string, ...fields: string[]) => readFields(logfmt, line, fields);

describe('logfmt', () => {
  it('reads values with and without quotes, and bare keys', () => {
    const line =
      'level=info  msg="say \\"hi\\"\\n" took=12ms\tdry-run path=/a?b=c url="http://a/?x=1" empty= none="" é=ü';
    expect(
      read(line, 'level', 'msg', 'took', 'dry-run', 'path', 'url', 'empty', 'none', 'é', 'b', 'x', 'nothing'),
    ).toEqual({
      level: 'info',
      msg: 'say "hi"\n',
      took: '12ms',
      'dry-run': 'true',
      path: '/a?b=c',
      url: 'http://a/?x=1',
      empty: '',
      none: '',
      é: 'ü',
    });
  });

  it('takes the last of several, and a key that is its own before one that is like it', () => {
    expect(read('a=1 a=2', 'a')).toEqual({ a: '2' });
    expect(read('level=warn lvl=info severity=debug', 'level', 'severity')).toEqual({
      level: 'warn',
      severity: 'debug',
    });
    expect(read('ts=2025-10-10T13:55:36Z lvl=info msg=up', 'time', 'level', 'message')).toEqual({
      time: '2025-10-10T13:55:36Z',
      level: 'info',
      message: 'up',
    });
  });

  it('takes no line without a pair, and none with a quote that does not end', () => {
    for (const line of ['', '   ', 'just words', 'a="b', 'a="b\\"', 'a="\\\\\\"'])
      expect(read(line, 'a')).toBeNull();
    expect(read('a="\\\\"', 'a')).toEqual({ a: '\\' });
    expect(read('words before a=1', 'a', 'words')).toEqual({ a: '1', words: 'true' });
    expect(read('=1 a=2', 'a')).toEqual({ a: '2' });
    expect(read('a="b"c=d e="\\x"', 'a', 'c', 'e')).toEqual({ a: 'b', c: 'd', e: '\\x' });
  });

  const key = fc.string({ minLength: 1, unit: fc.constantFrom(...'ab_.-é') });
  const value = fc.string({ unit: fc.constantFrom(...'ab= "\\\n\t{}é😀', '\u0000', '\ud800') });
  /** As Go's loggers write it. */
  const written = (text: string): string =>
    /^[\u0021-\uffff]+$/.test(text) && !/["=\\]/.test(text) ? text : JSON.stringify(text);

  it('reads back what was written', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(key, value), { minLength: 1 }), fc.array(key), (pairs, others) => {
        const line = pairs.map(([name, text]) => `${name}=${written(text)}`).join(' ');
        const expected = Object.fromEntries(pairs);
        const wanted = [...new Set([...Object.keys(expected), ...others])];
        expect(readFields({ extractor: (names) => logfmt.extractor(names) }, line, wanted)).toEqual(
          Object.fromEntries(
            wanted.filter((name) => Object.hasOwn(expected, name)).map((name) => [name, expected[name]]),
          ),
        );
      }),
    );
  });

  /** The grammar as one expression, as slow as it is plain. */
  const reference = (line: string): Record<string, string> | null => {
    const found: [string, string][] = [];
    let pairs = 0;
    for (let rest = line.trimStart(); rest !== ''; ) {
      const [token = '', name = '', quoted, plain] =
        /^([^\s=]*)(?:=(?:"((?:[^"\\]|\\.)*)"|(?!")(\S*)))?/su.exec(rest) ?? [];
      if (token === '' || (plain === undefined && quoted === undefined && rest[token.length] === '='))
        return null;
      if (quoted !== undefined || plain !== undefined) pairs++;
      found.push([name, quoted ?? plain ?? 'true']);
      rest = rest.slice(token.length).trimStart();
    }
    return pairs === 0 ? null : Object.fromEntries(found);
  };

  it('reads any line as the grammar does', () => {
    const line = fc.string({ unit: fc.constantFrom(...'abc=" ', '\\x'), maxLength: 30 });
    fc.assert(
      fc.property(line, (text) => {
        const expected = reference(text);
        const wanted = ['a', 'b', 'ab', 'abc'];
        const values = read(text, ...wanted);
        expect(values === null).toBe(expected === null);
        for (const name of wanted) expect(values?.[name]).toBe(expected?.[name]);
      }),
      { numRuns: 2000 },
    );
  });
});
