// Numbers and times in words.

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `12 s`, `3 min`, `2 h`, `5 days`: one unit, rounded down, so that it never says more than has passed. */
export function spanWords(ms: number): string {
  const span = Math.max(0, ms);
  if (span < 2 * MINUTE) return `${Math.floor(span / SECOND)} s`;
  if (span < 2 * HOUR) return `${Math.floor(span / MINUTE)} min`;
  if (span < 2 * DAY) return `${Math.floor(span / HOUR)} h`;
  return `${Math.floor(span / DAY)} days`;
}

/** `12 s ago`, `now`, `in 3 min`. */
export function relativeWords(at: number, now: number): string {
  const passed = now - at;
  if (passed >= SECOND) return `${spanWords(passed)} ago`;
  return passed > -SECOND ? 'now' : `in ${spanWords(-passed)}`;
}

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const dayAndClock = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** The time of day where the browser is, with the day if that is not today. */
export function absoluteWords(at: number, now: number): string {
  const isToday = new Date(at).toDateString() === new Date(now).toDateString();
  return (isToday ? clock : dayAndClock).format(at);
}

/** Day and time where the browser is, and in UTC, which logs elsewhere have. */
export function fullWords(at: number): string {
  return `${dayAndClock.format(at)} (${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC)`;
}

/** `0.4 ms`, `12 ms`, `1.25 s`. */
export function durationWords(seconds: number): string {
  const ms = seconds * 1000;
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 1000 ? `${Math.round(ms)} ms` : `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
}

/** An interval as the configuration has it: `250ms`, `15s`, `5m`, `1h`. */
export function intervalWords(ms: number): string {
  if (ms === 0) return '0s';
  if (ms % HOUR === 0) return `${ms / HOUR}h`;
  if (ms % MINUTE === 0) return `${ms / MINUTE}m`;
  return ms % SECOND === 0 ? `${ms / SECOND}s` : `${ms}ms`;
}

export function bytesWords(bytes: number): string {
  if (bytes < 1024) return `${Math.round(bytes)} B`;
  const kib = bytes / 1024;
  if (kib < 1024) return `${kib.toFixed(kib < 10 ? 1 : 0)} KiB`;
  const mib = kib / 1024;
  return mib < 1024 ? `${mib.toFixed(mib < 10 ? 1 : 0)} MiB` : `${(mib / 1024).toFixed(1)} GiB`;
}

const integers = new Intl.NumberFormat();
export const countWords = (count: number): string => integers.format(count);

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${countWords(count)} ${count === 1 ? one : many}`;

/** As a POSIX shell reads it as one word. */
export const shellWord = (text: string): string =>
  /^[\w.:/@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
