import { expect, it } from 'vitest';
import { statusRange } from './status.ts';

it.each([
  ['2xx', [200, 299]],
  ['4XX', [400, 499]],
  [204, [204, 204]],
  ['204', [204, 204]],
  ['300-303', [300, 303]],
  ['6xx', undefined],
  ['20x', undefined],
  [99, undefined],
  [600, undefined],
  ['303-300', undefined],
  ['200 - 299', undefined],
  ['', undefined],
])('%j is %j', (entry, range) => {
  expect(statusRange(entry)).toEqual(range);
});
