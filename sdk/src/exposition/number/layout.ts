import {
  trimZeros,
  writeDigit,
  writeDigitPoint,
  writeEight,
  writeEightTrimmed,
  writeExponent,
  writePoint,
  writeWhole,
} from './digits.ts';

// Numbers with 16 or 17 digits, given as (high × 10^8 + low) × 10^k: `high` has eight or nine of them, `low`
// has eight. Zeros at the end are left out.

/** `0.00` and `0000`, the first byte lowest. */
const ZERO_POINT_ZEROS = 0x30302e30;
const FOUR_ZEROS = 0x30303030;
const POWERS_OF_TEN = Int32Array.from({ length: 9 }, (_, exponent) => 10 ** exponent);

/** A number in [1, 10^6), whose integer part is known to be `whole`: `123.45678901234567`. */
export function writePositional(
  view: DataView,
  at: number,
  whole: number,
  high: number,
  low: number,
  k: number,
): number {
  const end = writeWhole(view, at, whole);
  writePoint(view, end);
  const decimals = -k - 8;
  const fraction = high - whole * (POWERS_OF_TEN[decimals] as number);
  return writeDecimals(view, end + 1, fraction * (POWERS_OF_TEN[8 - decimals] as number), decimals, low);
}

/** A number in [10^-4, 1): `0.00012345678901234567`. */
export function writeBelowOne(view: DataView, at: number, high: number, low: number, k: number): number {
  view.setInt32(at, ZERO_POINT_ZEROS, true);
  view.setInt32(at + 4, FOUR_ZEROS, true);
  const start = at + 2 - k - 16;
  const top = (high / 100_000_000) | 0;
  if (top > 0) writeDigit(view, start - 1, top);
  return writeDecimals(view, start, high - top * 100_000_000, 8, low);
}

/** Any other: `1.2345678901234567e+89`. */
export function writeScientific(view: DataView, at: number, high: number, low: number, k: number): number {
  const digitsOfHigh = high < 100_000_000 ? 8 : 9;
  const nineDigits = digitsOfHigh === 9 ? high : high * 10;
  const top = (nineDigits / 100_000_000) | 0;
  writeDigitPoint(view, at, top);
  const end = writeDecimals(view, at + 2, nineDigits - top * 100_000_000, digitsOfHigh - 1, low);
  return writeExponent(view, end === at + 2 ? at + 1 : end, k + 7 + digitsOfHigh);
}

/** The first `count` of the eight digits of `high`, the eight digits of `low`, less the zeros at the end. */
function writeDecimals(view: DataView, at: number, high: number, count: number, low: number): number {
  writeEight(view, at, high);
  const end = writeEightTrimmed(view, at + count, low);
  return end === at + count ? trimZeros(view, end) : end;
}
