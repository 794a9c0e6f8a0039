/** An exposition as a scraper takes it: order and notation of numbers do not matter, nor do empty labels. */
export type ParsedExposition = Record<string, ParsedFamily>;

export interface ParsedFamily {
  type: string;
  help: string;
  /** By name and sorted labels. */
  lines: Record<string, ParsedLine>;
}

export interface ParsedLine {
  value: number;
  /** Labels and value; its time is when the test ran. */
  exemplar?: { labels: Record<string, string>; value: number; isTimed: boolean };
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*?)\})? (\S+)(?: # \{(.*)\} (\S+)(?: (\S+))?)?$/s;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/gs;

/** Reads the text format 0.0.4 or OpenMetrics. @throws an error for a line or a series that a scraper would refuse */
export function parseExposition(text: string): ParsedExposition {
  const families: ParsedExposition = {};
  let current: ParsedFamily | undefined;
  for (const line of text.split('\n')) {
    if (line === '' || line === '# EOF') continue;
    const header = /^# (HELP|TYPE) (\S+) (.*)$/s.exec(line);
    if (header) {
      const [, key, name, rest] = header as unknown as [string, string, string, string];
      families[name] ??= { type: '', help: '', lines: {} };
      current = families[name];
      if (key === 'HELP') current.help = unescaped(rest);
      else current.type = rest;
      continue;
    }
    if (current === undefined) throw new Error(`A line stands before any header: ${line}`);
    addLine(current, line);
  }
  return families;
}

/** Without families that have no line. */
export function withLines(families: ParsedExposition): ParsedExposition {
  return Object.fromEntries(
    Object.entries(families).filter(([, family]) => Object.keys(family.lines).length > 0),
  );
}

function addLine(family: ParsedFamily, line: string): void {
  const match = splitLine(line);
  const key = `${match.name}{${keyOf(match.labels)}}`;
  if (family.lines[key]) throw new Error(`A series is there twice: ${key}`);
  family.lines[key] = match.exemplar
    ? { value: match.value, exemplar: match.exemplar }
    : { value: match.value };
}

function splitLine(line: string) {
  const match = LINE.exec(line);
  if (!match) throw new Error(`Not a line of an exposition: ${line}`);
  const [, name = '', labels = '', value = '', exemplarLabels, exemplarValue = '', time] = match;
  return {
    name,
    labels: labelsOf(labels),
    value: numberOf(value),
    ...(exemplarLabels !== undefined && {
      exemplar: {
        labels: labelsOf(exemplarLabels),
        value: numberOf(exemplarValue),
        isTimed: Math.abs(Number(time) - Date.now() / 1000) < 3600,
      },
    }),
  };
}

function labelsOf(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(LABEL)].map(([, name, value]) => [name, unescaped(value ?? '')]),
  );
}

function keyOf(labels: Record<string, string>): string {
  return Object.entries(labels)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}=${JSON.stringify(isBound(name) ? String(numberOf(value)) : value)}`)
    .sort()
    .join();
}

const isBound = (name: string): boolean => name === 'le' || name === 'quantile';

/** `-0` is 0: prom-client does not show the difference. */
function numberOf(text: string): number {
  const special: Record<string, number> = {
    '+Inf': Number.POSITIVE_INFINITY,
    '-Inf': Number.NEGATIVE_INFINITY,
    NaN: Number.NaN,
    Nan: Number.NaN,
  };
  const value = special[text] ?? Number(text);
  if (Number.isNaN(value) && !(text in special)) throw new Error(`Not a number: ${text}`);
  return value + 0;
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/gs, (_, character: string) => (character === 'n' ? '\n' : character));
}
