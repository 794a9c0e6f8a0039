import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendProblem } from './problem.ts';

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
}

/** Longer names are cut, so that a log stays readable. */
const MAX_NAME = 100;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Decides what a request may do. `tokenFile` is asked at each request: a reload may change it. */
export class Access implements RequestAccess {
  readonly #tokenFile: () => string | undefined;
  /** Requests whose token was the right one. */
  readonly #withToken = new WeakSet<FastifyRequest>();

  constructor(tokenFile: () => string | undefined) {
    this.#tokenFile = tokenFile;
  }

  async mayChange(request: FastifyRequest): Promise<boolean> {
    return (await this.#refusal(request)) === undefined;
  }

  whoIs(request: FastifyRequest): Requester {
    if (isLocal(request)) {
      const claimed = request.headers['x-informer-user'];
      const name = typeof claimed === 'string' ? claimed.trim().slice(0, MAX_NAME) : '';
      return { kind: 'local', ...(name !== '' && { name }) };
    }
    const address = request.ip;
    return { kind: this.#withToken.has(request) ? 'token' : 'anonymous', ...(address && { address }) };
  }

  /** A hook for routes that change something. */
  readonly requireAdmin = async (
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply | undefined> => {
    const detail = await this.#refusal(request);
    if (detail === undefined) return undefined;
    return sendProblem(reply, 401, {
      code: 'HTTP_NOT_ALLOWED',
      title: 'Not allowed',
      detail,
      fix: 'Use the command line on the host itself, or send the token of web.admin.token_file.',
    });
  };

  /** Why a request may not change something: it came neither over the unix socket nor with the token. */
  async #refusal(request: FastifyRequest): Promise<string | undefined> {
    if (isLocal(request)) return undefined;
    const tokenFile = this.#tokenFile();
    if (tokenFile === undefined) {
      return 'Without web.admin.token_file, changes are accepted on the unix socket only.';
    }
    const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (given === undefined) return 'The request has no "Authorization: Bearer TOKEN".';
    const token = (await readFile(tokenFile, 'utf8').catch(() => '')).trim();
    if (token === '') return `The token file ${tokenFile} is empty or can't be read.`;
    if (!timingSafeEqual(digest(given), digest(token))) return 'The token is not the right one.';
    this.#withToken.add(request);
    return undefined;
  }
}

const isLocal = ({ raw }: FastifyRequest): boolean => (raw as { [LOCAL]?: boolean })[LOCAL] === true;
