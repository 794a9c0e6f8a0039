import { format } from 'node:util';
import { misuse } from './misuse.ts';

/** The error for a value that is no number, in prom-client's words: `what` is "Value" or "Delta". */
export function notANumber(what: 'Value' | 'Delta', value: unknown, metric: string): Error {
  return misuse(TypeError, `${what} is not a valid number: ${format(value)}, for the metric "${metric}".`, {
    code: 'PLUGIN_NOT_A_NUMBER',
    fix: 'Give a finite number.',
  });
}

/** Starts a stopwatch: the function gives the seconds since. */
export function stopwatch(): () => number {
  const start = performance.now();
  return () => (performance.now() - start) / 1000;
}
