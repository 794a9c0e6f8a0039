import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatOpenMetricsValue,
  formatValue,
  MAX_VALUE_BYTES,
  writeOpenMetricsValue,
  writeValue,
} from './number.ts';

type Write = typeof writeValue;

const BEFORE = 5;
const UNTOUCHED = '#'.repeat(BEFORE);

/** What is written into bytes with no more room than is asked for; it must leave alone what stands before. */
function written(write: Write, value: number): string {
  const bytes = Buffer.alloc(BEFORE + MAX_VALUE_BYTES, '#');
  const end = write(bytes, BEFORE, value);
  expect(bytes.toString('latin1', 0, BEFORE)).toBe(UNTOUCHED);
  return bytes.toString('latin1', BEFORE, end);
}

/** The double `steps` places above, or below, another. */
function neighbour(value: number, steps: number): number {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  bits.setBigInt64(0, bits.getBigInt64(0) + BigInt(steps));
  return bits.getFloat64(0);
}

const nearby = fc.integer({ min: -3, max: 3 });
const signed = (values: fc.Arbitrary<number>) =>
  fc.tuple(values, fc.boolean()).map(([value, negative]) => (negative ? -value : value));

// Each kind has its own way through the writer, or lies where two of them meet.
const KINDS: Readonly<Record<string, fc.Arbitrary<number>>> = {
  'any double': fc.double(),
  'subnormal numbers': signed(fc.double({ min: 0, max: 2 ** -1022 })),
  'integers below 2^53': fc.maxSafeInteger(),
  'integers around the powers of ten and 2^53': signed(
    fc
      .tuple(fc.constantFrom(1e4, 1e6, 1e7, 1e8, 1e9, 1e15, 1e16, 1e21, 2 ** 31, 2 ** 53), nearby)
      .map(([value, steps]) => value + steps * Math.max(1, value / 2 ** 52)),
  ),
  'integers with zeros at the end': fc
    .tuple(fc.integer({ min: -999, max: 999 }), fc.integer({ min: 0, max: 25 }))
    .map(([digits, zeros]) => digits * 10 ** zeros),
  'even integers beyond 2^53': signed(
    fc.tuple(fc.maxSafeInteger(), fc.integer({ min: 1, max: 12 })).map(([n, power]) => n * 2 ** power),
  ),
  'decimal numbers': fc
    .tuple(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: 0, max: 18 }))
    .map(([digits, decimals]) => Number(`${digits}e-${decimals}`)),
  'neighbours of decimal numbers': fc
    .tuple(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 0, max: 12 }), nearby)
    .map(([digits, decimals, steps]) => neighbour(Number(`${digits}e-${decimals}`), steps)),
  'powers of ten and their neighbours': fc
    .tuple(fc.integer({ min: -323, max: 308 }), nearby)
    .map(([exponent, steps]) => neighbour(Number(`1e${exponent}`), steps)),
  'powers of two and their neighbours': fc
    .tuple(fc.integer({ min: -1074, max: 1023 }), nearby)
    .map(([exponent, steps]) => neighbour(2 ** exponent, steps)),
};

describe('a value', () => {
  // What Go's strconv.FormatFloat(v, 'g', -1, 64) gives, expfmt's special values included.
  it.each([
    [0, '0'],
    [-0, '0'],
    [1, '1'],
    [-1.5, '-1.5'],
    [0.1, '0.1'],
    [0.001, '0.001'],
    [123.456, '123.456'],
    [5.000000001, '5.000000001'],
    [9, '9'],
    [10, '10'],
    [-9999, '-9999'],
    [10000, '10000'],
    [100000, '100000'],
    [100050, '100050'],
    [999999, '999999'],
    [1000000, '1e+06'],
    [1234567, '1.234567e+06'],
    [1048576, '1.048576e+06'],
    [-12000000, '-1.2e+07'],
    [987654321, '9.87654321e+08'],
    [1000000000, '1e+09'],
    [1.7952472e9, '1.7952472e+09'],
    [2 ** 53, '9.007199254740992e+15'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [0.000012345, '1.2345e-05'],
    [0.1 + 0.2, '0.30000000000000004'],
    [100 / 3, '33.333333333333336'],
    [0.00012345678901234567, '0.00012345678901234567'],
    [999999.9999999999, '999999.9999999999'],
    [1e21, '1e+21'],
    [1e22, '1e+22'],
    [1e23, '1e+23'],
    [1e100, '1e+100'],
    [5e-324, '5e-324'],
    [-2.2250738585072014e-308, '-2.2250738585072014e-308'],
    [1.7976931348623157e308, '1.7976931348623157e+308'],
    [999999.5, '999999.5'],
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NEGATIVE_INFINITY, '-Inf'],
    [Number.NaN, 'NaN'],
  ])('%d is %s', (value, text) => {
    expect(formatValue(value)).toBe(text);
    expect(written(writeValue, value)).toBe(text);
  });

  it.each(Object.entries(KINDS))('reads back as the same number: %s', (_kind, values) => {
    fc.assert(
      fc.property(values, (value) => {
        const text = written(writeValue, value);
        if (Math.abs(value) !== Number.POSITIVE_INFINITY) expect(Number(text)).toBe(value + 0);
        expect(text).toBe(formatValue(value));
      }),
      { numRuns: 2000 },
    );
  });

  it('is written to whichever bytes are given, at any place', () => {
    const whole = Buffer.alloc(100, '.');
    const half = whole.subarray(50);
    writeValue(half, 1, -12.5);
    writeValue(whole, 2, 3);
    writeValue(half, 20, 1 / 3);
    expect(whole.toString('latin1', 2, 3)).toBe('3');
    expect(half.toString('latin1', 0, 6)).toBe('.-12.5');
    expect(half.toString('latin1', 20, 38)).toBe('0.3333333333333333');
  });

  it('without room for it is refused with RangeError', () => {
    expect(() => writeValue(new Uint8Array(2), 0, 1 / 3)).toThrow(RangeError);
  });
});

describe('a value for OpenMetrics', () => {
  it.each([
    [0, '0.0'],
    [-0, '0.0'],
    [1, '1.0'],
    [-999999, '-999999.0'],
    [1000000, '1e+06'],
    [1234567, '1.234567e+06'],
    [0.5, '0.5'],
    [0.00001, '1e-05'],
    [1e21, '1e+21'],
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NEGATIVE_INFINITY, '-Inf'],
    [Number.NaN, 'NaN'],
  ])('%d is %s', (value, text) => {
    expect(formatOpenMetricsValue(value)).toBe(text);
    expect(written(writeOpenMetricsValue, value)).toBe(text);
  });

  it.each(Object.entries(KINDS))('has a point or an exponent, and the same value: %s', (_kind, values) => {
    fc.assert(
      fc.property(values, (value) => {
        const text = written(writeOpenMetricsValue, value);
        expect(text).toMatch(/[.e]|Inf|NaN/);
        expect(text.replace(/\.0$/, '')).toBe(formatValue(value));
        expect(text).toBe(formatOpenMetricsValue(value));
      }),
      { numRuns: 500 },
    );
  });
});
