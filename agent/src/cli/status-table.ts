import type { styleText } from 'node:util';
import { oneLine } from '../printable.ts';
import type { ReloadResult, ResourceStatus } from '../status.ts';
import { switchText } from './change.ts';
import { errorText } from './error-text.ts';
import { ageText, clockText, leftText, tookText } from './time-text.ts';

type Style = Parameters<typeof styleText>[0];

/** What an agent says of itself; one of another version may say less. */
export interface AgentAnswer {
  readonly version?: string;
  readonly configFile?: string;
  readonly startedAt?: number;
  readonly lastReload?: { readonly at: number; readonly result: ReloadResult } | null;
}

export interface Shown {
  /** Characters that a line may have; `undefined` where lines may be of any length. */
  readonly width: number | undefined;
  readonly paint: (style: Style, text: string) => string;
  readonly now: number;
}

/** From what is worst to what is well. */
const WORDS = [
  'quarantined',
  'failed',
  'down',
  'late',
  'opening',
  'partial',
  'waiting',
  'up',
  'disabled',
] as const;
type Word = (typeof WORDS)[number];

const STYLES: Readonly<Record<Word, Style>> = {
  quarantined: 'red',
  failed: 'red',
  down: 'red',
  late: 'yellow',
  opening: 'yellow',
  partial: 'yellow',
  waiting: 'cyan',
  up: 'green',
  disabled: 'gray',
};

/** Words for what is not as it should be. */
export const BROKEN: readonly Word[] = ['quarantined', 'failed', 'down', 'late', 'partial'];

const MOST_ERRORS = 3;
const NARROWEST_NAME = 12;
const GAP = '  ';

/** A resource's state in one word, which says of a running one how its last collect was. */
export function wordOf({ state, up, late, lastCollectAt, errors }: ResourceStatus): Word {
  if (state !== 'running') return state;
  if (late) return 'late';
  if (lastCollectAt === undefined) return 'waiting';
  if (!up) return 'down';
  return errors.length > 0 ? 'partial' : 'up';
}

interface Column {
  readonly title: string;
  readonly text: (status: ResourceStatus, now: number) => string;
  readonly alignRight?: boolean;
  /** What is left out first where there is no room has the highest number; 0 stays. */
  readonly leaveOut: number;
}

const COLUMNS: readonly Column[] = [
  { title: 'STATE', text: wordOf, leaveOut: 0 },
  { title: 'RESOURCE', text: ({ name }) => name, leaveOut: 0 },
  { title: 'PLUGIN', text: ({ plugin }) => plugin, leaveOut: 3 },
  { title: 'SINCE', text: ({ since }, now) => ageText(now - since), leaveOut: 0 },
  {
    title: 'LAST',
    text: ({ lastCollectAt }, now) => (lastCollectAt === undefined ? '-' : ageText(now - lastCollectAt)),
    leaveOut: 1,
  },
  {
    title: 'TOOK',
    text: ({ lastCollectSeconds }) => (lastCollectSeconds === undefined ? '-' : tookText(lastCollectSeconds)),
    alignRight: true,
    leaveOut: 2,
  },
  { title: 'SERIES', text: ({ series }) => String(series), alignRight: true, leaveOut: 1 },
  { title: 'HOST', text: ({ host }) => host || '-', leaveOut: 4 },
];

/** The summary, the configuration if it was rejected, and a table of the resources, what is broken first. */
export function statusLines(
  resources: readonly ResourceStatus[],
  agent: AgentAnswer | undefined,
  shown: Shown,
  onlyBroken = false,
): string[] {
  const listed = (
    onlyBroken ? resources.filter((each) => BROKEN.includes(wordOf(each))) : [...resources]
  ).sort((a, b) => WORDS.indexOf(wordOf(a)) - WORDS.indexOf(wordOf(b)) || (a.name < b.name ? -1 : 1));
  const head = [summary(resources, shown), ...reloadLines(agent, shown)].flatMap((line) =>
    fitted(line, '', shown),
  );
  if (listed.length === 0) return head;
  const columns = columnsFor(listed, shown);
  const title = columns
    .map(({ title, width, alignRight }) => padded(title, width, alignRight))
    .join(GAP)
    .trimEnd();
  return [
    ...head,
    '',
    shown.paint('bold', title),
    ...listed.flatMap((each) => rowLines(each, columns, shown)),
  ];
}

/** `7 resources: 1 failed, 1 down, 4 up, 1 disabled; 1 switched by hand` */
function summary(resources: readonly ResourceStatus[], { paint }: Shown): string {
  if (resources.length === 0)
    return 'There are no resources; add some under "resources" in the configuration.';
  const counts = WORDS.flatMap((word) => {
    const count = resources.filter((each) => wordOf(each) === word).length;
    return count === 0 ? [] : [paint(STYLES[word], `${count} ${word}`)];
  });
  const switched = resources.filter(({ override }) => override !== undefined).length;
  const what = resources.length === 1 ? '1 resource' : `${resources.length} resources`;
  return `${what}: ${counts.join(', ')}${switched > 0 ? `; ${switched} switched by hand` : ''}`;
}

/** How the last look at the configuration ended. */
export function reloadLines(agent: AgentAnswer | undefined, { paint, now }: Shown): string[] {
  const last = agent?.lastReload;
  if (!last) return [];
  const when = `${ageText(now - last.at)} ago (${clockText(last.at, now)})`;
  if (last.result.successful) return [`configuration applied ${when}`];
  return [
    paint('red', `configuration rejected ${when}; what was there before goes on:`),
    ...last.result.errors.flatMap((error) => `  ${oneLine(error.split('\n')[0] ?? '')}`),
  ];
}

type Sized = Column & { readonly width: number };

function columnsFor(resources: readonly ResourceStatus[], { width, now }: Shown): Sized[] {
  let columns = COLUMNS.map((column) => {
    const lengths = resources.map((resource) => column.text(resource, now).length);
    return { ...column, width: Math.max(column.title.length, ...lengths) };
  });
  if (width === undefined) return columns;
  const excess = () => columns.reduce((sum, column) => sum + column.width + GAP.length, -GAP.length) - width;
  // A name that is cut is worse than a column that is not there, down to what it takes to tell names apart.
  for (const rank of [4, 3]) {
    if (excess() > 0) columns = columns.filter(({ leaveOut }) => leaveOut !== rank);
  }
  columns = columns.map((column) =>
    column.title === 'RESOURCE'
      ? { ...column, width: Math.max(NARROWEST_NAME, column.width - Math.max(0, excess())) }
      : column,
  );
  for (const rank of [2, 1]) {
    if (excess() > 0) columns = columns.filter(({ leaveOut }) => leaveOut !== rank);
  }
  return columns;
}

function rowLines(status: ResourceStatus, columns: readonly Sized[], shown: Shown): string[] {
  const { paint, now } = shown;
  const word = wordOf(status);
  const cells = columns.map(({ title, text, width, alignRight }, index) => {
    const cell = cut(oneLine(text(status, now)), width);
    const isLast = index === columns.length - 1;
    const full = isLast && !alignRight ? cell : padded(cell, width, alignRight);
    return title === 'STATE' ? paint(STYLES[word], full) : word === 'disabled' ? paint('gray', full) : full;
  });
  const { errors, override, retryAt } = status;
  const notes = [
    ...errors.slice(0, MOST_ERRORS).map((error) => `${error.code}: ${errorText(error)}`),
    ...(errors.length > MOST_ERRORS ? [`and ${errors.length - MOST_ERRORS} more errors`] : []),
    ...(retryAt !== undefined && retryAt > now ? [`the next try is in ${leftText(retryAt - now)}`] : []),
    ...(override
      ? [`${override.enabled ? 'enabled' : 'disabled'} by hand ${switchText(override, now)}`]
      : []),
  ];
  return [cells.join(GAP).trimEnd(), ...notes.flatMap((note) => fitted(oneLine(note), '    ', shown))];
}

const padded = (text: string, width: number, alignRight = false): string =>
  alignRight ? text.padStart(width) : text.padEnd(width);

const cut = (text: string, width: number): string =>
  text.length > width ? `${text.slice(0, width - 1)}…` : text;

/** A text in lines that fit, broken between words; what paints it takes no room. */
export function fitted(text: string, indent: string, { width }: Shown): string[] {
  if (width === undefined) return [`${indent}${text}`];
  const room = Math.max(20, width - indent.length);
  const lines: string[] = [];
  let line = /^ */.exec(text)?.[0] ?? '';
  const hanging = line;
  for (const word of text.trim().split(' ')) {
    const isEmpty = line.trim() === '';
    if (!isEmpty && lengthOf(line) + 1 + lengthOf(word) > room) {
      lines.push(line);
      line = `${hanging}${word}`;
    } else line = isEmpty ? `${line}${word}` : `${line} ${word}`;
  }
  return [...lines, line].map((each) => `${indent}${each}`);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are made of them
const lengthOf = (text: string): number => text.replace(/\u001b\[[0-9;]*m/g, '').length;
