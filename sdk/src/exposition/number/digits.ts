// Decimal digits as bytes, four at a time. Functions that write take the view of the bytes and a position,
// and may write anything in the MAX_VALUE_BYTES behind the value's first byte: a whole word costs as much as
// one byte, and what is too much the next word, or the next value, overwrites.
//
// Divisions are written `(n / 10_000) | 0`, not with Math.trunc: so V8 sees that they are of integers, and
// multiplies instead. And constants are not exported, for V8 reads an exported one from memory, and checks
// it, each time.

/** `0000` to `9999` in ASCII, the first digit in the lowest byte: one little-endian store writes all four. */
const FOUR_DIGITS = new Int32Array(10_000);
const pairs = Int32Array.from({ length: 100 }, (_, n) => 0x3030 + Math.trunc(n / 10) + ((n % 10) << 8));
pairs.forEach((high, hundreds) => {
  pairs.forEach((low, ones) => {
    FOUR_DIGITS[hundreds * 100 + ones] = high + (low << 16);
  });
});
const FOUR_ZEROS = 0x30303030;
const ZERO = 0x30;
const POINT = 0x2e;
const LETTER_E = 0x65;
const PLUS = 0x2b;
const MINUS = 0x2d;

/** The word that holds the four digits of an integer below 10^4. */
const fourDigits = (n: number): number => FOUR_DIGITS[n] as number;

/** Writes an integer of 0 to 999,999 without leading zeros; gives the position behind it. */
export function writeWhole(view: DataView, at: number, n: number): number {
  if (n < 10_000) return writeUpToFour(view, at, n);
  const thousands = (n / 10_000) | 0;
  const end = writeUpToFour(view, at, thousands);
  view.setInt32(end, fourDigits(n - thousands * 10_000), true);
  return end + 4;
}

function writeUpToFour(view: DataView, at: number, n: number): number {
  const word = fourDigits(n);
  // The lowest set bit lies in the first byte that isn't '0'; the last byte stays even when it is.
  const digits = (word ^ FOUR_ZEROS) | 0x01000000;
  const zeroBits = (31 - Math.clz32(digits & -digits)) & 24;
  view.setInt32(at, word >>> zeroBits, true);
  return at + 4 - (zeroBits >> 3);
}

/** Writes the eight digits of an integer below 10^8, leading zeros included. */
export function writeEight(view: DataView, at: number, n: number): void {
  const high = (n / 10_000) | 0;
  view.setInt32(at, fourDigits(high), true);
  view.setInt32(at + 4, fourDigits(n - high * 10_000), true);
}

/** The same, but gives the position behind the last digit that isn't 0: `at` when all are. */
export function writeEightTrimmed(view: DataView, at: number, n: number): number {
  const high = (n / 10_000) | 0;
  const first = fourDigits(high);
  const second = fourDigits(n - high * 10_000);
  view.setInt32(at, first, true);
  view.setInt32(at + 4, second, true);
  return second === FOUR_ZEROS ? at + trimmedLength(first) : at + 4 + trimmedLength(second);
}

/** How many bytes of the word remain without the zeros at its end. */
const trimmedLength = (word: number): number => (39 - Math.clz32(word ^ FOUR_ZEROS)) >> 3;

/** Steps back over the zeros that end at `end`; something else than a zero must stand before them. */
export function trimZeros(view: DataView, end: number): number {
  let trimmed = end;
  while (view.getUint8(trimmed - 1) === ZERO) trimmed--;
  return trimmed;
}

export function writePoint(view: DataView, at: number): void {
  view.setInt8(at, POINT);
}

export function writeDigit(view: DataView, at: number, digit: number): void {
  view.setInt8(at, ZERO + digit);
}

/** Writes `7.`; the position behind it is `at + 2`. */
export function writeDigitPoint(view: DataView, at: number, digit: number): void {
  view.setInt16(at, ZERO + digit + (POINT << 8), true);
}

/** Writes `.7`; the position behind it is `at + 2`. */
export function writePointDigit(view: DataView, at: number, digit: number): void {
  view.setInt16(at, POINT + ((ZERO + digit) << 8), true);
}

/** Writes an exponent as Go does, with a sign and at least two digits: `e+06`, `e-310`. */
export function writeExponent(view: DataView, at: number, exponent: number): number {
  const mark = LETTER_E + ((exponent < 0 ? MINUS : PLUS) << 8);
  const digits = fourDigits(Math.abs(exponent));
  if (exponent > -100 && exponent < 100) {
    view.setInt32(at, mark | (digits & 0xffff0000), true);
    return at + 4;
  }
  view.setInt32(at, mark | ((digits << 8) & 0xffff0000), true);
  view.setInt8(at + 4, digits >>> 24);
  return at + 5;
}
