import { describe, expect, it } from 'vitest';
import { formatDuration, formatSize, parseDuration, parseSize } from './units.ts';

describe('parseDuration', () => {
  it.each([
    ['250ms', 250],
    ['5s', 5_000],
    ['1.5s', 1_500],
    ['1m30s', 90_000],
    ['2h', 7_200_000],
    ['1d12h', 129_600_000],
    ['1m500ms', 60_500],
    ['1m', 60_000],
    ['0s', 0],
    ['0.1ms', 0.1],
  ])('reads %s', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it.each(['', '5', 's', '5 s', '-5s', '5S', '30s1m', '5s5s', '1e3s', '.5s', '5.s', '5sec', '5s\n'])(
    'refuses %j',
    (text) => {
      expect(() => parseDuration(text)).toThrow(
        expect.objectContaining({
          code: 'CONFIG_BAD_DURATION',
          class: 'config',
          message: `${JSON.stringify(text)} is not a duration`,
          fix: 'write a number with its unit, such as 250ms, 5s or 1m30s',
        }),
      );
    },
  );

  it.each([0, 0.5, 1, 250, 1_500, 90_000, 90_061_001, 7_200_000, 123_456_789])(
    'reads back what formatDuration writes for %d',
    (milliseconds) => {
      expect(parseDuration(formatDuration(milliseconds))).toBe(milliseconds);
    },
  );

  it('is written with its largest units', () => {
    expect([0, 500, 90_000, 86_400_000].map(formatDuration)).toEqual(['0s', '500ms', '1m30s', '1d']);
  });
});

describe('parseSize', () => {
  it.each([
    ['512B', 512],
    ['64KiB', 65_536],
    ['128MiB', 134_217_728],
    ['1.5GiB', 1_610_612_736],
    ['10KB', 10_000],
    ['10MB', 10_000_000],
    ['2GB', 2_000_000_000],
  ])('reads %s', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it.each(['', '64', '64K', '64kb', '64 MiB', '-1MiB', '1TiB'])('refuses %j', (text) => {
    expect(() => parseSize(text)).toThrow(
      expect.objectContaining({
        code: 'CONFIG_BAD_SIZE',
        class: 'config',
        message: `${JSON.stringify(text)} is not a size`,
        fix: 'write a number with its unit, such as 64KiB or 128MiB',
      }),
    );
  });

  it('is written in the largest unit that leaves a whole number', () => {
    expect([0, 1023, 65_536, 10_000_000, 2 ** 31].map(formatSize)).toEqual([
      '0B',
      '1023B',
      '64KiB',
      '10MB',
      '2GiB',
    ]);
  });
});
