import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { numberReader, type UnitName } from './quantity.ts';

describe('reads numbers', () => {
  const cases: [text: string, number: number, unit?: UnitName][] = [
    ['12', 12],
    ['0.012', 0.012],
    [' 7 ', 7],
    ['-5', -5],
    ['+5', 5],
    ['.5', 0.5],
    ['5.', 5],
    ['1.5e3', 1500],
    ['1e-3', 0.001],
    ['0x1F', 31],
    ['9007199254740993', 9007199254740992],
    ['12', 0.012, 'ms'],
    ['1.5', 1536, 'KiB'],
    ['85', 0.85, '%'],
    ['-2', -120, 'm'],
    ['12ms', 0.012],
    ['12 ms', 0.012],
    ['12ms', 0.012, 's'],
    ['250us', 0.00025],
    ['250\u00b5s', 0.00025],
    ['250\u03bcs', 0.00025],
    ['3ns', 3e-9],
    ['2h', 7200],
    ['1.5KiB', 1536],
    ['10kB', 10_000],
    ['1TiB', 2 ** 40],
    ['85%', 0.85],
    ['3m20s', 200],
    ['1h2m3.5s', 3723.5],
    ['1min 3.25s', 63.25],
    ['-1m30s', -90],
  ];
  for (const [text, number, unit] of cases) {
    it(`${text}${unit ? ` in ${unit}` : ''}`, () => expect(numberReader(unit)(text)).toBe(number));
  }

  it('as JavaScript does, whatever their digits', () => {
    const read = numberReader(undefined);
    const known = (number: number) => (Number.isFinite(number) ? number : Number.NaN);
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (number) => {
        expect(read(String(number))).toBe(known(Number(String(number))));
      }),
    );
    fc.assert(
      fc.property(fc.nat(999_999_999), fc.integer({ min: 0, max: 6 }), (number, digits) => {
        const text = (number / 1000).toFixed(digits);
        expect(read(text)).toBe(Number(text));
      }),
    );
  });
});

describe('reads no number in', () => {
  const cases: [text: string, unit?: UnitName][] = [
    [''],
    ['-'],
    ['.'],
    ['1,234'],
    ['1_000'],
    ['1.2.3'],
    ['ten'],
    ['NaN'],
    ['Infinity'],
    ['5K'],
    ['5 apples'],
    ['0b1'],
    ['20s3m'],
    ['3s3s'],
    ['12ms', 'KiB'],
    ['3m20s', '%'],
    [`1${' '.repeat(100_000)}x`],
    ['1h'.repeat(50_000)],
  ];
  for (const [text, unit] of cases) {
    const name = `"${text.slice(0, 20)}"${unit ? ` where ${unit} is expected` : ''}`;
    it(name, () => expect(numberReader(unit)(text)).toBeNaN());
  }
});
