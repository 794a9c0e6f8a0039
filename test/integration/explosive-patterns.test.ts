import { expect, it } from 'vitest';
import { startAgent } from '../support/agent.ts';

const BOMB = `${'a'.repeat(60)}!\n`;

const CONFIG = `resources:
  log:
    plugin: file-tail
    timeout: 60s
    config:
      files: [app.log]
      pattern_timeout: 20ms
      patterns:
        - {name: refers, match: '^(a+)+\\1$', metrics: [{name: refers_total, type: counter}]}
        - {name: ahead, match: '^(?=(a+)+$)a', metrics: [{name: ahead_total, type: counter}]}
        - {name: nested, match: '^(a+)+$', metrics: [{name: nested_total, type: counter}]}
        - {name: any, match: '^', metrics: [{name: any_total, type: counter}]}
  beside: {plugin: file-tail, timeout: 60s, config: {files: [app.log], patterns: [{match: '!$', metrics: [{name: bombs_total, type: counter}]}]}}
`;

it('patterns that explode are switched off and named, and everything else that they share a host with is exact', {
  timeout: 120_000,
}, async () => {
  await using run = await startAgent({
    config: CONFIG,
    files: { 'app.log': `aa\n${BOMB.repeat(5)}aaa\n${'ordinary\n'.repeat(5000)}` },
  });
  const log = { resource: 'log' };
  const off = (pattern: string) => ({ ...log, pattern });
  await run.until('the log to be read', async () => {
    const page = await run.scrape();
    return page.value('any_total', log) === 5007 && page.value('bombs_total', { resource: 'beside' }) === 5;
  });
  const page = await run.scrape();
  for (const pattern of ['refers', 'ahead']) {
    expect(page.value('file_tail_patterns_off', off(pattern))).toBe(1);
    expect(page.value('file_tail_pattern_timeouts_total', off(pattern))).toBe(3);
  }
  expect(page.value('refers_total', log)).toBe(1);
  expect(page.value('ahead_total', log)).toBe(1);
  expect(page.value('nested_total', log)).toBe(2);
  expect(page.value('file_tail_lines_total', log)).toBe(5007);
  const { state, outcome, errors } = run.status('log');
  expect({ state, outcome }).toEqual({ state: 'running', outcome: 'partial' });
  expect(errors.map(({ message }) => message)).toEqual([
    'refers is switched off, as it took longer than 20 ms on several lines; the others go on.',
    'ahead is switched off, as it took longer than 20 ms on several lines; the others go on.',
  ]);
  expect(page.value('informer_resource_up', log)).toBe(1);
  expect(page.lines('informer_host_restarts_total').filter((line) => !line.endsWith(' 0'))).toEqual([]);
});
