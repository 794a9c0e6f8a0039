import type { ErrorInfo } from '@dynamic-informer/sdk';
import type { CollectReply, HostDeath } from '../contract.ts';
import type { Sentence } from './strikes.ts';

const CODES = {
  timeout: 'PLUGIN_HOST_DIED',
  memory: 'LIMIT_MEMORY',
  cpu: 'LIMIT_CPU',
  exit: 'PLUGIN_HOST_DIED',
  crash: 'PLUGIN_HOST_DIED',
} as const;

const FIXES = {
  timeout: 'Look at what the resource reads, or raise its timeout.',
  memory: "Raise the memory of the plugin's host, or look for what the plugin keeps.",
  cpu: "Raise the CPU budget of the plugin's host, or collect less often.",
  exit: 'See the log for what it printed last.',
  crash: 'See the log for what it printed last.',
} as const;

/** What is said of a resource that has brought its host down. */
export function hostDiedError({ reason, message, fix }: HostDeath, sentence?: Sentence): ErrorInfo {
  const retry = sentence ? ` It is tried again in ${sentence.waitMs / 1000} s.` : '';
  return {
    code: CODES[reason],
    class: 'plugin',
    message: `Its host ended: ${message}`,
    fix: `${fix ?? FIXES[reason]}${retry}`,
  };
}

/** What is said of a resource that keeps bringing its host down. */
export function quarantineError(
  resource: string,
  { message }: HostDeath,
  { strikes, waitMs }: Sentence,
  retryAt: number,
): ErrorInfo {
  const at = `${new Date(retryAt).toISOString().slice(0, 19)}Z`;
  return {
    code: 'PLUGIN_QUARANTINED',
    class: 'plugin',
    message: `It has brought its host down ${strikes} times, and last: ${message}`,
    fix: `It is tried again at ${at}, in ${waitMs / 60_000} min; "informer restart ${resource}" tries it now.`,
  };
}

/** A collect that brought nothing but an error. */
export function failedReply(outcome: 'timeout' | 'crash' | 'plugin', error: ErrorInfo): CollectReply {
  return { outcome, errors: [error], fragments: [], dropped: {} };
}
