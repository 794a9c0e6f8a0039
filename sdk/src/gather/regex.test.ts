import { describe, expect, it } from 'vitest';
import { compileAnchored, expand } from './regex.ts';

describe('compileAnchored', () => {
  it.each([
    ['foo', 'foo', true],
    ['foo', 'xfoo', false],
    ['foo|bar', 'bar', true],
    ['foo|bar', 'foobar', false],
    ['.*', 'two\nlines', true],
    ['(?i)get', 'GET', true],
    ['a(?i)b', 'aB', true],
    ['a(?i)b', 'AB', false],
    ['(a(?i)b)c', 'aBc', true],
    ['(a(?i)b)c', 'aBC', false],
    ['(?i:a)b', 'Ab', true],
    ['(?P<host>[^:]+):.*', 'db:5432', true],
    ['[[:alpha:]_]+', 'node_x', true],
    ['[[:digit:]]+', '12a', false],
    ['\\Qa.b\\E', 'a.b', true],
    ['\\Qa.b\\E', 'axb', false],
    ['a\\-b\\_c', 'a-b_c', true],
    ['[a\\-z]', '-', true],
    ['\\pL+', 'é', true],
    ['\\p{Greek}', 'α', true],
    ['x{2}', 'xx', true],
    ['x{', 'x{', true],
    ['\\x{41}', 'A', true],
    ['\\Afoo\\z', 'foo', true],
  ])('%s on %j: %s', (pattern, text, matches) => {
    expect(compileAnchored(pattern).test(text)).toBe(matches);
  });

  it.each(['(', 'a)', '(?=x)', '(a)\\1', '[a', '(?U)a', '\\'])('refuses %s and says why', (pattern) => {
    expect(() => compileAnchored(pattern)).toThrow(`the regular expression "${pattern}" can't be used`);
  });
});

describe('expand', () => {
  const match = /(?<first>\w+)-(\w+)/.exec('ab-cd') as RegExpExecArray;
  it.each([
    ['$1', 'ab'],
    // The name after a bare $ is as long as it can be: there is no group "1x".
    ['$1x', ''],
    [`${'$'}{1}x`, 'abx'],
    [`${'$'}{first}.$2`, 'ab.cd'],
    ['$$1', '$1'],
    ['$9', ''],
    ['plain', 'plain'],
  ])('%s is %s', (template, expected) => {
    expect(expand(template, match)).toBe(expected);
  });
});
