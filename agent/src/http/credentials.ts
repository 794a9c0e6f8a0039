import { createHash, timingSafeEqual } from 'node:crypto';
import type { Attempts } from './attempts.ts';
import type { Passwords } from './passwords.ts';
import type { TokenFile } from './token-file.ts';

/** What a request's `Authorization` comes to. */
export type Verdict =
  | { readonly kind: 'none' | 'token' | 'wrong-token' | 'unreadable-token' | 'wrong-password' }
  | { readonly kind: 'basic'; readonly name: string }
  | { readonly kind: 'wait'; readonly seconds: number };

export interface Presented {
  /** The value of `Authorization`. */
  readonly authorization: string | undefined;
  /** Under what the client is counted. */
  readonly client: string;
  /** The connection: what was right on it before needs no attempt. */
  readonly connection: object;
}

export interface CredentialsParts {
  readonly attempts: Attempts;
  readonly passwords: Passwords;
}

const BUSY_SECONDS = 5;
const NONE: Verdict = { kind: 'none' };

/** Holds credentials against the token and the users, as often as a client may try. */
export class Credentials {
  readonly #attempts: Attempts;
  readonly #passwords: Passwords;
  /** The digest of what was right last on a connection, until something on it is wrong. */
  readonly #proven = new WeakMap<object, Buffer>();
  #token: TokenFile | undefined;
  #hasUsers = false;

  constructor({ attempts, passwords }: CredentialsParts) {
    this.#attempts = attempts;
    this.#passwords = passwords;
  }

  use(token: TokenFile | undefined, users: Readonly<Record<string, string>>): void {
    this.#token = token;
    this.#hasUsers = Object.keys(users).length > 0;
    this.#passwords.use(users);
  }

  async judge({ authorization, client, connection }: Presented): Promise<Verdict> {
    const [, scheme, value] = /^(Bearer|Basic) +(\S.*?)\s*$/i.exec(authorization ?? '') ?? [];
    if (scheme === undefined || value === undefined) return NONE;
    const isBearer = scheme.toLowerCase() === 'bearer';
    const login = isBearer ? undefined : readLogin(value);
    if (isBearer ? !this.#token : !this.#hasUsers || !login) return NONE;

    const digest = createHash('sha256').update(`${scheme} ${value}`).digest();
    const proven = this.#proven.get(connection);
    const isFree =
      (proven !== undefined && timingSafeEqual(proven, digest)) ||
      (login !== undefined && this.#passwords.isPending(login.name, login.password));
    const seconds = isFree ? undefined : this.#attempts.take(client);
    if (seconds !== undefined) return { kind: 'wait', seconds };
    const verdict = login ? await this.#judgeLogin(login, client) : await this.#judgeToken(value);
    const isRight = verdict.kind === 'token' || verdict.kind === 'basic';
    if (isRight) this.#proven.set(connection, digest);
    else this.#proven.delete(connection);
    // Nothing was tried of what is right, or was not even looked at.
    const isTry = verdict.kind === 'wrong-token' || verdict.kind === 'wrong-password';
    if (!isTry && !isFree) this.#attempts.giveBack(client);
    return verdict;
  }

  async #judgeToken(given: string): Promise<Verdict> {
    const isRight = await this.#token?.has(given);
    if (isRight === undefined) return { kind: 'unreadable-token' };
    return { kind: isRight ? 'token' : 'wrong-token' };
  }

  async #judgeLogin({ name, password }: Login, client: string): Promise<Verdict> {
    const isRight = await this.#passwords.verify(name, password, client);
    if (isRight === 'busy') return { kind: 'wait', seconds: BUSY_SECONDS };
    return isRight ? { kind: 'basic', name } : { kind: 'wrong-password' };
  }
}

interface Login {
  readonly name: string;
  readonly password: string;
}

function readLogin(base64: string): Login | undefined {
  const text = Buffer.from(base64, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { name: text.slice(0, colon), password: text.slice(colon + 1) };
}
