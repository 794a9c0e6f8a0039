import type { Report } from './report.ts';

/** `text`: Prometheus' text format, 0.0.4 and 1.0.0. `openmetrics`: OpenMetrics 1.0.0 in text. */
export type ExpositionFormat = 'text' | 'openmetrics';

/** `unknown` of OpenMetrics and a family without a `# TYPE` line are `untyped`. */
export type ParsedType =
  | 'counter'
  | 'gauge'
  | 'histogram'
  | 'gaugehistogram'
  | 'summary'
  | 'info'
  | 'stateset'
  | 'untyped';

/** A label, without the escapes of its value. */
export type ParsedLabel = readonly [name: string, value: string];

/** What stands behind the `#` of a sample of OpenMetrics. */
export interface ParsedExemplar {
  readonly labels: readonly ParsedLabel[];
  readonly value: number;
  /** Milliseconds since the epoch. */
  readonly timestamp?: number;
}

/** One sample line. */
export interface ParsedSample {
  /** As it is written: `http_request_duration_seconds_bucket`. */
  readonly name: string;
  /** In the order in which they are written, `le` and `quantile` among them. */
  readonly labels: readonly ParsedLabel[];
  readonly value: number;
  /** Milliseconds since the epoch, with fractions where OpenMetrics gives them. */
  readonly timestamp?: number;
  readonly exemplar?: ParsedExemplar;
  /** From 1. */
  readonly line: number;
  /** Where the name begins; from 1, in UTF-16 code units. */
  readonly column: number;
}

/** A metric with its metadata and its samples, as they are written. */
export interface ParsedFamily {
  /** What it was read from: it decides what the family's name and samples are called. */
  readonly format: ExpositionFormat;
  /** As the metadata names it: `http_requests_total` in the text format, `http_requests` in OpenMetrics. */
  readonly name: string;
  readonly type: ParsedType;
  /** Without its escapes. */
  readonly help?: string;
  readonly unit?: string;
  /** The first line that is about it. */
  readonly line: number;
  readonly samples: readonly ParsedSample[];
  /** Lines of it could not be read, so what seems to be missing may have been there. */
  readonly incomplete?: true;
}

/** How much is read. */
export interface ParseOptions {
  /** Reading stops after so many errors; default 1000. */
  readonly maxErrors?: number;
  /** A larger input is refused whole; in bytes, or in UTF-16 code units of a string. Default 64 MiB. */
  readonly maxSize?: number;
}

/** A mistake in an exposition. */
export interface ParseError {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
  /** `EXPOSITION_…` */
  readonly code: string;
  readonly message: string;
  readonly fix: string;
}

/** What was read, and what could not be. */
export interface ParseResult {
  readonly format: ExpositionFormat;
  /** In the order in which they begin. */
  readonly families: readonly ParsedFamily[];
  /** By line. */
  readonly errors: readonly ParseError[];
  /** `maxErrors` was reached, or the input was too large: what follows was not read. */
  readonly stopped: boolean;
}

/** A family while it is read. */
export interface OpenFamily {
  readonly name: string;
  /** Undefined until a `# TYPE` line or a sample settles it. */
  type: ParsedType | undefined;
  help?: string;
  unit?: string;
  readonly line: number;
  readonly samples: ParsedSample[];
  incomplete?: true;
}

export const openFamily = (name: string, line: number): OpenFamily => ({
  name,
  type: undefined,
  line,
  samples: [],
});

/** A family of which nothing but a mistake was read is none. */
const isKnown = ({ type, help, unit, samples }: OpenFamily): boolean =>
  samples.length > 0 || type !== undefined || help !== undefined || unit !== undefined;

export const parseResult = (
  format: ExpositionFormat,
  families: readonly OpenFamily[],
  { errors, full }: Report,
): ParseResult => ({
  format,
  families: families.filter(isKnown).map((family) => ({ ...family, format, type: family.type ?? 'untyped' })),
  errors,
  stopped: full,
});
