import { describe, expect, it } from 'vitest';
import { compileRelabel, type RelabelConfig } from './relabel.ts';

type Case = [name: string, rules: RelabelConfig[], input: Record<string, string>, output: object | undefined];

// The inputs and outputs are those of Prometheus' own model/relabel/relabel_test.go.
const cases: Case[] = [
  [
    'replaces with groups',
    [
      {
        source_labels: ['a'],
        regex: 'f(.*)',
        target_label: 'd',
        separator: ';',
        replacement: 'ch${1}-ch${1}',
      },
    ],
    { a: 'foo', b: 'bar', c: 'baz' },
    { a: 'foo', b: 'bar', c: 'baz', d: 'choo-choo' },
  ],
  [
    'joins labels, and a later rule sees an earlier one',
    [
      { source_labels: ['a', 'b'], regex: 'f(.*);(.*)r', target_label: 'a', replacement: 'b${1}${2}m' },
      { source_labels: ['c', 'a'], regex: '(b).*b(.*)ba(.*)', target_label: 'd', replacement: '$1$2$2$3' },
    ],
    { a: 'foo', b: 'bar', c: 'baz' },
    { a: 'boobam', b: 'bar', c: 'baz', d: 'boooom' },
  ],
  ['drops', [{ source_labels: ['a'], regex: '.*o.*', action: 'drop' }], { a: 'foo' }, undefined],
  [
    'drops only what matches wholly',
    [{ source_labels: ['a'], regex: 'f', action: 'drop' }],
    { a: 'foo' },
    { a: 'foo' },
  ],
  ['keeps', [{ source_labels: ['a'], regex: 'no-match', action: 'keep' }], { a: 'foo' }, undefined],
  [
    'keeps by alternatives',
    [{ source_labels: ['a'], regex: 'f|.*o', action: 'keep' }],
    { a: 'foo' },
    { a: 'foo' },
  ],
  [
    'replaces nothing where nothing matches',
    [{ source_labels: ['a'], regex: '.*b.*', target_label: 'd', replacement: 'foo' }],
    { a: 'boo', b: '1' },
    { a: 'boo', b: '1', d: 'foo' },
  ],
  [
    'deletes a label when the replacement is empty',
    [{ source_labels: ['a'], regex: 'f(.*)', target_label: 'a', replacement: '' }],
    { a: 'foo', b: 'x' },
    { b: 'x' },
  ],
  [
    'hashes',
    [{ source_labels: ['c'], target_label: 'd', action: 'hashmod', modulus: 1000 }],
    { a: 'foo', b: 'bar', c: 'baz' },
    { a: 'foo', b: 'bar', c: 'baz', d: '976' },
  ],
  [
    'hashes text of several lines',
    [{ source_labels: ['a'], target_label: 'd', action: 'hashmod', modulus: 1000 }],
    { a: 'foo\nbar' },
    { a: 'foo\nbar', d: '734' },
  ],
  [
    'maps names',
    [{ regex: '(b.*)', replacement: 'bar_${1}', action: 'labelmap' }],
    { a: 'foo', b1: 'bar', b2: 'baz' },
    { a: 'foo', b1: 'bar', b2: 'baz', bar_b1: 'bar', bar_b2: 'baz' },
  ],
  [
    'drops labels',
    [{ regex: '(b.*)', action: 'labeldrop' }],
    { a: 'foo', b1: 'bar', b2: 'baz' },
    { a: 'foo' },
  ],
  [
    'keeps labels',
    [{ regex: '(b.*)', action: 'labelkeep' }],
    { a: 'foo', b1: 'bar', b2: 'baz' },
    { b1: 'bar', b2: 'baz' },
  ],
  [
    'changes case',
    [
      { source_labels: ['foo'], target_label: 'upper', action: 'uppercase' },
      { source_labels: ['foo'], target_label: 'lower', action: 'lowercase' },
    ],
    { foo: 'bAr123Foo' },
    { foo: 'bAr123Foo', lower: 'bar123foo', upper: 'BAR123FOO' },
  ],
  [
    'keeps equal ones',
    [{ source_labels: ['a'], target_label: 'b', action: 'keepequal' }],
    { a: 'x', b: 'x' },
    { a: 'x', b: 'x' },
  ],
  [
    'drops equal ones',
    [{ source_labels: ['a'], target_label: 'b', action: 'dropequal' }],
    { a: 'x', b: 'x' },
    undefined,
  ],
  [
    'expands the target label',
    [{ source_labels: ['a'], regex: 'some-([^-]+)-([^,]+)', target_label: '${1}', replacement: '${2}' }],
    { a: 'some-name-value' },
    { a: 'some-name-value', name: 'value' },
  ],
  [
    'leaves out a target label that is none',
    [{ source_labels: ['a'], regex: 'some-([^-]+)-([^,]+)', target_label: '-${1}', replacement: '${2}' }],
    { a: 'some-name-value' },
    { a: 'some-name-value' },
  ],
];

describe('compileRelabel', () => {
  it.each(cases)('%s', (_name, rules, input, output) => {
    const labels = new Map(Object.entries(input));
    const kept = compileRelabel(rules)(labels);
    expect(kept ? Object.fromEntries(labels) : undefined).toEqual(output);
  });

  it.each<[RelabelConfig, string]>([
    [{ action: 'hashmod', target_label: 'a' }, 'the action "hashmod" needs a modulus of 1 or more'],
    [{ action: 'replace' }, 'the action "replace" needs a target_label'],
    [{ action: 'labeldrop', regex: 'a', target_label: 'b' }, 'the action "labeldrop" takes only a regex'],
    [{ action: 'keep', regex: '(' }, 'the regular expression "(" can\'t be used'],
    [{ action: 'uppercase', target_label: 'no-name' }, '"no-name" is not a label name'],
  ])('refuses %j with the place of the rule', (rule, message) => {
    const good: RelabelConfig = { action: 'keep', regex: 'x' };
    expect(() => compileRelabel([good, rule])).toThrow(
      expect.objectContaining({
        class: 'config',
        message: expect.stringContaining(message),
        path: [1, expect.any(String)],
      }),
    );
  });
});
