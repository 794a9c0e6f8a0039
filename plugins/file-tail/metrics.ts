import { counter, gauge } from '@dynamic-informer/sdk';

/** Every metric of the plugin's own begins so; patterns may not. */
export const OWN_PREFIX = 'file_tail_';

export const linesTotal = counter(
  'file_tail_lines_total',
  'Complete lines read; those of a multi-line record when it is complete.',
  ['path'],
);
export const bytesTotal = counter('file_tail_bytes_total', 'Bytes of the lines that were counted.', ['path']);
export const lagBytes = gauge('file_tail_lag_bytes', 'Bytes in the file that have not been read yet.', [
  'path',
]);
export const rotationsTotal = counter(
  'file_tail_rotations_total',
  'Times that another file took the place of a followed one.',
  ['path'],
);
export const truncationsTotal = counter(
  'file_tail_truncations_total',
  'Times that a followed file was found emptied or rewritten, and read again from its beginning.',
  ['path'],
);
export const suspectedLostTotal = counter(
  'file_tail_suspected_lost_total',
  'Times that lines were probably lost: in a truncation under a writer, in a damaged archive, or with a file that went while the agent was down.',
  ['path'],
);
export const oversizedLinesTotal = counter(
  'file_tail_oversized_lines_total',
  'Lines and records that were cut: longer than max_line_length, or than max_buffered had room for.',
  ['path'],
);
export const decodingErrorsTotal = counter(
  'file_tail_decoding_errors_total',
  "Lines and records with U+FFFD, which stands for bytes that are no text in the file's encoding.",
  ['path'],
);
export const unmatchedLinesTotal = counter(
  'file_tail_unmatched_lines_total',
  'Lines, or records where lines are joined, that no pattern matched.',
  ['path'],
);
export const parseErrorsTotal = counter(
  'file_tail_parse_errors_total',
  'Values of matching lines that were left out, as they are not a number that the metric can take.',
);
export const otherValuesTotal = counter(
  'file_tail_other_label_values_total',
  'Label values that were replaced by "other", as max_label_values was reached.',
);
export const patternTimeoutsTotal = counter(
  'file_tail_pattern_timeouts_total',
  'Lines that a pattern did not match as it took longer than pattern_timeout.',
  ['pattern'],
);
export const patternsOff = gauge(
  'file_tail_patterns_off',
  'Whether a pattern is switched off, as it took longer than pattern_timeout on several lines.',
  ['pattern'],
);
export const files = gauge('file_tail_files', 'Files that the globs match and that are followed.');
export const openFiles = gauge(
  'file_tail_open_files',
  'Open files, those included that were rotated away and are read until they are quiet.',
);
export const unreadableFiles = gauge('file_tail_unreadable_files', 'Files that can not be read now.');
export const hangingFiles = gauge(
  'file_tail_hanging_files',
  'Files whose file system does not answer; one at least for each such file system.',
);
export const checkpointAge = gauge(
  'file_tail_checkpoint_age_seconds',
  'How long there have been offsets and counters that are not kept in the state; 0 if all are.',
);
export const skippedFiles = gauge(
  'file_tail_skipped_files',
  'What the globs match but is not followed: compressed, older than ignore_older, or not a regular file.',
);

export const OWN_METRICS = [
  linesTotal,
  bytesTotal,
  lagBytes,
  rotationsTotal,
  truncationsTotal,
  suspectedLostTotal,
  oversizedLinesTotal,
  decodingErrorsTotal,
  unmatchedLinesTotal,
  parseErrorsTotal,
  otherValuesTotal,
  patternTimeoutsTotal,
  patternsOff,
  files,
  openFiles,
  unreadableFiles,
  hangingFiles,
  skippedFiles,
  checkpointAge,
];
