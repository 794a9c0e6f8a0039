import { styleText } from 'node:util';
import { formatDiagnostic } from '../config/diagnostic.ts';
import { type Excerpt, excerpt } from '../config/excerpt.ts';
import { sourceLines, withEnd } from '../config/report.ts';
import type { Diagnostic, Place } from '../config/types.ts';
import { HostPool } from '../hosts/pool.ts';
import { createLog } from '../log.ts';
import { Redactor } from '../redactor.ts';
import { checkConfig } from '../reload/check-config.ts';
import { configFile, foundConfigFile } from './output.ts';
import { schemaText } from './schema.ts';
import { processHosts } from './start-host.ts';

interface CheckOptions {
  readonly config?: string;
  readonly json?: boolean;
  readonly schema?: boolean;
}

/** Validates a configuration as a reload would, plugins' own schemas included, and touches nothing. */
export async function check(options: CheckOptions): Promise<void> {
  const redactor = new Redactor();
  const log = createLog({ level: 'error', format: 'logfmt', redactor });
  const pool = new HostPool(processHosts(log, { stateFolder: () => undefined, redactor }));
  try {
    if (options.schema) {
      await printSchema(pool, options.config, redactor);
      return;
    }
    const file = configFile(options.config);
    const { loaded, issues, warnings, config } = await checkConfig(file, process.env, pool, redactor);
    const lines = sourceLines(loaded);
    if (options.json) {
      const found = [...issues, ...warnings].map((issue) => withEnd(issue, lines(issue.file)));
      process.stdout.write(`${redactor.redact(JSON.stringify(found, null, 2))}\n`);
    } else {
      printIssues([...issues, ...warnings], lines, (text) => redactor.redact(text));
      if (issues.length === 0) {
        process.stdout.write(`${file}: valid, ${config?.resources.length ?? 0} resources\n`);
      }
    }
    process.exitCode = issues.length > 0 ? 1 : 0;
  } finally {
    await pool.stop();
  }
}

/** Without a configuration, the schema of any. What it lacks, and why, is told on stderr. */
async function printSchema(pool: HostPool, named: string | undefined, redactor: Redactor): Promise<void> {
  const { text, problems } = await schemaText(pool, foundConfigFile(named));
  process.stdout.write(text);
  for (const problem of problems) process.stderr.write(`informer: ${redactor.redact(problem)}\n`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}

/** Prints what is wrong, each with the lines of the files that it is about. */
export function printIssues(
  issues: readonly Diagnostic[],
  lines: (file: string) => readonly string[],
  redact: (text: string) => string,
): void {
  const mark = (place: Place, style: Style) => {
    const inFile = issues.filter((issue) => issue.file === place.file);
    return marked(place.line, excerpt(place, lines(place.file), redact, inFile), style);
  };
  for (const issue of issues) process.stdout.write(`${shown(issue, mark, redact)}\n`);
}

type Style = Parameters<typeof styleText>[0];

/** In colours where stdout is a terminal that wants them. */
const styled = (style: Style, text: string): string => styleText(style, text, { stream: process.stdout });

/** An error with the lines of the files that it is about. */
function shown(
  issue: Diagnostic,
  mark: (place: Place, style: Style) => string[],
  redact: (text: string) => string,
): string {
  const text = redact(formatDiagnostic(issue));
  const place = `${issue.file}:${issue.line}:${issue.column}:`;
  const head = text.startsWith(place) ? styled('bold', place) + text.slice(place.length) : text;
  const parts = [head, ...mark(issue, 'red')];
  for (const other of issue.related ?? []) {
    const { file, line, column, message } = other;
    parts.push(styled('dim', redact(`    ${file}:${line}:${column}: ${message}`)), ...mark(other, 'cyan'));
  }
  return parts.join('\n');
}

/** A line with its number, and what is meant underlined. */
function marked(line: number, found: Excerpt | undefined, style: Style): string[] {
  if (!found) return [];
  const number = String(line).padStart(5);
  const gutter = (left: string) => styled('dim', `${left} |`);
  return [
    `${gutter(number)} ${found.text}`,
    `${gutter(' '.repeat(number.length))} ${styled(style, found.underline)}`,
  ];
}
