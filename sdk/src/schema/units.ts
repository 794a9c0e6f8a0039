import { configError } from '../errors.ts';

const NUMBER = String.raw`(\d+(?:\.\d+)?)`;
/** What `parseDuration` reads, for schemas. */
export const DURATION_PATTERN = `^(?=.)(?:${NUMBER}d)?(?:${NUMBER}h)?(?:${NUMBER}m(?!s))?(?:${NUMBER}s)?(?:${NUMBER}ms)?$`;
const DURATION = new RegExp(DURATION_PATTERN);
const DURATION_UNITS: readonly (readonly [unit: string, milliseconds: number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
];

/** What `parseSize` reads, for schemas. */
export const SIZE_PATTERN = `^${NUMBER}(B|KB|KiB|MB|MiB|GB|GiB)$`;
const SIZE = new RegExp(SIZE_PATTERN);
const SIZE_UNITS: ReadonlyMap<string, number> = new Map([
  ['GiB', 2 ** 30],
  ['MiB', 2 ** 20],
  ['KiB', 2 ** 10],
  ['GB', 1e9],
  ['MB', 1e6],
  ['KB', 1e3],
  ['B', 1],
]);

export const DURATION_EXAMPLE = 'write a number with its unit, such as 250ms, 5s or 1m30s';
export const SIZE_EXAMPLE = 'write a number with its unit, such as 64KiB or 128MiB';

/**
 * Reads a duration such as `250ms`, `5s`, `1.5s` or `1m30s`, larger units first.
 * @returns milliseconds
 * @throws a config error
 */
export function parseDuration(text: string): number {
  const match = DURATION.exec(text);
  if (!match) {
    const code = 'CONFIG_BAD_DURATION';
    throw configError(`${JSON.stringify(text)} is not a duration`, { code, fix: DURATION_EXAMPLE });
  }
  let total = 0;
  for (const [index, [, milliseconds]] of DURATION_UNITS.entries()) {
    total += Number(match[index + 1] ?? 0) * milliseconds;
  }
  return withoutNoise(total);
}

/** Writes milliseconds as `parseDuration` reads them: `1m30s`, `500ms`, `0s`. */
export function formatDuration(milliseconds: number): string {
  let rest = milliseconds;
  let text = '';
  for (const [unit, size] of DURATION_UNITS) {
    const count = unit === 'ms' ? withoutNoise(rest) : Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text || '0s';
}

/**
 * Reads a size such as `64KiB`, `1.5GiB` (powers of 1024) or `10MB` (powers of 1000).
 * @returns whole bytes
 * @throws a config error
 */
export function parseSize(text: string): number {
  const [, amount, unit = 'B'] = SIZE.exec(text) ?? [];
  if (amount === undefined) {
    throw configError(`${JSON.stringify(text)} is not a size`, {
      code: 'CONFIG_BAD_SIZE',
      fix: SIZE_EXAMPLE,
    });
  }
  return Math.round(Number(amount) * (SIZE_UNITS.get(unit) ?? 1));
}

/** Writes bytes in the largest unit that leaves a whole number: `64KiB`, `10MB`, `1023B`. */
export function formatSize(bytes: number): string {
  for (const [unit, size] of SIZE_UNITS) {
    if (bytes > 0 && bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return `${bytes}B`;
}

/** To a thousandth: what the product of a decimal and a unit adds beyond that is noise. */
const withoutNoise = (milliseconds: number): number => Math.round(milliseconds * 1000) / 1000;
