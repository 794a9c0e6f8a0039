import type { ReadNumber } from './quantity.ts';
import { type EpochOf, epochIn } from './zone.ts';

export interface TimeOptions {
  /** The zone of times that name none, as an IANA name; without one, this machine's. */
  readonly zone: string | undefined;
  /** Milliseconds since the epoch: syslog leaves the year out. */
  now(): number;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const CLOCK = String.raw`(\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?`;
/** RFC 3339, and what databases, nginx's error log and Python's logging make of it. */
const DATE_FIRST = new RegExp(
  `^(\\d{4})[-/](\\d\\d)[-/](\\d\\d)[Tt ]${CLOCK} ?(Z|z|UTC|GMT|[+-]\\d\\d:?\\d\\d)?$`,
);
const COMMON_LOG = new RegExp(`^(\\d{1,2})/([A-Z][a-z]{2})/(\\d{4}):${CLOCK} ([+-]\\d{4})$`);
const SYSLOG = new RegExp(`^([A-Z][a-z]{2}) {1,2}(\\d{1,2}) ${CLOCK}$`);
const UNIX = /^\d{1,20}(?:\.\d{1,9})?$/;
const MAX_LENGTH = 64;
const DAY = 86_400;
/** The years between two that have a 29th of February, at most. */
const LEAP_YEARS_APART = 8;

/** Reads the time that a text holds, in seconds since the epoch; NaN if it holds none. The form is told by how it looks. */
export function timeReader({ zone, now }: TimeOptions): ReadNumber {
  const epochOf = epochIn(zone);
  const syslogTime = (text: string): number => {
    const [, month, day, ...clock] = SYSLOG.exec(text) ?? [];
    if (month === undefined) return Number.NaN;
    const thisYear = new Date(now()).getUTCFullYear() + 1;
    for (let year = thisYear; year >= thisYear - LEAP_YEARS_APART - 1; year--) {
      const time = timeOf([year, MONTHS.indexOf(month), Number(day)], clock, epochOf);
      if (time <= now() / 1000 + DAY) return time;
    }
    return Number.NaN;
  };
  const parse = (text: string): number => {
    if (text.length > MAX_LENGTH) return Number.NaN;
    if (UNIX.test(text)) return unixTime(Number(text));
    return dateFirstTime(text, epochOf) ?? commonLogTime(text) ?? syslogTime(text);
  };
  // Lines of the same second often follow each other.
  let lastText = '';
  let lastTime = Number.NaN;
  return (text) => {
    if (text !== lastText) {
      lastText = text;
      lastTime = parse(text.trim());
    }
    return lastTime;
  };
}

/** Seconds, milliseconds, microseconds or nanoseconds, told by their number: seconds until the year 5138, the others from 1973. */
function unixTime(number: number): number {
  if (number < 1e11) return number;
  if (number < 1e14) return number / 1e3;
  return number < 1e17 ? number / 1e6 : number / 1e9;
}

function dateFirstTime(text: string, epochOf: EpochOf): number | undefined {
  const match = DATE_FIRST.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction, zone] = match;
  const date: CalendarDay = [Number(year), Number(month) - 1, Number(day)];
  return timeOf(date, [hour, minute, second, fraction], zone === undefined ? epochOf : epochAt(zone));
}

function commonLogTime(text: string): number | undefined {
  const match = COMMON_LOG.exec(text);
  if (match === null) return undefined;
  const [, day, month = '', year, hour, minute, second, fraction, zone = ''] = match;
  const date: CalendarDay = [Number(year), MONTHS.indexOf(month), Number(day)];
  return timeOf(date, [hour, minute, second, fraction], epochAt(zone));
}

/** The month is from 0. */
type CalendarDay = readonly [year: number, month: number, day: number];

function timeOf(
  [year, month, day]: CalendarDay,
  [hour, minute, second, fraction = '0']: readonly (string | undefined)[],
  epochOf: EpochOf,
): number {
  const [h, m, s] = [Number(hour), Number(minute), Number(second)];
  // A 60th second is a leap second.
  if (day < 1 || day > daysIn(year, month) || h > 23 || m > 59 || s > 60) return Number.NaN;
  return epochOf(year, month, day, h, m, s) + Number(fraction) / 10 ** fraction.length;
}

/** None for a month or a year that there is not; years before 100 are no log's. */
function daysIn(year: number, month: number): number {
  if (year < 100 || month < 0 || month > 11) return 0;
  return new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
}

function epochAt(zone: string): EpochOf {
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(zone) ?? [];
  const offset = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60;
  const ahead = sign === '-' ? -offset : offset;
  return (...wall) => Date.UTC(...wall) / 1000 - ahead;
}
