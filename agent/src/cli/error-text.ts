import type { ErrorInfo } from '@dynamic-informer/sdk';
import { oneLine } from '../printable.ts';

/** What is wrong and what to do about it, as sentences on one line. */
export function errorText({ message, fix }: Pick<ErrorInfo, 'message' | 'fix'>): string {
  const fact = oneLine(message);
  return fix ? `${/[.!?…]$/.test(fact) ? fact : `${fact}.`} ${oneLine(fix)}` : fact;
}
