/** Seconds since the epoch of a time on a wall; the month is from 0. */
export type EpochOf = (
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
) => number;

/**
 * Reads times that name no zone as those of one: an IANA name such as `Europe/Berlin` or `UTC`; without one, of this machine.
 * A time that comes twice, as clocks are put back, is the first of the two.
 * @throws RangeError if there is no such zone
 */
export function epochIn(zone: string | undefined): EpochOf {
  if (zone === undefined) {
    return (year, month, day, hour, minute, second) =>
      new Date(year, month, day, hour, minute, second).getTime() / 1000;
  }
  const utcOf: EpochOf = (...wall) => Date.UTC(...wall) / 1000;
  if (zone === 'UTC') return utcOf;
  const offsetAt = offsets(zone);
  let lastMinute = Number.NaN;
  let lastOffset = 0;
  return (...wall) => {
    const asUtc = utcOf(...wall);
    const minute = Math.floor(asUtc / 60);
    if (minute !== lastMinute) {
      lastMinute = minute;
      lastOffset = wallOffset(asUtc, offsetAt);
    }
    return asUtc - lastOffset;
  };
}

/** The offset of a wall's time: the one from before a change of clocks where both would do, or none. */
function wallOffset(asUtc: number, offsetAt: (epoch: number) => number): number {
  const DAY = 86_400;
  const before = offsetAt(asUtc - DAY);
  const after = offsetAt(asUtc + DAY);
  if (before === after || offsetAt(asUtc - before) === before) return before;
  return offsetAt(asUtc - after) === after ? after : before;
}

/** Gives the seconds by which a zone is ahead of UTC at a time. */
function offsets(timeZone: string): (epoch: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (epoch) => {
    const parts = new Map(format.formatToParts(epoch * 1000).map(({ type, value }) => [type, Number(value)]));
    const of = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
    const wall = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
    return wall / 1000 - epoch;
  };
}
