import type { TlsFacts } from '@dynamic-informer/lib-http/certificate';
import type { ResponseHead } from '@dynamic-informer/lib-http/exchange';
import type { Config } from './config.ts';
import { compilePattern } from './pattern.ts';
import { statusRange } from './status.ts';

export interface Disapproval {
  readonly reason: 'status' | 'header' | 'body' | 'ssl';
  readonly message: string;
}

/** A complete exchange. */
export interface Answer {
  readonly head: ResponseHead;
  readonly tls?: TlsFacts;
  /** The body, if a check wants it. */
  readonly text: string;
}

/** Judges an answer; `undefined` is approval. */
export type Check = (answer: Answer) => Disapproval | undefined;

/** What a configuration demands of an answer, the first to be judged first. */
export function checksOf(config: Config): Check[] {
  return [
    statusCheck(config.valid_status),
    ...config.header_matches.map((spec) => headerCheck(spec, true)),
    ...config.header_not_matches.map((spec) => headerCheck(spec, false)),
    ...config.body_not_matches.map((text) => bodyCheck(text, false)),
    ...config.body_matches.map((text) => bodyCheck(text, true)),
    ...(config.fail_if_ssl ? [sslCheck(false)] : []),
    ...(config.fail_if_not_ssl ? [sslCheck(true)] : []),
  ];
}

function statusCheck(valid: Config['valid_status']): Check {
  const ranges = valid.map(statusRange).filter((range) => range !== undefined);
  return ({ head: { status } }) =>
    ranges.some(([low, high]) => low <= status && status <= high)
      ? undefined
      : { reason: 'status', message: `the status is ${status}, not ${valid.join(' or ')}` };
}

function headerCheck(
  { header, regex, allow_missing }: Config['header_matches'][number],
  wanted: boolean,
): Check {
  const pattern = compilePattern(regex);
  return ({ head }) => {
    const values = head.headersDistinct[header.toLowerCase()];
    if (!values) {
      return allow_missing ? undefined : { reason: 'header', message: `the header "${header}" is missing` };
    }
    if (values.some((value) => pattern.test(value)) === wanted) return undefined;
    return {
      reason: 'header',
      message: `the header "${header}" ${wanted ? 'does not match' : 'matches'} ${pattern}`,
    };
  };
}

function bodyCheck(expression: string, wanted: boolean): Check {
  const pattern = compilePattern(expression);
  return ({ text }) =>
    pattern.test(text) === wanted
      ? undefined
      : { reason: 'body', message: `the body ${wanted ? 'does not match' : 'matches'} ${pattern}` };
}

function sslCheck(wanted: boolean): Check {
  return ({ tls }) =>
    (tls !== undefined) === wanted
      ? undefined
      : { reason: 'ssl', message: `the last request ${wanted ? 'did not go' : 'went'} over TLS` };
}
