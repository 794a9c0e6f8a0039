/** What each code that begins with EXPOSITION_ means in general; an error itself says more. */
export const EXPOSITION_ERRORS: readonly (readonly [code: string, message: string, fix: string])[] = [
  [
    'EXPOSITION_BAD_ENCODING',
    'A line is not UTF-8, or the text begins with a byte order mark.',
    'Write UTF-8.',
  ],
  [
    'EXPOSITION_LINE_BREAK',
    'A line ends in a carriage return, or the last one does not end at all.',
    'End every line with a line feed alone.',
  ],
  ['EXPOSITION_BLANK_LINE', 'OpenMetrics has no empty lines.', 'Remove it.'],
  ['EXPOSITION_TRAILING', 'More stands on a line, or behind # EOF, than may.', 'Remove it.'],
  [
    'EXPOSITION_UNFINISHED',
    'A quote or a brace is not closed on its line.',
    'Close it; within quotes, a line break is \\n and a quote is \\".',
  ],
  ['EXPOSITION_BAD_ESCAPE', 'A backslash is followed by what it can not escape.', 'Write it as \\\\.'],
  [
    'EXPOSITION_BAD_NAME',
    "A metric's name is missing, or has characters that it may not have where it stands.",
    'Use letters, digits, "_" and ":", or put it in quotes within the braces.',
  ],
  ['EXPOSITION_BAD_LABEL', 'A label can not be read, or is there twice.', 'Write name="value".'],
  [
    'EXPOSITION_BAD_VALUE',
    'A value is missing or is not a number.',
    'Write a decimal number, +Inf, -Inf or NaN.',
  ],
  [
    'EXPOSITION_BAD_TIMESTAMP',
    'A timestamp can not be read.',
    'Write milliseconds as a whole number in the text format, seconds in OpenMetrics.',
  ],
  [
    'EXPOSITION_BAD_EXEMPLAR',
    'An exemplar can not be read.',
    'Write # {trace_id="…"} VALUE behind the sample.',
  ],
  [
    'EXPOSITION_BAD_METADATA',
    'A HELP, TYPE or UNIT line can not be read, is there twice, or comes after samples.',
    'Write each once for each metric, before its samples.',
  ],
  ['EXPOSITION_BAD_TYPE', 'A type is not one of the format.', 'Write one that it has.'],
  ['EXPOSITION_BAD_UNIT', 'A metric does not end in its unit.', 'Rename it, or remove the UNIT line.'],
  ['EXPOSITION_NAME_CLASH', 'Two metrics take one name.', 'Rename one of them.'],
  [
    'EXPOSITION_INTERLEAVED',
    'The lines of a metric are not all in one place.',
    'Write them one after the other.',
  ],
  [
    'EXPOSITION_NO_EOF',
    'OpenMetrics does not end with # EOF, so it may have been cut off.',
    'End it with # EOF.',
  ],
  ['EXPOSITION_TOO_LARGE', 'The text is larger than is read.', 'Expose fewer series.'],
];
