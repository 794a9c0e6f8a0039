import { hostname } from 'node:os';
import { TLSSocket } from 'node:tls';
import type { Logger } from '@dynamic-informer/sdk';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Network, Networks, plainAddress } from '../config/networks.ts';
import type { ListenAddress } from '../config/types.ts';
import { OPEN_ACCESS, type WebAccess } from '../config/web-access.ts';
import { RateLimit } from '../rate-limit.ts';
import { Attempts } from './attempts.ts';
import { clientKey } from './client-address.ts';
import { Credentials, type Verdict } from './credentials.ts';
import { isOwnHost, isOwnOrigin } from './origin.ts';
import { Passwords } from './passwords.ts';
import { sendProblem } from './problem.ts';
import {
  MAX_URL,
  notAllowed,
  notLoggedIn,
  outsideNetwork,
  type Refusal,
  strangeHost,
  strangeOrigin,
  TOO_LONG,
  tooMany,
} from './refusal.ts';
import { type RefusalReason, Refusals } from './refusals.ts';
import { TokenFile } from './token-file.ts';

/** Set on requests that came over the unix socket, which only its owner can open. */
export const LOCAL = Symbol('came over the unix socket');

/** Who asks, as far as is known: what an audit entry says. */
export interface Requester {
  readonly kind: 'local' | 'token' | 'basic' | 'certificate' | 'anonymous';
  /** Over the unix socket what `X-Informer-User` claims; else the user, or the certificate's subject. */
  readonly name?: string;
  /** The address of who connected; none over the unix socket. */
  readonly address?: string;
}

/** As an audit entry has it. What came over the unix socket says itself who it is. */
export function inWords({ kind, name, address }: Requester): string {
  if (kind === 'local') return name === undefined ? 'somebody on this host' : `${name} on this host`;
  const who = kind === 'token' ? 'the token' : (name ?? 'somebody');
  return address === undefined ? who : `${who} from ${address}`;
}

/** What routes ask about a request. */
export interface RequestAccess {
  /** Whether this request's connection and credentials are enough to change something. */
  mayChange(request: FastifyRequest): Promise<boolean>;
  whoIs(request: FastifyRequest): Requester;
  /** Whether there is a token; if not, changes are made over the unix socket. */
  acceptsToken(): boolean;
}

/** The configuration as far as it says who may do what. */
export interface AccessSettings {
  readonly metricsPath: string;
  readonly tokenFile: string | undefined;
  /** Everybody if `undefined`. */
  readonly allow: readonly Network[] | undefined;
  /** Names that the agent is reached by, beside those that it knows itself. */
  readonly hosts: readonly string[];
  readonly listen: readonly ListenAddress[];
  readonly access: WebAccess;
}

/** Longer names are cut, so that a log stays readable. */
const MAX_NAME = 100;

/** On every answer; a route or the operator may say something else. */
const HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'deny',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
};

/** Decides what a request may do. All of it is here; the modules that it uses each know one thing. */
export class Access implements RequestAccess {
  readonly #refusals: Refusals;
  readonly #passwords = new Passwords();
  readonly #credentials = new Credentials({ attempts: new Attempts(), passwords: this.#passwords });
  readonly #verdicts = new WeakMap<FastifyRequest, Promise<Verdict>>();
  /** What has been found out, for `whoIs`, which does not wait. */
  readonly #known = new WeakMap<FastifyRequest, Verdict>();
  #settings: AccessSettings | undefined;
  #allowed: Networks | undefined;
  #names: ReadonlySet<string> = new Set();
  #tokenFile: TokenFile | undefined;
  #rate: RateLimit | undefined;

  constructor(log: Logger, count: (reason: RefusalReason) => void) {
    this.#refusals = new Refusals(log, count);
  }

  /** Takes effect at once, for requests on open connections too. */
  use(settings: AccessSettings): void {
    const { allow, hosts, listen, tokenFile, access } = settings;
    const before = this.#settings?.access.rateLimit;
    this.#settings = settings;
    this.#allowed = allow && new Networks(allow);
    const machine = hostname().toLowerCase();
    const listened = listen.map((address) => (address.kind === 'tcp' ? address.host.toLowerCase() : ''));
    this.#names = new Set(['localhost', machine, ...machine.split('.', 1), ...listened, ...hosts]);
    if (this.#tokenFile?.path !== tokenFile)
      this.#tokenFile = tokenFile ? new TokenFile(tokenFile) : undefined;
    this.#credentials.use(this.#tokenFile, access.users);
    const { rateLimit } = access;
    if (rateLimit?.intervalMs !== before?.intervalMs || rateLimit?.burst !== before?.burst) {
      this.#rate = rateLimit && new RateLimit(1_000 / rateLimit.intervalMs, rateLimit.burst);
    }
  }

  /** What every answer carries. */
  get headers(): Readonly<Record<string, string>> {
    return { ...HEADERS, ...this.#settings?.access.headers };
  }

  /** Whether a client may connect at all. `address` is as a socket tells it. */
  mayConnect(address: string): boolean {
    return this.#allowed?.has(plainAddress(address)) ?? true;
  }

  /** Counts and logs what was refused before it became a request. */
  refused(reason: RefusalReason, address: string, detail: string): void {
    this.#refusals.note(reason, clientKey(plainAddress(address)), detail);
  }

  async mayChange(request: FastifyRequest): Promise<boolean> {
    return isLocal(request) || (await this.#judge(request)).kind === 'token';
  }

  acceptsToken(): boolean {
    return this.#tokenFile !== undefined;
  }

  whoIs(request: FastifyRequest): Requester {
    if (isLocal(request)) {
      const claimed = request.headers['x-informer-user'];
      const name = typeof claimed === 'string' ? claimed.trim().slice(0, MAX_NAME) : '';
      return { kind: 'local', ...(name !== '' && { name }) };
    }
    const address = addressOf(request);
    const verdict = this.#known.get(request);
    if (verdict?.kind === 'token') return { kind: 'token', address };
    if (verdict?.kind === 'basic') return { kind: 'basic', name: verdict.name.slice(0, MAX_NAME), address };
    const subject = certificateSubject(request);
    if (subject !== undefined) return { kind: 'certificate', name: subject.slice(0, MAX_NAME), address };
    return { kind: 'anonymous', address };
  }

  /** A hook for all requests: who may not ask at all gets no further. */
  readonly guard = async (
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply | undefined> => {
    reply.headers(this.headers);
    if (request.url.startsWith('/api/')) reply.header('cache-control', 'no-store');
    const { access = OPEN_ACCESS } = this.#settings ?? {};
    if (isLocal(request)) return undefined;
    const refusal = this.#unwelcome(request) ?? (await this.#withoutLogin(request, access));
    return refusal && this.#refuse(request, reply, refusal);
  };

  /** A hook for routes that change something. */
  readonly requireAdmin = async (
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply | undefined> => {
    if (isLocal(request)) return undefined;
    const verdict = await this.#judge(request);
    return verdict.kind === 'token'
      ? undefined
      : this.#refuse(request, reply, notAllowed(verdict, this.#tokenFile?.path));
  };

  async close(): Promise<void> {
    await this.#passwords.close();
  }

  /** Why this request is refused whatever its credentials are. */
  #unwelcome(request: FastifyRequest): Refusal | undefined {
    const address = addressOf(request);
    if (!this.mayConnect(address)) return outsideNetwork(address);
    if (request.url.length > MAX_URL) return TOO_LONG;
    if (this.#rate?.take() === false) {
      const seconds = Math.ceil((this.#settings?.access.rateLimit?.intervalMs ?? 0) / 1_000);
      return tooMany(seconds, 'More requests came than rate_limit of the web configuration allows.');
    }
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const [path = ''] = request.url.split('?', 1);
    // Scrapers and supervisors reach these by whatever name they are given.
    if (isRead && (path === this.#settings?.metricsPath || path === '/probe' || path.startsWith('/-/')))
      return undefined;
    const { host } = request.headers;
    if (!isOwnHost(host, this.#ownNames(request))) return strangeHost(host);
    if (!isRead && !isOwnOrigin(request.headers, this.#settings?.hosts ?? [])) {
      return strangeOrigin();
    }
    return undefined;
  }

  #ownNames(request: FastifyRequest): readonly string[] {
    const { tls } = this.#settings?.access ?? {};
    // A browser shows the certificate's name, so nobody else's name can lead to it.
    return request.raw.socket instanceof TLSSocket
      ? [...this.#names, ...(tls?.names ?? [])]
      : [...this.#names];
  }

  /** Why the request is refused where everybody has to log in. */
  async #withoutLogin(request: FastifyRequest, { users }: WebAccess): Promise<Refusal | undefined> {
    if (Object.keys(users).length === 0) return undefined;
    const verdict = await this.#judge(request);
    if (verdict.kind === 'basic' || verdict.kind === 'token') return undefined;
    return notLoggedIn(verdict);
  }

  /** What the credentials of a request come to, found out once. */
  #judge(request: FastifyRequest): Promise<Verdict> {
    let verdict = this.#verdicts.get(request);
    if (!verdict) {
      const client = clientKey(addressOf(request));
      const { authorization } = request.headers;
      verdict = this.#credentials.judge({ authorization, client, connection: request.raw.socket });
      this.#verdicts.set(request, verdict);
      void verdict.then(
        (known) => this.#known.set(request, known),
        () => undefined,
      );
    }
    return verdict;
  }

  #refuse(request: FastifyRequest, reply: FastifyReply, refusal: Refusal): FastifyReply {
    const { status, reason, problem, headers = {} } = refusal;
    if (reason !== undefined) this.#refusals.note(reason, clientKey(addressOf(request)), problem.detail);
    reply.headers(headers);
    // A body that nobody reads is not waited for.
    if (hasBody(request)) reply.header('connection', 'close');
    return sendProblem(reply, status, problem);
  }
}

const isLocal = ({ raw }: FastifyRequest): boolean => (raw as { [LOCAL]?: boolean })[LOCAL] === true;

const addressOf = ({ raw }: FastifyRequest): string => plainAddress(raw.socket.remoteAddress ?? '');

const hasBody = ({ headers }: FastifyRequest): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/** The common name of a certificate that an authority of ours has signed. */
function certificateSubject({ raw: { socket } }: FastifyRequest): string | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const { CN } = socket.getPeerCertificate().subject ?? {};
  return Array.isArray(CN) ? CN[0] : CN;
}
