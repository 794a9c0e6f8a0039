import fc from 'fast-check';
import { expect, it } from 'vitest';
import { eitherCase } from './either-case.ts';
import { obstacleOf } from './linear.ts';

const piece = fc.constantFrom(
  ...[
    'a',
    'B',
    'z',
    '1',
    '-',
    ' ',
    '.',
    '\\w',
    '\\d',
    '\\b',
    '\\.',
    '[a-c]',
    '[^bZ]',
    '[0-a]',
    '[-x]',
    '[Q-]',
  ],
  ...['(?:ab)', '(B|c)', '(?<Name>x)?', '(?<!a)', 'b*?', 'a+', 'z{1,2}', '[\\]b]', '[\\d-a]', '[+--]'],
);

it('matches and captures what the flag i does, in linear time', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(piece, { minLength: 1, maxLength: 6 }),
      fc.stringMatching(/^[abcxzABCXZq1\-. \]]{0,12}$/),
      (pieces, text) => {
        const expression = pieces.join('');
        const written = eitherCase(expression) ?? expect.unreachable(expression);
        expect(obstacleOf(written)).toBeUndefined();
        expect([...(new RegExp(written).exec(text) ?? [])]).toEqual([
          ...(new RegExp(expression, 'i').exec(text) ?? []),
        ]);
      },
    ),
    { numRuns: 2000 },
  );
});

it('does not try more than plain ASCII', () => {
  for (const expression of ['ü', '\\u0041', '(a)\\1', '(?-i:a)'])
    expect(eitherCase(expression)).toBeUndefined();
});
