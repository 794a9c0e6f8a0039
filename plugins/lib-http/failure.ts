import { BodyTooLarge } from './body.ts';
import type { Phase } from './exchange.ts';

/** Why an exchange did not come to its end; the values of a label, so the list stays short and closed. */
export type FailureReason = 'dns' | 'connect' | 'tls' | 'timeout' | 'protocol' | 'body_size';

export interface Failure {
  readonly reason: FailureReason;
  /** For people. It holds no secrets. */
  readonly message: string;
}

const REASONS: Readonly<Record<Phase, FailureReason>> = {
  resolve: 'dns',
  connect: 'connect',
  tls: 'tls',
  processing: 'protocol',
  transfer: 'protocol',
};

const WAITED_FOR: Readonly<Record<Phase, string>> = {
  resolve: 'the address',
  connect: 'the connection',
  tls: 'the TLS handshake',
  processing: 'the first byte of the answer',
  transfer: 'the rest of the answer',
};

export function failureOf(error: unknown, phase: Phase, signal: AbortSignal): Failure {
  if (signal.aborted) return { reason: 'timeout', message: `timed out waiting for ${WAITED_FOR[phase]}` };
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof BodyTooLarge) return { reason: 'body_size', message };
  if (code === 'ECONNRESET' && phase === 'processing') {
    return { reason: 'protocol', message: 'the connection closed without an answer' };
  }
  if (code === 'ECONNRESET' && phase === 'transfer') {
    return { reason: 'protocol', message: 'the connection closed before the answer was complete' };
  }
  // With TLS 1.3 a server refuses a client's certificate after the handshake is over for the client.
  const reason = code?.startsWith('ERR_SSL_') ? 'tls' : REASONS[phase];
  return { reason, message: message.split('\n', 1)[0] ?? String(code) };
}
