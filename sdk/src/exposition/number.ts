import {
  writeDigitPoint,
  writeEightTrimmed,
  writeExponent,
  writePointDigit,
  writeWhole,
} from './number/digits.ts';
import { setValue, UNDECIDED, writeShortest } from './number/shortest.ts';

// Values as Go's `strconv.FormatFloat(v, 'g', -1, 64)` prints them, which is what client_golang and
// Prometheus write: the shortest digits that read back the same, with an exponent from 1e+06 upwards and
// below 1e-04; infinities and NaN are `+Inf`, `-Inf` and `NaN`. Minus zero is `0`, as in expfmt's writeFloat.

/** The longest value: `-2.2250738585072014e-308`. */
export const MAX_VALUE_BYTES = 24;

export function formatValue(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude < 1e6 && magnitude >= 1e-4) return String(value);
  if (value === 0) return '0';
  if (magnitude === Number.POSITIVE_INFINITY) return value > 0 ? '+Inf' : '-Inf';
  if (Number.isNaN(value)) return 'NaN';
  const text = value.toExponential();
  const oneDigitExponent = text.at(-2) === '+' || text.at(-2) === '-';
  // Go writes at least two digits of exponent.
  return oneDigitExponent ? `${text.slice(0, -1)}0${text.slice(-1)}` : text;
}

/** As in OpenMetrics, where the text of a float has a point or an exponent: `.0` is added to an integer without. */
export function formatOpenMetricsValue(value: number): string {
  return isPlainInteger(value) ? `${formatValue(value)}.0` : formatValue(value);
}

/**
 * Writes what `formatValue` gives as ASCII and gives the position behind it. There has to be room for
 * MAX_VALUE_BYTES from `at` on, and all of that room may be overwritten.
 * @throws RangeError if there is less room
 */
export function writeValue(bytes: Uint8Array, at: number, value: number): number {
  const view = viewOf(bytes);
  if (value > 0) return writePositive(view, at, value);
  if (value === 0) return writeWhole(view, at, 0);
  if (value < 0 && value !== Number.NEGATIVE_INFINITY) {
    view.setInt8(at, 0x2d);
    return writePositive(view, at + 1, -value);
  }
  return writeText(view, at, formatValue(value));
}

/** Writes what `formatOpenMetricsValue` gives; otherwise as `writeValue`. */
export function writeOpenMetricsValue(bytes: Uint8Array, at: number, value: number): number {
  const end = writeValue(bytes, at, value);
  if (!isPlainInteger(value)) return end;
  writePointDigit(viewOf(bytes), end, 0);
  return end + 2;
}

const isPlainInteger = (value: number): boolean => (value | 0) === value && value < 1e6 && value > -1e6;

// Four bytes at a time are written through a DataView, which takes longer to make than a value to write. But
// whoever writes values writes many into the same bytes: the last view is kept, and its bytes with it until
// others come.
let viewed: Uint8Array = new Uint8Array(0);
let lastView = new DataView(viewed.buffer);

const viewOf = (bytes: Uint8Array): DataView => (bytes === viewed ? lastView : makeView(bytes));

function makeView(bytes: Uint8Array): DataView {
  viewed = bytes;
  lastView = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return lastView;
}

function writePositive(view: DataView, at: number, value: number): number {
  const whole = value | 0;
  if (whole === value) {
    if (whole < 1_000_000) return writeWhole(view, at, whole);
    if (whole < 1_000_000_000) return writeMillions(view, at, whole);
  } else if (value < 1e6 && value >= 1e-4) {
    const billionths = ((value - whole) * 1e9 + 0.5) | 0;
    // Both sides of the division are exact, so its result is the double that the decimal number reads back
    // as; and of the decimal numbers with up to 15 digits no two read back as the same double.
    if ((whole * 1e9 + billionths) / 1e9 === value) return writeBillionths(view, at, whole, billionths);
  }
  setValue(value);
  const end = writeShortest(view, at);
  return end === UNDECIDED ? writeText(view, at, formatValue(value)) : end;
}

/** An integer in [10^6, 10^9): `1.234567e+06`. */
function writeMillions(view: DataView, at: number, n: number): number {
  const exponent = n < 10_000_000 ? 6 : n < 100_000_000 ? 7 : 8;
  const nineDigits = exponent === 8 ? n : exponent === 7 ? n * 10 : n * 100;
  const first = (nineDigits / 100_000_000) | 0;
  writeDigitPoint(view, at, first);
  const end = writeEightTrimmed(view, at + 2, nineDigits - first * 100_000_000);
  return writeExponent(view, end === at + 2 ? at + 1 : end, exponent);
}

/** `whole` below 10^6, the point, and up to nine decimals. */
function writeBillionths(view: DataView, at: number, whole: number, billionths: number): number {
  const end = writeWhole(view, at, whole);
  const first = (billionths / 100_000_000) | 0;
  writePointDigit(view, end, first);
  return writeEightTrimmed(view, end + 2, billionths - first * 100_000_000);
}

function writeText(view: DataView, at: number, text: string): number {
  for (let index = 0; index < text.length; index++) view.setInt8(at + index, text.charCodeAt(index));
  return at + text.length;
}
