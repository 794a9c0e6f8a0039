/**
 * Go's `math.Log`, `Log2` and `Pow`, to the bit. Bounds and schemas that client_golang calculates with them become
 * labels and bucket indexes, and one that differs in its last bit is another series: buckets of a service in Go and of
 * one in Node.js with the same options would not add up. The algorithms are those of Go's `src/math` (`log.go`,
 * `log2.go`, `pow.go`) and, where it differs, of amd64 with FMA (`exp_amd64.s`).
 */

const double = new Float64Array(1);
const bits = new BigUint64Array(double.buffer);
const FRACTION = 2n ** 52n - 1n;

/** `value = fraction * 2^exponent` with a fraction in [0.5, 1), of a normal number above zero. */
function split(value: number): [fraction: number, exponent: number] {
  double[0] = value;
  const all = bits[0] as bigint;
  bits[0] = (all & FRACTION) | (1022n << 52n);
  return [double[0], Number(all >> 52n) - 1022];
}

/** The natural logarithm of a normal number above zero (from FreeBSD's `e_log.c`). */
export function goLog(value: number): number {
  let [fraction, k] = split(value);
  if (fraction < Math.SQRT1_2) {
    fraction *= 2;
    k--;
  }
  const f = fraction - 1;
  const s = f / (2 + f);
  const s2 = s * s;
  const s4 = s2 * s2;
  const odd = s2 * (L1 + s4 * (L3 + s4 * (L5 + s4 * L7)));
  const even = s4 * (L2 + s4 * (L4 + s4 * L6));
  const half = 0.5 * f * f;
  return k * LN2_HIGH - (half - (s * (half + (odd + even)) + k * LN2_LOW) - f);
}

const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const L1 = 0.6666666666666735;
const L2 = 0.3999999999940942;
const L3 = 0.2857142874366239;
const L4 = 0.22222198432149784;
const L5 = 0.1818357216161805;
const L6 = 0.15313837699209373;
const L7 = 0.14798198605116586;

/** The logarithm to the base 2 of a normal number above zero. */
export function goLog2(value: number): number {
  const [fraction, exponent] = split(value);
  return fraction === 0.5 ? exponent - 1 : goLog(fraction) * Math.LOG2E + exponent;
}

/** `base^exponent` of a normal base above zero and a finite exponent from 0. */
export function goPow(base: number, exponent: number): number {
  if (exponent === 0.5) return Math.sqrt(base);
  let whole = Math.floor(exponent);
  let rest = exponent - whole;
  if (rest > 0.5) {
    rest--;
    whole++;
  }
  let power = rest === 0 ? 1 : goExp(rest * goLog(base));
  let scale = 0;
  // The whole part by repeated squaring, with the powers of two apart.
  let [square, squareScale] = split(base);
  for (let left = whole; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) {
      power *= square;
      scale += squareScale;
    }
    square *= square;
    squareScale *= 2;
    if (square < 0.5) {
      square *= 2;
      squareScale--;
    }
  }
  const [fraction, carry] = split(power);
  return 2 * fraction * 2 ** (scale + carry - 1);
}

/** e^x: x less a multiple of ln 2, a Taylor series for a 16th of that, four squarings of the result. */
function goExp(x: number): number {
  const scale = roundToEven(x * Math.LOG2E);
  const reduced = fusedMultiplyAdd(-scale, LN2_LOWER, fusedMultiplyAdd(-scale, LN2_UPPER, x)) / 16;
  let sum = 1 / 40320;
  for (const factorial of [5040, 720, 120, 24, 6, 2, 1]) sum = fusedMultiplyAdd(sum, reduced, 1 / factorial);
  let less1 = reduced * sum;
  for (let squaring = 0; squaring < 3; squaring++) less1 *= less1 + 2;
  return fusedMultiplyAdd(less1, less1 + 2, 1) * 2 ** scale;
}

const LN2_UPPER = 0.693147180559663;
const LN2_LOWER = 2.8235290563031577e-13;

function roundToEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

/** `a * b + c` with a single rounding. */
function fusedMultiplyAdd(a: number, b: number, c: number): number {
  if (a === 0) return c;
  const [aInteger, aScale] = toInteger(a);
  const [bInteger, bScale] = toInteger(b);
  const [cInteger, cScale] = toInteger(c);
  const scale = Math.min(aScale + bScale, cScale);
  const product = (aInteger * bInteger) << BigInt(aScale + bScale - scale);
  const sum = product + (cInteger << BigInt(cScale - scale));
  // Number() rounds a BigInt to nearest, ties to even, as the processor does.
  return Number(sum) * 2 ** scale;
}

/** `value = integer * 2^scale` */
function toInteger(value: number): [integer: bigint, scale: number] {
  double[0] = Math.abs(value);
  const all = bits[0] as bigint;
  const exponent = Number(all >> 52n);
  const integer = (all & FRACTION) | (exponent === 0 ? 0n : FRACTION + 1n);
  return [value < 0 ? -integer : integer, Math.max(1, exponent) - 1075];
}
