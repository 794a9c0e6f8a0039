/** What a number is in. One of it is `times / per` of the base unit, one of the two being 1, so that `12ms` is 0.012 to the last digit. */
interface Unit {
  readonly base: 'seconds' | 'bytes' | 'ratio';
  readonly times: number;
  readonly per: number;
}

/** Reads the number that a text holds, in base units; NaN if it holds none. */
export type ReadNumber = (text: string) => number;

const seconds = (times: number, per = 1): Unit => ({ base: 'seconds', times, per });
const bytes = (times: number): Unit => ({ base: 'bytes', times, per: 1 });

/** The units that a configuration may name; a number in a line may carry them too. */
const UNITS = {
  ns: seconds(1, 1e9),
  us: seconds(1, 1e6),
  ms: seconds(1, 1e3),
  s: seconds(1),
  m: seconds(60),
  h: seconds(3600),
  d: seconds(86_400),
  B: bytes(1),
  KB: bytes(1e3),
  MB: bytes(1e6),
  GB: bytes(1e9),
  TB: bytes(1e12),
  KiB: bytes(2 ** 10),
  MiB: bytes(2 ** 20),
  GiB: bytes(2 ** 30),
  TiB: bytes(2 ** 40),
  '%': { base: 'ratio', times: 1, per: 100 },
} as const satisfies Record<string, Unit>;

export type UnitName = keyof typeof UNITS;

/** Written in lines, beside the names in `UNITS`. The letter of "µs" has two code points. */
const SPELLINGS: ReadonlyMap<string, Unit> = new Map<string, Unit>([
  ...Object.entries(UNITS),
  ['\u00b5s', UNITS.us],
  ['\u03bcs', UNITS.us],
  ['min', UNITS.m],
  ['kB', UNITS.KB],
]);

/** No number with its unit is longer; it bounds what the expressions below look at. */
const MAX_LENGTH = 64;
const NUMBER = String.raw`(\d+(?:\.\d*)?|\.\d+)`;
const QUANTITY = new RegExp(`^([+-]?)${NUMBER}((?:[eE][+-]?\\d+)?)[ ]?([A-Za-zµμ%]*)$`);
const HEXADECIMAL = /^0[xX][\dA-Fa-f]+$/;
const COMPOUND = new RegExp(`^([+-]?)((?:${NUMBER}(?:d|h|min|ms|m|us|µs|μs|ns|s) ?){2,})$`);
const COMPOUND_PART = new RegExp(`${NUMBER}([a-zµμ]+)`, 'g');

/** Reads numbers of which those without a unit are in this one; without one they are taken as they are. */
export function numberReader(unitName: UnitName | undefined): ReadNumber {
  if (unitName === undefined) {
    return (text) => {
      const number = plainNumber(text);
      return number >= 0 ? number : anyNumber(text, undefined);
    };
  }
  const unit: Unit = UNITS[unitName];
  const { times, per } = unit;
  return (text) => {
    const number = plainNumber(text);
    return number >= 0 ? (number * times) / per : anyNumber(text, unit);
  };
}

const POWERS_OF_TEN = Array.from({ length: 16 }, (_, exponent) => 10 ** exponent);

/**
 * The number that a text of digits and perhaps a point holds, or -1 for every other text. With at most 15 digits the digits
 * and the power of ten are exact, so that their quotient is the nearest number there is; several times as fast as `Number`.
 */
function plainNumber(text: string): number {
  const { length } = text;
  if (length > 15) return -1;
  let digits = 0;
  let point = -1;
  for (let at = 0; at < length; at++) {
    const code = text.charCodeAt(at);
    if (code >= 48 && code <= 57) digits = digits * 10 + code - 48;
    else if (code === 46 && point < 0) point = at;
    else return -1;
  }
  if (point < 0) return length > 0 ? digits : -1;
  return length > 1 ? digits / (POWERS_OF_TEN[length - 1 - point] as number) : -1;
}

function anyNumber(text: string, unit: Unit | undefined): number {
  const trimmed = text.trim();
  if (trimmed.length > MAX_LENGTH) return Number.NaN;
  const match = QUANTITY.exec(trimmed);
  if (match === null)
    return HEXADECIMAL.test(trimmed) ? inUnit(Number(trimmed), unit) : compound(trimmed, unit);
  const [, sign = '', digits = '', exponent = '', spelling = ''] = match;
  const number = Number(sign + digits + exponent);
  if (spelling === '') return inUnit(number, unit);
  const own = SPELLINGS.get(spelling);
  return own !== undefined && fits(own, unit) ? inUnit(number, own) : Number.NaN;
}

/** Durations of several parts, the largest first: `1h2m3.5s`, `1min 3s`. */
function compound(text: string, unit: Unit | undefined): number {
  const match = COMPOUND.exec(text);
  if (match === null || !fits(UNITS.s, unit)) return Number.NaN;
  let total = 0;
  let last = Number.POSITIVE_INFINITY;
  for (const [, digits, spelling = ''] of (match[2] ?? '').matchAll(COMPOUND_PART)) {
    const part = SPELLINGS.get(spelling);
    const size = part === undefined ? last : part.times / part.per;
    if (size >= last) return Number.NaN;
    total += inUnit(Number(digits), part);
    last = size;
  }
  return match[1] === '-' ? -total : total;
}

/** A size where a duration was expected is no number of the metric's. */
const fits = (own: Unit, expected: Unit | undefined): boolean =>
  expected === undefined || expected.base === own.base;

const inUnit = (number: number, unit: Unit | undefined): number =>
  unit === undefined ? number : (number * unit.times) / unit.per;
