import { relative } from 'node:path';
import type { ErrorInfo } from '@dynamic-informer/sdk';
import type {
  ChangePlan,
  PlannedChange,
  PlannedOverride,
  PlannedSeries,
  PlanReason,
  PlanSummary,
} from '../plan/change-plan.ts';

export type Style = 'green' | 'red' | 'yellow' | 'cyan' | 'dim' | 'bold';

/** How a plan is written for people. */
export interface PlanTextOptions {
  /** Longer lines are cut. */
  readonly width: number;
  /** Paths below it are shown from there. */
  readonly folder: string;
  paint(style: Style, text: string): string;
}

const SIGNS: Readonly<Record<PlannedChange['kind'], readonly [sign: string, style: Style]>> = {
  open: ['  +', 'green'],
  replace: ['-/+', 'yellow'],
  adjust: ['  ~', 'cyan'],
  close: ['  -', 'red'],
};
const INDENT = '      ';
const MAX_FAMILIES = 3;

/** The plan in lines: each resource with its reasons, below it its series and its problem, at the end the sum. */
export function planLines(plan: ChangePlan, options: PlanTextOptions): string[] {
  const { folder } = options;
  const against = plan.running ? 'against the agent that runs' : 'against nothing: no agent runs';
  const lines = [line(`${shortened(plan.configFile, folder)}, ${against}`, 'bold', options), ''];
  for (const change of plan.changes) lines.push(...changeLines(change, options));
  if (plan.changes.length > 0) lines.push('');
  const more = [
    ...plan.settings.map((reason) => `  ~ ${reasonText(reason, folder)}`),
    ...hostTexts(plan.hosts).map((text) => `    ${text}`),
  ].map((text) => line(text, undefined, options));
  more.push(...plan.overridden.flatMap((each) => wrapped(overrideText(each), '    ', undefined, options)));
  more.push(...plan.problems.flatMap((problem) => wrapped(problemText(problem), '    ', 'red', options)));
  if (more.length > 0) lines.push(...more, '');
  lines.push(...summaryTexts(plan).flatMap((text) => wrapped(text, '', 'bold', options)));
  return lines;
}

function changeLines(change: PlannedChange, options: PlanTextOptions): string[] {
  const [sign, style] = SIGNS[change.kind];
  const title = `${sign} ${change.resource}`;
  const reasons = change.reasons.map((reason) => reasonText(reason, options.folder));
  if (change.moreReasons !== undefined) reasons.push(`and ${change.moreReasons} more`);
  const together = `${title}  ${reasons.join(', ')}`;
  // What does not fit into one line is easier to read below each other.
  const isShort = together.length <= Math.min(options.width, LONGEST_TITLE);
  const [first = title, ...rest] = isShort
    ? [together]
    : [title, ...reasons.map((text) => `${INDENT}${text}`)];
  const head = options.paint(style, sign) + cut(first, options.width).slice(sign.length);
  const below = rest.map((text) => line(text, undefined, options));
  return [
    head,
    ...below,
    ...(change.series ? seriesLines(change.series, options) : []),
    ...(change.problem ? wrapped(problemText(change.problem), INDENT, 'red', options) : []),
  ];
}

const LONGEST_TITLE = 120;

function seriesLines(series: PlannedSeries, options: PlanTextOptions): string[] {
  const { added, removed, samples } = series;
  if (added + removed === 0) return [];
  const named = series.families.slice(0, MAX_FAMILIES).map((family) => `${family.name}${signed(family)}`);
  const more = series.families.length - named.length + (series.moreFamilies ?? 0);
  if (more > 0) named.push(`${more} more`);
  return [
    line(`${INDENT}${seriesText(series)}: ${named.join(', ')}`, undefined, options),
    ...samples.added.map((sample) => line(`${INDENT}  + ${sample}`, 'green', options)),
    ...samples.removed.map((sample) => line(`${INDENT}  - ${sample}`, 'red', options)),
  ];
}

function seriesText({ before, after, added, removed }: PlannedSeries): string {
  if (before === null) return `${after} series, nothing was collected before`;
  if (before === 0) return `${after} series`;
  if (after === 0) return `${before} series go`;
  return `series ${before} -> ${after} (${signed({ added, removed }).trim()})`;
}

const signed = ({ added, removed }: { added: number; removed: number }): string =>
  `${added > 0 ? ` +${added}` : ''}${removed > 0 ? ` -${removed}` : ''}`;

function reasonText({ path, from, to }: PlanReason, folder: string): string {
  if (path.startsWith('resources.') || path.startsWith('resources[')) {
    return from === undefined
      ? `new at ${shortened(to ?? '', folder)}`
      : `gone from ${shortened(from, folder)}`;
  }
  if (from !== undefined && to !== undefined) return `${path}: ${from} -> ${to}`;
  if (to !== undefined) return `${path}: + ${to}`;
  return from === undefined ? path : `${path}: - ${from}`;
}

function hostTexts({ started, ended }: ChangePlan['hosts']): string[] {
  const moved = started.filter((name) => ended.includes(name));
  const only = (names: readonly string[]) => names.filter((name) => !moved.includes(name));
  const groups = { started: only(started), replaced: moved, ended: only(ended) };
  return Object.entries(groups).flatMap(([verb, names]) =>
    names.length > 0 ? `hosts ${verb}: ${listed(names)}` : [],
  );
}

const MAX_HOSTS = 5;

const listed = (names: readonly string[]): string =>
  names.length <= MAX_HOSTS
    ? names.join(', ')
    : `${names.slice(0, MAX_HOSTS).join(', ')} and ${names.length - MAX_HOSTS} more`;

function overrideText({ resource, enabled, configured, by, reason, until }: PlannedOverride): string {
  const [now, wish] = [enabled, configured].map((is) => (is ? 'enabled' : 'disabled'));
  const why = reason === undefined ? '' : ` (${reason})`;
  const end = until === undefined ? '' : `, until ${new Date(until).toISOString().slice(0, 19)}Z`;
  return `${resource} stays ${now}, though configured as ${wish}: switched by ${by}${why}${end}`;
}

const problemText = ({ code, message, fix }: ErrorInfo): string =>
  `${code}: ${message}${fix === undefined ? '' : ` ${fix}`}`;

function summaryTexts({ summary, running }: ChangePlan): string[] {
  const { open, replace, adjust, close, unchanged } = summary;
  if (!running) return [`No agent runs; a start would open ${resources(open)}.`, ...doubts(summary)];
  if (open + replace + adjust + close === 0) return [`No resource would change; there are ${unchanged}.`];
  const series = `${summary.seriesAdded} series come, ${summary.seriesRemoved} go`;
  const isKnown = summary.seriesUnknown < open + replace + adjust + close;
  const actions = `${open} to open, ${replace} to replace, ${adjust} to adjust, ${close} to close`;
  return [isKnown ? `${actions}; ${series}` : actions, ...doubts(summary)];
}

function doubts({ problems, seriesUnknown }: PlanSummary): string[] {
  const texts = [
    ...(problems > 0 ? [`${resources(problems)} with a problem`] : []),
    ...(seriesUnknown > 0 ? [`the series of ${resources(seriesUnknown)} are not known`] : []),
  ];
  return texts.length === 0 ? [] : [`${texts.join('; ')}`];
}

const resources = (count: number): string => `${count} ${count === 1 ? 'resource' : 'resources'}`;

function shortened(path: string, folder: string): string {
  const short = relative(folder, path);
  return short.startsWith('..') ? path : short;
}

function line(text: string, style: Style | undefined, { width, paint }: PlanTextOptions): string {
  const shown = cut(text, width);
  return style === undefined ? shown : paint(style, shown);
}

/** What must not be cut, in as many lines as it takes. */
function wrapped(text: string, indent: string, style: Style | undefined, options: PlanTextOptions): string[] {
  const lines: string[] = [];
  let current = '';
  for (const word of text.split(' ')) {
    const longer = current === '' ? word : `${current} ${word}`;
    if (current !== '' && indent.length + longer.length > options.width) {
      lines.push(current);
      current = word;
    } else {
      current = longer;
    }
  }
  return [...lines, current].map((each) => line(`${indent}${each}`, style, options));
}

/** One line that a terminal shows and does not obey. */
function cut(text: string, width: number): string {
  const shown = text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\ufffd');
  return shown.length > width ? `${shown.slice(0, width - 1)}…` : shown;
}
