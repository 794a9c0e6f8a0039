import type { Captures } from '../patterns/extractor.ts';
import { cpuMs, endsWithin } from './time-limit.ts';

/** An expression and the texts that it is run on; one that is not there matches nothing. */
export interface Task<P> {
  readonly pattern: P;
  readonly regex: RegExp;
  readonly texts: readonly (string | undefined)[];
  /** What it captured in each of the texts; null where it does not match, or took too long. */
  readonly found: (Captures | null)[];
}

export type TooLong<P> = (
  pattern: P,
  /** The index of the text. */
  at: number,
  /** It is certain that the expression needs more than the limit; else this thread was kept from running it for so long. */
  certain: boolean,
) => 'go on' | 'leave out';

/** Clocks differ, and what precedes a text in its batch takes a part of the limit. */
const TOLERANCE = 0.9;
/** How many times the limit a thread is given by the wall clock to use it up, if it gets little of the CPU. */
const MOST_PATIENCE = 16;

/**
 * Runs expressions that may never end over texts, each for at most a limit of CPU time on each text. Whenever one is
 * interrupted, nothing has been done but matching. `tooLong` says whether that expression is to be run on the others.
 */
export function matchWithin<P>(limitMs: number, tasks: readonly Task<P>[], tooLong: TooLong<P>): void {
  let turn = 0;
  let at = 0;
  let began = 0;
  const matchOn = (): void => {
    for (; turn < tasks.length; turn++, at = 0) {
      const { regex, texts, found } = tasks[turn] as Task<P>;
      for (; at < texts.length; at++) {
        const text = texts[at];
        if (text === undefined) continue;
        began = performance.now();
        found[at] = regex.exec(text);
      }
    }
  };
  for (;;) {
    const wallBefore = performance.now();
    began = wallBefore;
    const cpuBefore = cpuMs();
    if (endsWithin(limitMs, matchOn) || turn >= tasks.length) return;
    const { pattern, regex, texts, found } = tasks[turn] as Task<P>;
    if (at >= texts.length) continue;
    const text = texts[at] as string;
    const certainCpuMs = cpuMs() - cpuBefore - (began - wallBefore);
    const alone = certainCpuMs >= limitMs * TOLERANCE ? 'too long' : matchAlone(limitMs, regex, text);
    if (typeof alone === 'object') found[at] = alone;
    else if (tooLong(pattern, at, alone === 'too long') === 'leave out') at = texts.length;
    at++;
  }
}

/** Runs an expression on one text until it has had the limit of CPU time, or nearly. */
function matchAlone(limitMs: number, regex: RegExp, text: string): Captures | null | 'too long' | 'starved' {
  let found: Captures | null = null;
  for (let wallMs = limitMs; wallMs <= limitMs * MOST_PATIENCE; wallMs *= 2) {
    const before = cpuMs();
    const match = () => {
      found = regex.exec(text);
    };
    if (endsWithin(wallMs, match)) return found;
    if (cpuMs() - before >= limitMs * TOLERANCE) return 'too long';
  }
  return 'starved';
}
