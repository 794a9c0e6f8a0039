import { setFlagsFromString } from 'node:v8';

/**
 * How often an expression may backtrack on a line before V8's linear engine takes it over: 0.2 ms, and more than any
 * line needs that is not made to hurt.
 */
const MAX_BACKTRACKS = 50_000;

// Of this process, once and for good: V8 takes an expression up with the flags of the moment in which it is made, and
// ends the process if they have been taken back when the expression needs them.
setFlagsFromString('--enable-experimental-regexp-engine');
setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');
setFlagsFromString(`--regexp-backtracks-before-fallback=${MAX_BACKTRACKS}`);

/** Why an expression can not run in linear time, and how to say the same so that it can. */
export interface Obstacle {
  readonly what: string;
  readonly instead: string;
}

/**
 * What keeps V8's linear engine from running a valid expression: such a one can take time that grows with a power of
 * the text's length, or exponentially. Undefined for one that can't, whatever text it is run on: as soon as it
 * backtracks too much, the linear engine runs it. That is so for expressions that are made after this module was loaded.
 */
export function obstacleOf(expression: string): Obstacle | undefined {
  try {
    new RegExp(expression, 'l');
    return undefined;
  } catch {
    return OBSTACLES.find(({ sign }) => sign.test(withoutEscapes(expression))) ?? OTHER_OBSTACLE;
  }
}

/** What is wrong with an expression that has to run in linear time, as nothing would end it. */
export function linearProblem(expression: string): { message: string; fix: string } | undefined {
  const obstacle = obstacleOf(expression);
  return (
    obstacle && {
      message: `can take very long on some texts, as V8's linear engine can't run it: it has ${obstacle.what}`,
      fix: obstacle.instead,
    }
  );
}

/** The linear engine takes repetitions that are written out, and no more of them than this, nested ones multiplied. */
const MAX_REPETITIONS = 16;

const OBSTACLES: readonly (Obstacle & { readonly sign: RegExp })[] = [
  {
    sign: /\\[1-9k]/,
    what: 'a reference to a group',
    instead: 'write out what the group can be',
  },
  {
    sign: /\(\?[=!]/,
    what: 'a look ahead',
    instead: 'match what is there instead, such as [^x] for "no x", or ask in "when"',
  },
  {
    sign: /\(\?[a-z]*i[a-z]*(?:-[a-z]*)?:/,
    what: 'a part that ignores case',
    instead: 'write the letters of both cases, such as [Ee]rror',
  },
  {
    sign: /\(\?<[=!].*\(/,
    what: 'a group in a look behind',
    instead: 'write (?:…) in the look behind',
  },
  {
    sign: /\{\d+(?:,\d*)?\}/,
    what: `a part that is repeated more than ${MAX_REPETITIONS} times, nested repetitions multiplied`,
    instead: 'write + or *, or fewer repetitions one after another, such as x{16}x{16} for x{32}',
  },
];

const OTHER_OBSTACLE: Obstacle = {
  what: "something that V8's linear engine does not know",
  instead: 'try it in parts to see which',
};

/** The expression without escapes, but for references to groups, and without what stands in classes. */
function withoutEscapes(expression: string): string {
  return expression.replace(/\\([1-9k])|\\.|\[(?:\\.|[^\\\]])*\]/gs, (_, reference?: string) =>
    reference === undefined ? '.' : `\\${reference}`,
  );
}
