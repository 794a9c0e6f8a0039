import type { TailPattern } from './patterns.ts';
import { type SeriesValues, seriesName } from './series.ts';

// How often each line was counted can be read from counters alone: lines are taken together in blocks, each line of
// a block has a weight of its own, and the sum of the weights is a number in base 8 whose digits say it. With 17 digits it stays
// below 2^53, up to where a counter is exact.
const BASE = 8;
const BLOCK_LINES = 17;

const LINES = 'numbered_lines_total';
const WEIGHTS = 'numbered_weights_total';
/** All lines are equally long, so that a log can be rewritten to the same size, and end alike, as those of one browser do. */
const LENGTH = 120;

/** The line of that number, from 0. `log` tells logs apart. */
export function numberedLine(log: string, number: number): string {
  const weight = BASE ** (number % BLOCK_LINES);
  const text = `${log} line ${number} block ${Math.floor(number / BLOCK_LINES)} weight ${weight} `;
  return `${text.padEnd(LENGTH, 'x')}\n`;
}

export const NUMBERED: readonly TailPattern[] = [
  {
    match: '^(?<log>[a-z-]+) line \\d+ block (?<block>\\d+) weight (?<weight>\\d+) x+$',
    metrics: [
      { name: LINES, type: 'counter', labels: { log: 'log' } },
      { name: WEIGHTS, type: 'counter', value: 'weight', labels: { log: 'log', block: 'block' } },
    ],
  },
];

export interface Counted {
  /** Lines that were not counted. */
  readonly lost: number;
  /** How many times a line was counted that had been counted already. */
  readonly again: number;
}

/** What became of the first so many lines of a log. @throws if the counters do not go together */
export function countedOf(values: SeriesValues, log: string, written: number): Counted {
  let lost = 0;
  let again = 0;
  for (let first = 0; first < written; first += BLOCK_LINES) {
    let weights = values.get(seriesName(WEIGHTS, { log, block: String(first / BLOCK_LINES) })) ?? 0;
    const lines = Math.min(BLOCK_LINES, written - first);
    for (let i = 0; i < lines; i++) {
      const times = weights % BASE;
      weights = (weights - times) / BASE;
      if (times === 0) lost++;
      else again += times - 1;
    }
    if (weights > 0)
      throw new Error(`${log}: lines from ${first} on were counted too often to tell how often.`);
  }
  const total = values.get(seriesName(LINES, { log })) ?? 0;
  if (written - lost + again !== total) {
    throw new Error(
      `${log}: of ${written} lines ${lost} are missing and ${again} too many, but ${total} were counted.`,
    );
  }
  return { lost, again };
}
