import { expect, it } from 'vitest';
import { RecentLog } from './recent-log.ts';
import { Redactor } from './redactor.ts';

function filled(lines: Iterable<readonly [message: string, fields?: Record<string, unknown>]>): RecentLog {
  const log = new RecentLog(new Redactor());
  for (const [message, fields = {}] of lines) log.add('info', message, fields);
  return log;
}

const messages = (log: RecentLog, query = {}) => log.lines(query).map(({ message }) => message);

it('keeps the last lines of everything, and the last of each resource', () => {
  const log = filled([
    ['quiet one', { resource: 'quiet' }],
    ...Array.from({ length: 600 }, (_, n) => [`line ${n}`, { resource: 'loud' }] as const),
  ]);
  expect(messages(log)).toHaveLength(500);
  expect(messages(log).at(-1)).toBe('line 599');
  expect(messages(log, { resource: 'loud' })).toHaveLength(50);
  expect(messages(log, { resource: 'quiet' })).toEqual(['quiet one']);
  expect(messages(log, { resource: 'nobody' })).toEqual([]);
});

it('gives the newest last, as many as are asked for, and none that are less severe', () => {
  const log = new RecentLog(new Redactor());
  for (const level of ['error', 'info', 'debug', 'warn'] as const) log.add(level, `at ${level}`, { n: 1 });
  expect(messages(log, { level: 'warn' })).toEqual(['at error', 'at warn']);
  expect(messages(log, { limit: 2 })).toEqual(['at debug', 'at warn']);
  expect(log.lines({ limit: 1 })).toEqual([
    { at: expect.any(Number), level: 'warn', message: 'at warn', fields: { n: 1 } },
  ]);
});

it('masks what has become known as a secret after it was logged', () => {
  const redactor = new Redactor();
  const log = new RecentLog(redactor);
  log.add('info', 'it says hunter22', { detail: { deep: ['hunter22'] } });
  redactor.add(['hunter22']);
  expect(log.lines()[0]).toMatchObject({ message: 'it says ***', fields: { detail: { deep: ['***'] } } });
});

it('cuts what is long, and stays below a megabyte for a thousand resources that say a lot', () => {
  const long = 'x'.repeat(5_000);
  const log = filled(
    Array.from({ length: 20_000 }, (_, n) => [long, { resource: `r${n % 1000}`, a: long, b: long }] as const),
  );
  const [line] = log.lines({ limit: 1 });
  expect(line?.message).toMatch(/^x{1000}…$/);
  expect(JSON.stringify(line?.fields).length).toBeLessThan(1_100);
  const names = Array.from({ length: 1000 }, (_, n) => `r${n}`);
  const own = names.reduce((sum, resource) => sum + JSON.stringify(log.lines({ resource })).length, 0);
  expect(own + JSON.stringify(log.lines()).length).toBeLessThan(1024 * 1024);
});

it('takes room from who says the most', () => {
  const long = 'x'.repeat(900);
  const log = filled([
    ['what matters', { resource: 'quiet' }],
    ...Array.from({ length: 5_000 }, (_, n) => [long, { resource: `r${n % 20}` }] as const),
  ]);
  expect(messages(log, { resource: 'quiet' })).toEqual(['what matters']);
});
