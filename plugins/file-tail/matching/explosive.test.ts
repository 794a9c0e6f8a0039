import { appendFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { systemClock } from '@dynamic-informer/sdk';
import { openForTest } from '@dynamic-informer/sdk/testing';
import { describe, expect, it } from 'vitest';
import plugin from '../index.ts';
import { NUMBERED, sumUpTo, temporaryFolder } from '../test/support.ts';

const counting = (name: string, match: string) => ({ match, metrics: [{ name, type: 'counter' }] });
const numbered = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => `line ${from + at} of append with ünïcode\n`).join('');
const BOMB = `${'a'.repeat(60)}!\n`;
const COLLECT = { timeoutMs: 60_000 };

describe('a pattern that explodes', () => {
  const cases: [kind: string, match: string, harmless: string][] = [
    ['that refers to a group', '^(a+)+\\1$', 'aa\n'],
    ['that looks ahead', '^(?=(a+)+$)a', 'a\n'],
    ['that repeats often', '^(?:a{1,17})+$', 'a\n'],
  ];
  for (const [kind, match, harmless] of cases) {
    it(`${kind} loses that line, and all others count, its own too`, { timeout: 60_000 }, async () => {
      await using folder = await temporaryFolder();
      const file = path.join(folder.path, 'app.log');
      writeFileSync(file, harmless + numbered(1, 700) + BOMB + harmless + numbered(701, 1000));
      const patterns = [counting('risky_total', match), ...NUMBERED, counting('bombs_total', '!$')];
      await using collector = await openForTest(plugin, { files: [file], patterns, pattern_timeout: '10ms' });
      const { value, outcome } = await collector.collect(COLLECT);
      expect(outcome).toBe('ok');
      expect(value('risky_total')).toBe(2);
      expect(value('lines_total', { mode: 'append' })).toBe(1000);
      expect(value('numbers_total', { mode: 'append' })).toBe(sumUpTo(1000));
      expect(value('bombs_total')).toBe(1);
      expect(value('file_tail_pattern_timeouts_total', { pattern: 'patterns[0]' })).toBe(1);
      expect(value('file_tail_patterns_off', { pattern: 'patterns[0]' })).toBe(0);
      expect(value('file_tail_unmatched_lines_total')).toBe(0);
      expect(collector.logs).toMatchObject([
        {
          level: 'warn',
          message: `${file}: patterns[0] did not end within 10 ms on a line of 61 characters, which counts as not matched by it: "${BOMB.trim()}"`,
        },
      ]);
    });
  }

  it('again and again is switched off and named; the others go on', { timeout: 60_000 }, async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'app.log');
    let skipped = 0;
    const clock = { ...systemClock, monotonic: () => performance.now() + skipped };
    const patterns = [...NUMBERED, counting('risky_total', '^(a+)+\\1$')];
    const config = { files: [file], patterns, pattern_timeout: '10ms' };
    const off = { pattern: 'patterns[1]' };
    writeFileSync(file, BOMB + BOMB);
    await using collector = await openForTest(plugin, config, { clock });
    expect((await collector.collect(COLLECT)).value('file_tail_patterns_off', off)).toBe(0);
    skipped = 6 * 60_000;
    appendFileSync(file, `${BOMB}aa\n`);
    const later = await collector.collect(COLLECT);
    expect(later.value('file_tail_patterns_off', off)).toBe(0);
    expect(later.outcome).toBe('ok');
    appendFileSync(file, BOMB + BOMB + BOMB + numbered(1, 500));
    const { value, outcome, errors } = await collector.collect(COLLECT);
    expect(outcome).toBe('partial');
    expect(errors).toMatchObject([
      {
        code: 'CONFIG_INVALID',
        class: 'config',
        message:
          'patterns[1] is switched off, as it took longer than 10 ms on several lines; the others go on.',
      },
    ]);
    expect(value('file_tail_patterns_off', off)).toBe(1);
    expect(value('file_tail_pattern_timeouts_total', off)).toBe(5);
    expect(value('risky_total')).toBe(1);
    expect(value('lines_total', { mode: 'append' })).toBe(500);
    expect(value('numbers_total', { mode: 'append' })).toBe(sumUpTo(500));
    expect(collector.logs.filter(({ level }) => level === 'error')).toHaveLength(1);
  });

  it('only where it backtracks is matched by the linear engine', { timeout: 60_000 }, async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'app.log');
    writeFileSync(file, BOMB.repeat(50) + numbered(1, 500) + BOMB);
    const patterns = [
      ...NUMBERED,
      counting('nested_total', '^(a+)+$'),
      counting('bombs_total', '^(?:(a+a+)+z|(a+)+!)$'),
    ];
    await using collector = await openForTest(plugin, { files: [file], patterns });
    const { value, outcome } = await collector.collect(COLLECT);
    expect(outcome).toBe('ok');
    expect(value('nested_total')).toBe(0);
    expect(value('bombs_total')).toBe(51);
    expect(value('numbers_total', { mode: 'append' })).toBe(sumUpTo(500));
    expect(value('file_tail_patterns_off')).toBeUndefined();
  });
});
