import { describe, expect, it } from 'vitest';
import { boundFields, boundMessage } from './log-line.ts';

const circular: Record<string, unknown> = { name: 'a' };
circular.self = circular;

describe('boundFields', () => {
  it.each([
    ['plain values', { a: 'x', b: 1, c: true, d: null, e: [1, 'y'] }, undefined],
    ['a long text', { a: 'x'.repeat(100_000) }, { a: `${'x'.repeat(1000)}…` }],
    ['a text of many megabytes', { a: 'x'.repeat(2 ** 27) }, { a: `${'x'.repeat(1000)}…` }],
    ['a big integer', { a: 2n ** 70n }, { a: '1180591620717411303424' }],
    ['what ends in itself', circular, { name: 'a', self: '(circular)' }],
    ['an error', { error: new TypeError('no') }, { error: { name: 'TypeError', message: 'no' } }],
    ['bytes', { a: Buffer.alloc(1_000_000) }, { a: '(1000000 bytes)' }],
    ['a date', { a: new Date(0) }, { a: '1970-01-01T00:00:00.000Z' }],
    ['a function', { a: () => 1, b: Symbol('s') }, { a: '(function)', b: '(symbol)' }],
    ['a map', { a: new Map([[1, 2]]) }, { a: '(1 entries)' }],
    ['a long list', { a: new Array(1e6).fill(0) }, { a: [...new Array(32).fill(0), '…'] }],
    ['depth', { a: { b: { c: { d: { e: 1 } } } } }, { a: { b: { c: { d: '{…}' } } } }],
    ['no object', 'text', { value: 'text' }],
    ['nothing', undefined, {}],
  ])('bounds %s', (_name, given, expected) => {
    expect(boundFields(given)).toEqual(expected ?? given);
  });

  it('leaves out what throws when it is looked at, and only that', () => {
    const bad = {
      good: 1,
      get thrown(): never {
        throw new Error('no');
      },
      proxy: new Proxy(
        {},
        {
          ownKeys() {
            throw new Error('no');
          },
        },
      ),
    };
    expect(boundFields(bad)).toEqual({ good: 1, thrown: '(can not be read)', proxy: '(can not be read)' });
  });

  it('is small and JSON whatever is given', () => {
    const long = 'x'.repeat(5_000);
    const wide = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`k${i}`, long]));
    const given = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`k${i}`, { ...wide }]));
    const text = JSON.stringify(boundFields(given));
    expect(text.length).toBeLessThan(300_000);
    expect(JSON.parse(text)['…']).toBe('…');
  });
});

describe('boundMessage', () => {
  it.each([
    ['a long one', 'x'.repeat(10_000), `${'x'.repeat(4000)}…`],
    ['no text', 7, '7'],
    [
      'what throws',
      {
        toString() {
          throw new Error('no');
        },
      },
      '(a message that can not be read)',
    ],
  ])('bounds %s', (_name, given, expected) => {
    expect(boundMessage(given)).toBe(expected);
  });
});
