import type { PatternConfig } from '../config.ts';
import type { Extractor } from '../patterns/extractor.ts';
import { combined, common } from './access-log.ts';
import { json } from './json.ts';
import { llmGateway } from './llm-gateway.ts';
import { logfmt } from './logfmt.ts';
import { nginxError } from './nginx-error.ts';
import { syslog, syslogRfc3164, syslogRfc5424 } from './syslog.ts';

/** What can be asked of a line by name. A name that ends in `.*` stands for all names that begin so. */
export interface Field {
  readonly name: string;
  readonly description: string;
}

/** A form that lines of many programs have: which fields they hold, and which metrics to make of them. */
export interface Format {
  readonly name: string;
  /** One sentence that says which programs write it. */
  readonly description: string;
  /** A line of it. */
  readonly example: string;
  /** Undefined if a line may have fields of any name. */
  readonly fields: readonly Field[] | undefined;
  /**
   * Reads these fields, and only them. `exec` gives null for a line that is not of the format, which does not depend on the
   * fields; else the value of `fields[i]` at index i, undefined if the line does not have it.
   */
  extractor(fields: readonly string[]): Extractor;
  /** The ready metrics, written as anybody could configure them. */
  readonly patterns: readonly PatternConfig[];
}

export const FORMATS = [
  combined,
  common,
  nginxError,
  syslog,
  syslogRfc3164,
  syslogRfc5424,
  json,
  logfmt,
  llmGateway,
] as const satisfies readonly Format[];

export type FormatName = (typeof FORMATS)[number]['name'];

export function formatOf(name: FormatName): Format {
  return FORMATS.find((format) => format.name === name) as Format;
}
