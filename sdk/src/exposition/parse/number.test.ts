import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatValue } from '../number.ts';
import { numberFix, readFloat } from './number.ts';

const read = (text: string) => readFloat(text, 0, text.length);

describe('readFloat', () => {
  it.each([
    ['0', 0],
    ['-0', -0],
    ['+5', 5],
    ['007', 7],
    ['1.', 1],
    ['.5', 0.5],
    ['-1.25e-3', -0.00125],
    ['1E6', 1e6],
    ['123456789012345', 123456789012345],
    ['18446744073709551616', 2 ** 64],
    ['4.9e-324', 5e-324],
    ['Inf', Number.POSITIVE_INFINITY],
    ['+inf', Number.POSITIVE_INFINITY],
    ['-INFINITY', Number.NEGATIVE_INFINITY],
    ['nAn', Number.NaN],
  ])('%s is %d', (text, value) => {
    expect(read(text)).toBe(value);
  });

  it.each([
    ['', ''],
    ['-', ''],
    ['.', ''],
    ['e5', ''],
    ['1e', ''],
    ['1e+', ''],
    ['1.2.3', ''],
    ['infi', ''],
    ['1x', ''],
    ['+NaN', 'write NaN without a sign'],
    ['0x1p-3', 'write it in decimal'],
    ['0b1', 'write it in decimal'],
    ['1_000', 'leave the underscores out'],
    ['1,5', 'write a point, not a comma'],
    ['"1"', 'leave the quotes out'],
    ['1e400', 'it is beyond what a 64-bit float can hold; write +Inf, or a value below 1.8e308'],
    ['null', ''],
  ])('%s is no number', (text, fix) => {
    expect(read(text)).toBeUndefined();
    expect(numberFix(text)).toBe(fix || 'write a number, +Inf, -Inf or NaN, or leave the sample out');
  });

  it('reads every number as it is written, wherever it stands', () => {
    fc.assert(
      fc.property(fc.double(), fc.boolean(), (value, plain) => {
        const text = plain && Number.isFinite(value) ? String(value) : formatValue(value);
        expect(readFloat(`x ${text} y`, 2, 2 + text.length)).toBe(value + 0); // Minus zero is written without its sign.
      }),
    );
  });
});
