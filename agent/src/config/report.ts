import { linesOf, safeExcerpt, tokenEnd } from './excerpt.ts';
import { isOwnSetting } from './schema.ts';
import type { Diagnostic, LoadedConfig, ReportedDiagnostic } from './types.ts';

/** The lines of the files that were read; each file is divided when it is first asked for. */
export function sourceLines({ texts }: Pick<LoadedConfig, 'texts'>): (file: string) => readonly string[] {
  const known = new Map<string, string[]>();
  return (file) => {
    const lines = known.get(file) ?? (Object.hasOwn(texts, file) ? linesOf(texts[file] ?? '') : []);
    known.set(file, lines);
    return lines;
  };
}

/** A diagnostic with where it ends. */
export function withEnd(diagnostic: Diagnostic, lines: readonly string[]): ReportedDiagnostic {
  const { line, column } = diagnostic;
  const written = lines[line - 1];
  const endColumn = written === undefined ? column : Math.max(column, tokenEnd(written, column));
  return { severity: 'error', ...diagnostic, endLine: line, endColumn };
}

/** Diagnostics as a reload tells them to whoever asks: nothing in them is a secret. */
export function reported(
  issues: readonly Diagnostic[],
  loaded: Pick<LoadedConfig, 'texts'>,
  redact: (text: string) => string,
): ReportedDiagnostic[] {
  const lines = sourceLines(loaded);
  return issues.map((issue) => {
    const found = withEnd(issue, lines(issue.file));
    const excerpt = issue.hidden ? undefined : safeExcerpt(issue, lines(issue.file), isOwnSetting);
    return {
      ...found,
      message: redact(issue.message),
      ...(issue.fix !== undefined && { fix: redact(issue.fix) }),
      ...(excerpt !== undefined && redact(excerpt) === excerpt && { excerpt }),
    };
  });
}
