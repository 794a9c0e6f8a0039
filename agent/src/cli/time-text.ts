const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long, in at most six characters: `5s`, `12m`, `3h05m`, `12d`. */
export function ageText(ms: number): string {
  // A clock may have been set back.
  const age = Math.max(0, ms);
  if (age < MINUTE) return `${Math.floor(age / SECOND)}s`;
  if (age < HOUR) return `${Math.floor(age / MINUTE)}m`;
  if (age < 2 * DAY) {
    return `${Math.floor(age / HOUR)}h${String(Math.floor((age % HOUR) / MINUTE)).padStart(2, '0')}m`;
  }
  return `${Math.floor(age / DAY)}d`;
}

/** How long until something happens: `30m` is said of what was just given 30 minutes. */
export const leftText = (ms: number): string => ageText(Math.ceil(ms / SECOND) * SECOND);

/** How long a collect took: `3.4ms`, `120ms`, `1.20s`, `75s`. */
export function tookText(seconds: number): string {
  if (seconds < 0.01) return `${(seconds * 1000).toFixed(1)}ms`;
  if (seconds < 1) return `${Math.round(seconds * 1000)}ms`;
  return seconds < 10 ? `${seconds.toFixed(2)}s` : `${Math.round(seconds)}s`;
}

/** The time of day where this runs, with the date if it is another day than `now`. */
export function clockText(at: number, now: number): string {
  const [date, time] = localTime(at);
  return date === localTime(now)[0] ? time : `${date} ${time}`;
}

function localTime(at: number): [date: string, time: string] {
  const when = new Date(at);
  const two = (number: number) => String(number).padStart(2, '0');
  return [
    `${when.getFullYear()}-${two(when.getMonth() + 1)}-${two(when.getDate())}`,
    `${two(when.getHours())}:${two(when.getMinutes())}:${two(when.getSeconds())}`,
  ];
}
