import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { isIP, connect as netConnect, type Socket } from 'node:net';
import { checkServerIdentity, type TLSSocket, connect as tlsConnect } from 'node:tls';
import { type Address, type AddressChoice, resolveAddress } from './address.ts';
import { Body } from './body.ts';
import { type TlsFacts, tlsFactsOf } from './certificate.ts';
import { type Failure, failureOf } from './failure.ts';
import type { TlsClient } from './tls.ts';
import { hostOf, portOf } from './url.ts';

/** The parts of an exchange, in their order. */
export const PHASES = ['resolve', 'connect', 'tls', 'processing', 'transfer'] as const;
export type Phase = (typeof PHASES)[number];

export interface ExchangeRequest {
  readonly url: URL;
  readonly method: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly tls: TlsClient;
  readonly address?: AddressChoice;
  /** A longer body ends the exchange as a failure; counted after decoding its `Content-Encoding`. */
  readonly maxBodyBytes: number;
  /** Whether to give the body back; otherwise it is read and only counted. */
  readonly keepBody: boolean;
  /** Whether to read a response's body at all; by default always. */
  wantsBody?(head: ResponseHead): boolean;
}

export interface ResponseHead {
  readonly status: number;
  /** `1.1` */
  readonly httpVersion: string;
  readonly headers: IncomingHttpHeaders;
  /** All values of each header. */
  readonly headersDistinct: NodeJS.Dict<string[]>;
}

/** One request over a connection of its own, as far as it came. */
export interface Exchange {
  /** Seconds that each completed phase took, and a failed `resolve` too. */
  readonly phases: Readonly<Partial<Record<Phase, number>>>;
  readonly address?: Address;
  readonly tls?: TlsFacts;
  readonly head?: ResponseHead;
  readonly body?: Body;
  readonly failure?: Failure;
}

type Progress = { -readonly [K in keyof Exchange]: Exchange[K] } & {
  phases: Partial<Record<Phase, number>>;
};

/**
 * Makes one HTTP/1.1 request on a new connection, which is closed when this settles, and measures each
 * phase where it happens. It does not reject: a server that fails is a result.
 */
export async function exchange(asked: ExchangeRequest, signal: AbortSignal): Promise<Exchange> {
  const progress: Progress = { phases: {} };
  let phase: Phase = 'resolve';
  let since = performance.now();
  const enter = (next: Phase | undefined) => {
    const now = performance.now();
    progress.phases[phase] = (now - since) / 1000;
    since = now;
    if (next) phase = next;
  };

  let socket: Socket | undefined;
  try {
    signal.throwIfAborted();
    const address = await resolveAddress(hostOf(asked.url), asked.address ?? { fallback: true }, signal);
    progress.address = address;
    enter('connect');
    const { ip, family } = address;
    socket = netConnect({ host: ip, family, port: portOf(asked.url), autoSelectFamily: false });
    socket.on('error', ignore);
    await once(socket, 'connect', { signal });
    if (asked.url.protocol === 'https:') {
      enter('tls');
      const secure = secured(socket, asked);
      socket = secure;
      socket.on('error', ignore);
      await once(socket, 'secureConnect', { signal });
      const facts = tlsFactsOf(secure);
      if (facts) progress.tls = facts;
      assertTrusted(secure, asked.tls);
    }
    enter('processing');
    const response = await send(asked, socket, signal, () => enter('transfer'));
    progress.head = headOf(response);
    if (asked.wantsBody?.(progress.head) === false) return progress;
    progress.body = new Body(asked);
    await progress.body.read(response, signal);
    enter(undefined);
  } catch (error) {
    progress.failure = failureOf(error, phase, signal);
    // How long a name server kept everybody waiting is known even if it had no answer.
    if (phase === 'resolve') enter(undefined);
  } finally {
    socket?.destroy();
  }
  return progress;
}

/** Errors reach the one who waits at that moment; between two waits nobody would hear them, and Node.js would exit. */
function ignore(): void {}

function secured(socket: Socket, { url, tls }: ExchangeRequest): TLSSocket {
  const { secureContext, serverName } = tls;
  const name = serverName ?? hostOf(url);
  return tlsConnect({
    socket,
    ...(secureContext && { secureContext }),
    // RFC 6066 has no addresses in the server's name.
    servername: isIP(name) ? '' : name,
    checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate),
    ALPNProtocols: ['http/1.1'],
    // A certificate that is refused still tells when it expired; `assertTrusted` refuses it.
    rejectUnauthorized: false,
  });
}

function assertTrusted(socket: TLSSocket, { verify }: TlsClient): void {
  if (!verify || socket.authorized) return;
  throw new Error(`the certificate is not accepted (${socket.authorizationError})`);
}

async function send(
  asked: ExchangeRequest,
  socket: Socket,
  signal: AbortSignal,
  onFirstByte: () => void,
): Promise<IncomingMessage> {
  const { url, method, headers, body } = asked;
  const sent = request({
    method,
    path: `${url.pathname}${url.search}`,
    headers: {
      host: url.host,
      'user-agent': 'dynamic-informer',
      // Node.js leaves it out for the methods that seldom have a body.
      ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
      ...headers,
    },
    setHost: false,
    createConnection: () => socket,
    signal,
  });
  // By then the parser listens too, so that this listener does not take the bytes from it.
  sent.once('socket', () => socket.once('data', onFirstByte));
  const answer = Promise.withResolvers<IncomingMessage>();
  sent.once('response', answer.resolve);
  sent.once('upgrade', () => answer.reject(new Error('the server changed to another protocol')));
  sent.once('close', () => answer.reject(new Error('the connection closed without an answer')));
  sent.on('error', answer.reject);
  sent.end(body);
  const response = await answer.promise;
  response.on('error', ignore);
  return response;
}

function headOf({ statusCode = 0, httpVersion, headers, headersDistinct }: IncomingMessage): ResponseHead {
  return { status: statusCode, httpVersion, headers, headersDistinct };
}
