import { describe, expect, it } from 'vitest';
import { isMemoryRefusal, MemoryBudget, wallBytes } from './memory-budget.ts';

const MiB = 1024 * 1024;
const usage = (privateMiB: number, dataMiB: number) => ({
  cpuSeconds: 0,
  residentBytes: (privateMiB + 45) * MiB,
  privateBytes: privateMiB * MiB,
  dataBytes: dataMiB * MiB,
});

describe('the memory budget of a host, 64 MiB beyond an empty one of 20 MiB', () => {
  const budget = new MemoryBudget(64 * MiB, usage(20, 600));

  it.each([
    ['nothing', usage(20, 600), undefined],
    ['less than an empty one', usage(15, 500), undefined],
    ['all of it', usage(84, 664), undefined],
    ['more than it', usage(85, 664), { bytes: 65 * MiB, kind: 'used' }],
    ['more than it, and more requested', usage(85, 670), { bytes: 70 * MiB, kind: 'requested' }],
    ['half-way to the limit requested and not used', usage(20, 600 + 64 + 48), undefined],
    ['more than that', usage(20, 600 + 64 + 49), { bytes: 113 * MiB, kind: 'requested' }],
  ])('%s', (_name, now, excess) => {
    expect(budget.excess(now)).toEqual(excess);
  });

  it.each([
    ['nearly empty', usage(30, 620), false],
    ['half in use', usage(52, 632), true],
  ])('a refusal when it is %s', (_name, now, explains) => {
    expect(budget.explainsRefusal(now)).toBe(explains);
  });
});

it('the limit that the kernel keeps lies above the budget', () => {
  expect(wallBytes(64 * MiB)).toBe(160 * MiB);
  expect(wallBytes(1024 * MiB)).toBe(1280 * MiB);
});

it.each([
  ['Array buffer allocation failed', true],
  ['Failed to allocate memory', true],
  ['WebAssembly.Memory(): could not allocate memory', true],
  ['WebAssembly.Memory.grow(): Unable to grow instance memory', true],
  ['spawn ENOMEM', true],
  ['WebAssembly.Memory.grow(): Maximum memory size exceeded', false],
  ['Invalid typed array length: -1', false],
  ["OOM command not allowed when used memory > 'maxmemory'.", false],
])('%s: refused by the kernel is %s', (message, isRefusal) => {
  expect(isMemoryRefusal(message)).toBe(isRefusal);
});
