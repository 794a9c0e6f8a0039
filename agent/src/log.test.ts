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

  it('masks a secret that JSON writes in another way, and the lines of one that has several', () => {
    const redactor = new Redactor();
    redactor.add(['pa"ss\\word', 'first line of a key\nsecond line of a key\n']);
    expect(redactor.redact(JSON.stringify({ text: 'is pa"ss\\word' }))).toBe('{"text":"is ***"}');
    expect(redactor.redact('printed: second line of a key')).toBe('printed: ***');
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

it('writes logfmt that no key and no value can break', () => {
  const line = toLogfmt(
    JSON.stringify({ ts: 't', level: 'info', msg: 'm', 'a\nb c="': 1, esc: '\u001b[2J' }),
  );
  expect(line).toBe('ts=t level=info msg=m a_b_c__=1 esc="\\u001b[2J"');
});
