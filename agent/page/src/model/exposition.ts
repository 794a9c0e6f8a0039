/** One line of a text exposition. */
export interface SeriesLine {
  readonly family: string;
  /** Name and labels, as written. */
  readonly series: string;
  readonly value: string;
}

export interface ParsedExposition {
  readonly lines: readonly SeriesLine[];
  readonly help: ReadonlyMap<string, string>;
}

/** The series of an exposition in the text format, in its order: enough to show and to search, no validation. */
export function parseExposition(text: string): ParsedExposition {
  const lines: SeriesLine[] = [];
  const help = new Map<string, string>();
  let family = '';
  for (const line of text.split('\n')) {
    if (line.startsWith('# HELP ')) {
      const end = line.indexOf(' ', 7);
      family = line.slice(7, end < 0 ? undefined : end);
      if (end > 0)
        help.set(
          family,
          line
            .slice(end + 1)
            .replaceAll('\\n', ' ')
            .replaceAll('\\\\', '\\'),
        );
    } else if (line.startsWith('# TYPE ')) {
      family = line.slice(7, line.lastIndexOf(' '));
    } else if (line !== '' && !line.startsWith('#')) {
      // A label's value may hold blanks and braces, but a value never does.
      const labelsEnd = line.lastIndexOf('} ');
      const split = labelsEnd < 0 ? line.indexOf(' ') : labelsEnd + 1;
      lines.push({ family, series: line.slice(0, split), value: line.slice(split + 1) });
    }
  }
  return { lines, help };
}
