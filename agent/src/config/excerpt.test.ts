import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { excerpt, linesOf, safeExcerpt, tokenEnd } from './excerpt.ts';
import { isOwnSetting } from './schema.ts';

/** The part of a line that is meant: what begins at the first `‹`, which is not part of the line. */
const meant = (marked: string): string => {
  const column = marked.indexOf('‹') + 1;
  const line = marked.replace('‹', '');
  return line.slice(column - 1, tokenEnd(line, column) - 1);
};

describe('what an error is about', () => {
  it.each([
    ['  ‹timeot: 5s', 'timeot'],
    ['  timeout: ‹5 s # five', '5 s'],
    ['{plugin: p, ‹timeot: 5s}', 'timeot'],
    ['{plugin: p, timeout: ‹5, x: 1}', '5'],
    ['{plugin: "a{b", n: ‹x y}', 'x y'],
    ['a: ‹"x: \\" #y" # z', '"x: \\" #y"'],
    ["a: ‹'it''s', b", "'it''s'"],
    ['a: ‹"open', '"open'],
    ['a: ‹[1, "]", {b: c}] # d', '[1, "]", {b: c}]'],
    ['a: ‹[1, 2', '[1, 2'],
    ["a: ‹{x: it's}, b", "{x: it's}"],
    ['a: ‹*base # x', '*base'],
    ['url: ‹http://h:1/x#y', 'http://h:1/x#y'],
    ['a:‹', ''],
  ])('in %s is %s', (line, part) => {
    expect(meant(line)).toBe(part);
  });

  it('lies in its line, wherever it is said to begin', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(40), (line, at) => {
        const end = tokenEnd(line, at + 1);
        expect(end).toBeGreaterThanOrEqual(Math.min(at, line.length) + 1);
        expect(end).toBeLessThanOrEqual(line.length + 1);
      }),
    );
  });
});

describe('an excerpt for the terminal', () => {
  const shown = (source: string, column: number, line = 1, redact = (text: string) => text) => {
    const found = excerpt({ line, column }, linesOf(source), redact);
    return found && [found.text, found.underline];
  };

  it('underlines the whole key or value, under tabs and wide characters, with and without CR', () => {
    expect(shown('    timeot: 5s', 5)).toEqual(['    timeot: 5s', '    ^~~~~~']);
    expect(shown('\tx: 1\r\ny: 1', 2)).toEqual(['\tx: 1', '\t^']);
    expect(shown('{a: 日本, b: é😀, cde: 1}', 17)).toEqual([
      '{a: 日本, b: é😀, cde: 1}',
      '                  ^~~',
    ]);
    expect(shown('a:', 3)).toEqual(['a:', '  ^']);
    expect(shown('a: 1', 1, 9)).toBeUndefined();
  });

  it('shortens long lines around what is meant', () => {
    const [text = '', underline = ''] = shown(`${'x'.repeat(500)}, key: ${'y'.repeat(500)}`, 503) ?? [];
    expect(text).toMatch(/^…x+, key: y+…$/);
    expect(text.indexOf('key')).toBe(underline.indexOf('^~~'));
    expect(text.length).toBeLessThan(130);
    expect(shown(`a: ${'z'.repeat(20_000)}`, 1)).toBeUndefined();
  });

  it('has nothing that a terminal would obey', () => {
    expect(shown('a: "\u001b[2J\u009b\u202e"', 4)?.[0]).toBe('a: "\ufffd[2J\ufffd\ufffd"');
  });

  it('masks what looks like a password', () => {
    expect(shown("{password: 'hunter2', url: redis://u:hunter2@h, n: x}", 49)).toEqual([
      '{password: ***, url: redis://u:***@h, n: x}',
      '                                      ^',
    ]);
    expect(shown('  password: a, b c # d', 3)?.[0]).toBe('  password: ***');
    expect(shown('  password: hunter2', 13)).toEqual(['  password: ***', '            ^~~']);
    expect(shown('  api_key: ["one two", three]', 12)?.[0]).toBe('  api_key: ***');
    expect(shown('passwords:\n  x:\n    - hunter2', 7, 3)?.[0]).toBe('    ***');
    expect(shown('secret: |\n  hunter2: x', 3, 2)?.[0]).toBe('  ***');
    expect(shown('password: ${SECRET}', 11)?.[0]).toBe('password: ${SECRET}');
    expect(shown('token_file: /etc/token', 13)?.[0]).toBe('token_file: /etc/token');
  });

  it('masks what the schema says is secret, and what stands under a misspelt key of a plugin', () => {
    const inConfig = (source: string, column: number, more: object) => {
      const issue = { line: 1, column, path: ['resources', 'a', 'config', 'x'], ...more };
      return excerpt(issue, [source], (text) => text, [issue]);
    };
    expect(inConfig('community: [hunter2]', 12, { hidden: true })).toEqual({
      text: 'community: ***',
      underline: '           ^~~',
    });
    const unknown = { code: 'CONFIG_UNKNOWN_KEY' };
    expect(inConfig('{comunity: hunter2, n: 1}', 2, unknown)?.text).toBe('{comunity: ***, n: 1}');
    expect(inConfig('comunity: hunter, 2', 1, unknown)?.text).toBe('comunity: ***');
    const own = { ...unknown, path: ['resources', 'a', 'tiemout'] };
    expect(inConfig('tiemout: 5s', 1, own)?.text).toBe('tiemout: 5s');
  });

  it('masks what is known to be secret, and shows no line that holds half of it', () => {
    const redact = (text: string) => text.replaceAll('hunter 2', '***');
    expect(shown('a: hunter 2', 1, 1, redact)).toEqual(['a: ***', '^']);
    expect(shown('a: xhunter 2', 5, 1, redact)).toBeDefined();
    expect(shown('a: "hunter 2', 4, 1, redact)).toEqual(['a: "***', '   ^~~~']);
    expect(shown('hunter 2: 1', 7, 1, redact)).toBeUndefined();
  });
});

describe('an excerpt for everybody', () => {
  const shown = (source: string, column: number, path: (string | number)[]) =>
    safeExcerpt({ line: 1, column, path }, linesOf(source), isOwnSetting)?.split('\n');
  const config = ['resources', 'a', 'config'];

  it('is a key, without what stands around it', () => {
    expect(shown('    timeot: hunter2 # hunter3', 5, ['resources', 'a', 'timeot'])).toEqual([
      '    timeot: …',
      '    ^~~~~~',
    ]);
    expect(shown('  a: {plugin: p, config: {s: hunter2, "ur l": x}}', 39, [...config, 'ur l'])).toEqual([
      '  … "ur l": …',
      '    ^~~~~~',
    ]);
  });

  it("is the value of one of the agent's settings", () => {
    expect(shown('    timeout: 5 # hunter2', 14, ['resources', 'a', 'timeout'])).toEqual([
      '    timeout: 5',
      '             ^',
    ]);
    expect(shown('- {x: hunter2, action: dorp}', 24, ['resources', 'a', 'relabel', 0, 'action'])).toEqual([
      '… action: dorp',
      '          ^~~~',
    ]);
  });

  it.each<[string, string, number, (string | number)[]]>([
    ["a plugin's value", 'password: hunter2', 11, [...config, 'password']],
    ["a list of a plugin's", '- hunter2', 3, [...config, 'passwords', 0]],
    ['an anchor', 'password: hunter2', 11, ['x-redis', 'password']],
    ['a value under a key that nobody knows', 'pasword: hunter2', 10, ['resources', 'a', 'pasword']],
    ['a mapping where a word belongs', 'timeout: {x: hunter2}', 10, ['resources', 'a', 'timeout']],
    ['a block of text', 'timeout: |', 10, ['resources', 'a', 'timeout']],
    ['a key that is not in the path', 'hunter2: x', 1, ['resources', 'a', 'timeout', 'x']],
    ['a file that is not YAML', 'hunter2', 1, []],
  ])('is not there for %s', (_name, source, column, path) => {
    expect(shown(source, column, path)).toBeUndefined();
  });
});
