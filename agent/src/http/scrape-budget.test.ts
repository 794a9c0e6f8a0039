import { expect, it } from 'vitest';
import { scrapeBudgetMs } from './scrape-budget.ts';

it.each([
  ['10', 500, 9_500],
  ['2.5', 500, 2_000],
  // The offset is at most half of what the scraper allows.
  ['0.5', 500, 250],
  [undefined, 500, 9_500],
  ['0', 500, 9_500],
  ['soon', 500, 9_500],
  ['Infinity', 500, 9_500],
])('of %s s, less %d ms, are %d ms', (header, offset, budget) => {
  expect(scrapeBudgetMs(header, offset)).toBe(budget);
});
