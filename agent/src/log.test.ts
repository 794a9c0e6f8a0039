import { expect, it } from 'vitest';
import { toLogfmt } from './log.ts';

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
