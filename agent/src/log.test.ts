import { describe, expect, it } from 'vitest';
import { Redactor, toLogfmt } from './log.ts';

describe('Redactor', () => {
  it('masks secrets wherever they stand, and passwords inside URLs', () => {
    const redactor = new Redactor();
    redactor.add(['hunter22', 'abc']);
    expect(redactor.redact('login hunter22 at redis://user:pa55@host:6379/0 abc')).toBe(
      'login *** at redis://user:***@host:6379/0 abc',
    );
  });

  it.each([
    ['postgres://informer:p%40ss@db/x', 'postgres://informer:***@db/x'],
    ['redis://:secret@host', 'redis://:***@host'],
    ['http://host:8080/path@x', 'http://host:8080/path@x'],
  ])('%s', (url, masked) => {
    expect(new Redactor().redact(url)).toBe(masked);
  });
});

it('writes logfmt that reads back', () => {
  const line = toLogfmt(
    JSON.stringify({ ts: 't', level: 'info', msg: 'it "works"', n: 3, list: ['a'], empty: '' }),
  );
  expect(line).toBe('ts=t level=info msg="it \\"works\\"" n=3 list="[\\"a\\"]" empty=""');
});
