import { shown } from './report.ts';

const PLUS = 0x2b;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
/** So many digits fit a 64-bit float without loss. */
const EXACT_DIGITS = 15;

const isDigit = (code: number): boolean => code >= ZERO && code <= NINE;

/**
 * The number between two places of a text, as Prometheus reads it with Go's `strconv.ParseFloat`: decimal with an optional
 * exponent, `Inf`, `Infinity` and `NaN` in any case. Hexadecimal, underscores and what a 64-bit float can't
 * hold are no numbers. Undefined if it is none.
 */
export function readFloat(text: string, start: number, end: number): number | undefined {
  let at = start;
  const sign = text.charCodeAt(at);
  if (sign === PLUS || sign === MINUS) at++;
  const first = at;
  let whole = 0;
  for (; at < end; at++) {
    const code = text.charCodeAt(at);
    if (!isDigit(code)) break;
    whole = whole * 10 + (code - ZERO);
  }
  const digits = at - first;
  if (at === end && digits > 0 && digits <= EXACT_DIGITS) return sign === MINUS ? -whole : whole;
  const decimal = endOfDecimal(text, first, at, end);
  if (decimal !== end) return readSpecial(text, start, first, end);
  const value = Number(text.slice(start, end));
  return Number.isFinite(value) ? value : undefined;
}

/** Where the fraction and the exponent after `digitsEnd` end; -1 if there is no number before it. */
function endOfDecimal(text: string, first: number, digitsEnd: number, end: number): number {
  let at = digitsEnd;
  let digits = digitsEnd - first;
  if (at < end && text.charCodeAt(at) === DOT) {
    const fraction = ++at;
    at = endOfDigits(text, at, end);
    digits += at - fraction;
  }
  if (digits === 0) return -1;
  if (at < end && (text.charCodeAt(at) | 0x20) === 0x65) {
    at++;
    const sign = text.charCodeAt(at);
    if (at < end && (sign === PLUS || sign === MINUS)) at++;
    const exponent = at;
    at = endOfDigits(text, at, end);
    if (at === exponent) return -1;
  }
  return at;
}

function endOfDigits(text: string, from: number, end: number): number {
  let at = from;
  while (at < end && isDigit(text.charCodeAt(at))) at++;
  return at;
}

function readSpecial(text: string, start: number, unsigned: number, end: number): number | undefined {
  if (end - unsigned > 'infinity'.length) return undefined;
  const word = text.slice(unsigned, end).toLowerCase();
  if (word === 'inf' || word === 'infinity') {
    return text.charCodeAt(start) === MINUS ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  return word === 'nan' && unsigned === start ? Number.NaN : undefined;
}

/** What to do about a token that is not a number. */
export function numberFix(token: string): string {
  const short = token.slice(0, 100);
  if (/^[+-]?0[xXbBoO]/.test(short)) return 'write it in decimal';
  if (/^[+-]?\d[\d_]*$/.test(short) && short.includes('_')) return 'leave the underscores out';
  if (/^[+-]?\d+,\d+$/.test(short)) return 'write a point, not a comma';
  if (/^["']/.test(short)) return 'leave the quotes out';
  if (/^[+-]nan$/i.test(short)) return 'write NaN without a sign';
  if (/^[+-]?[\d.]+(e[+-]?\d+)?$/i.test(short) && !Number.isNaN(Number(token))) {
    return 'it is beyond what a 64-bit float can hold; write +Inf, or a value below 1.8e308';
  }
  return 'write a number, +Inf, -Inf or NaN, or leave the sample out';
}

export const notANumber = (what: string, token: string): string =>
  token === '' ? `${what} is missing` : `${what} ${shown(token)} is not a number`;
