import { writeBelowOne, writePositional, writeScientific } from './layout.ts';

// The shortest digits that read back as the same double, and of those the closest to it: Raffaello
// Giulietti's Schubfach ("The Schubfach way to render doubles", 2020), with the 128-bit integers that
// JavaScript lacks replaced by pairs of doubles.
//
// A double is c × 2^q with c below 2^53, and every real number less than half of 2^q away reads back as it.
// Scaled by 10^-k, where 10^k ≤ 2^q < 10^(k+1), that neighbourhood is at least one and less than ten units
// wide. So it holds one multiple of ten at most, and if it holds one, that is the shortest (with its zeros
// taken off); else no shorter number than an integer will do, and the nearest one lies inside.
//
// The scaled value has up to 17 digits, too many for a double: it is kept as an integer multiple of 10^8 and
// a rest. Its error is below 2^-46 of a unit. Where a comparison is closer than DOUBT, a million times that,
// the value is left to JavaScript's own conversion, which is slower and always right. That is fewer than one
// in ten million of the values with 16 or 17 digits; exact ties, rare below 2^40; the powers of two, whose
// lower neighbour is nearer; and what lies so far out that the error terms would leave the range of doubles.

/** What `writeShortest` gives, with nothing written that counts, when it leaves a value to others. */
export const UNDECIDED = -1;

const DOUBT = 2 ** -26;
const EXPONENT_BIAS = 1023;
const LARGEST_EXPONENT = 900;

// One store and two loads give a double's bits. The value comes in the same way: as an argument it would
// have to be boxed on the heap, for the function is too large to be inlined.
const bits = new DataView(new ArrayBuffer(8));

/** Says which value the next `writeShortest` is to write. */
export function setValue(value: number): void {
  bits.setFloat64(0, value, true);
}

/** Multiplied with a double it gives half of its bits, for products without error (Veltkamp, Dekker). */
const SPLITTER = 2 ** 27 + 1;

/**
 * For each biased exponent of a double: the scale 10^-k as the sum of three doubles, the first two of which
 * have at most 26 bits, and half the width of the neighbourhood, scaled. Filled in when first asked for.
 */
const scales = new Float64Array(4 * 2048);

/** k for a biased exponent: ⌊q × log10(2)⌋, where q is the exponent of the double's last bit. */
const decimalExponent = (biased: number): number => ((biased - EXPONENT_BIAS - 52) * 315_653) >> 20;

function fillScale(biased: number): void {
  const k = decimalExponent(biased);
  // 10^-k × 2^shift, exact or with more than 150 bits.
  const shift = k > 0 ? 1000 : 0;
  const fixed = k > 0 ? (1n << 1000n) / 10n ** BigInt(k) : 10n ** BigInt(-k);
  const nearest = Number(fixed);
  const scale = nearest * 2 ** -shift;
  const split = scale * SPLITTER;
  const head = split - (split - scale);
  scales[4 * biased] = head;
  scales[4 * biased + 1] = scale - head;
  scales[4 * biased + 2] = Number(fixed - BigInt(nearest)) * 2 ** -shift;
  scales[4 * biased + 3] = scale * 2 ** (biased - EXPONENT_BIAS - 53);
}

/** Writes the positive value that `setValue` got; gives the position behind it, or UNDECIDED. */
export function writeShortest(view: DataView, at: number): number {
  const value = bits.getFloat64(0, true);
  const highWord = bits.getUint32(4, true);
  const biased = highWord >>> 20;
  const isPowerOfTwo = ((highWord & 0xfffff) | bits.getUint32(0, true)) === 0;
  if (Math.abs(biased - EXPONENT_BIAS) > LARGEST_EXPONENT || isPowerOfTwo) return UNDECIDED;

  const entry = 4 * biased;
  if (scales[entry] === 0) fillScale(biased);
  const scaleHead = scales[entry] as number;
  const scaleTail = scales[entry + 1] as number;
  const scaleRest = scales[entry + 2] as number;
  const halfWidth = scales[entry + 3] as number;

  // Dekker's product: `product` + `error` is value × (scaleHead + scaleTail) to the last bit.
  const split = value * SPLITTER;
  const head = split - (split - value);
  const tail = value - head;
  const product = value * (scaleHead + scaleTail);
  const error = head * scaleHead - product + head * scaleTail + tail * scaleHead + tail * scaleTail;
  const correction = error + value * scaleRest;

  // The scaled value is upper × 10^8 + base + correction, where base is an integer: all without error, for
  // an integer below 2^30 times 10^8 has no more than 53 bits that count.
  const upper = Math.floor(product * 1e-8);
  const base = product - upper * 1e8;
  const nearest = Math.floor(correction + 0.5);
  const tenfold = Math.floor((base + correction) * 0.1 + 0.5) * 10;
  const margin = Math.abs(base - tenfold + correction) - halfWidth;
  if (Math.abs(margin) < DOUBT || Math.abs(correction - nearest) > 0.5 - DOUBT) return UNDECIDED;

  // Which of the two it is is a coin toss, and a branch that is guessed wrong costs more than this mask.
  const takeTenfold = -Number(margin < 0);
  const integer = (base + nearest) | 0;
  let high = upper | 0;
  let low = integer + (((tenfold | 0) - integer) & takeTenfold);
  // `upper` comes from a rounded product, and may be one off.
  if (low < 0) {
    low += 100_000_000;
    high--;
  } else if (low >= 100_000_000) {
    low -= 100_000_000;
    high++;
  }
  const k = decimalExponent(biased);
  if (value >= 1e6 || value < 1e-4) return writeScientific(view, at, high, low, k);
  return value >= 1
    ? writePositional(view, at, value | 0, high, low, k)
    : writeBelowOne(view, at, high, low, k);
}
