import { formatDuration, formatSize } from '@dynamic-informer/sdk';
import { oneLine } from '../printable.ts';
import type { RecentLine } from '../recent-log.ts';
import type { ResourceStatus } from '../status.ts';
import { switchText } from './change.ts';
import { fitted, type Shown, wordOf } from './status-table.ts';
import { ageText, clockText, leftText, tookText } from './time-text.ts';

/** All that is known of one resource, an aspect a line, and its last log lines. */
export function resourceLines(status: ResourceStatus, logs: readonly RecentLine[], shown: Shown): string[] {
  const { now, paint } = shown;
  const at = (time: number | undefined) =>
    time === undefined ? 'never' : `${ageText(now - time)} ago (${clockText(time, now)})`;
  const { name, plugin, state, since, every, host, hostPid, budgets, hostUsage, override } = status;
  const word = wordOf(status);
  const rows: [string, string | undefined][] = [
    [
      'state',
      `${word}${word === state ? '' : ` (${state})`}, since ${clockText(since, now)} (${ageText(now - since)})`,
    ],
    [
      'switched',
      override && `${override.enabled ? 'enabled' : 'disabled'} by hand ${switchText(override, now)}`,
    ],
    ['next try', status.retryAt === undefined ? undefined : `in ${leftText(status.retryAt - now)}`],
    ['plugin', plugin],
    ['every', every === 'scrape' ? 'scrape' : formatDuration(every)],
    ['last collect', lastCollect(status, at)],
    ['last success', at(status.lastSuccessAt)],
    ['values from', status.snapshotAt === undefined ? undefined : at(status.snapshotAt)],
    ['series', budgets ? `${status.series} of at most ${budgets.maxSeries}` : String(status.series)],
    ['bytes', budgets ? `${status.bytes} of at most ${budgets.maxBytes}` : String(status.bytes)],
    ['host', host === '' ? undefined : `${host}${hostPid === undefined ? '' : `, process ${hostPid}`}`],
    ['host uses', hostUsage && usageText(hostUsage, budgets)],
  ];
  const width = Math.max(...rows.map(([key]) => key.length));
  const errors = status.errors.flatMap(({ code, class: who, message, fix }) => [
    paint('red', `${code} (${who}): ${oneLine(message)}`),
    ...(fix ? [`  ${oneLine(fix)}`] : []),
  ]);
  return [
    paint('bold', name),
    ...rows.flatMap(([key, text]) =>
      text === undefined ? [] : hanging(`  ${key.padEnd(width)}  `, oneLine(text), shown),
    ),
    ...(errors.length > 0 ? ['', 'errors', ...errors.flatMap((line) => fitted(line, '  ', shown))] : []),
    ...(logs.length > 0
      ? ['', 'last log lines', ...logs.flatMap((line) => fitted(logLine(line, now), '  ', shown))]
      : []),
  ];
}

function lastCollect(
  { lastCollectAt, lastCollectSeconds, outcome }: ResourceStatus,
  at: (time: number) => string,
) {
  if (lastCollectAt === undefined) return 'never';
  const took = lastCollectSeconds === undefined ? '' : `, took ${tookText(lastCollectSeconds)}`;
  return `${at(lastCollectAt)}, ${outcome}${took}`;
}

function usageText(
  { residentBytes, memoryBytes, cpuShare }: NonNullable<ResourceStatus['hostUsage']>,
  budgets: ResourceStatus['budgets'],
): string {
  const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  const memory = `${mebibytes(memoryBytes)}${budgets ? ` of ${formatSize(budgets.memoryBytes)}` : ''}`;
  const cpu = `${(cpuShare * 100).toFixed(1)} % of a core${budgets?.cpu === undefined ? '' : ` of ${budgets.cpu * 100} %`}`;
  return `${memory} of its own, ${mebibytes(residentBytes)} resident, ${cpu}`;
}

/** The first line after the key, the others below it. */
function hanging(key: string, text: string, shown: Shown): string[] {
  const [first = '', ...more] = fitted(text, ' '.repeat(key.length), shown);
  return [`${key}${first.slice(key.length)}`, ...more];
}

/** `15:04:05 warn collect failed code=TARGET_REFUSED error="…"` */
export function logLine({ at, level, message, fields }: RecentLine, now: number): string {
  const pairs = Object.entries(fields)
    .filter(([key]) => key !== 'resource')
    .map(
      ([key, value]) =>
        `${key}=${typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value)}`,
    );
  return oneLine([clockText(at, now), level, message, ...pairs].join(' '));
}
