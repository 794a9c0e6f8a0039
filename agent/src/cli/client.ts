import { readFileSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { configError, formatDuration } from '@dynamic-informer/sdk';
import { absolute } from '../config/convert.ts';
import { loadConfigOffThread } from '../config/load-off-thread.ts';
import { oneLine } from '../printable.ts';
import { defaultStateDir } from '../state-dir.ts';
import { configFile } from './output.ts';

/** Which agent is meant, and what shows that one may change it. */
export interface AgentAddress {
  readonly config?: string;
  /** `http://host:port`, `https://host:port` or `unix:/path`. */
  readonly url?: string;
  readonly tokenFile?: string;
  /** Certificates to trust instead of the well-known authorities. */
  readonly caFile?: string;
}

/** What an agent says of a request that it does not carry out, as RFC 9457 has it. */
export interface Problem {
  readonly code?: string;
  readonly detail?: string;
  readonly fix?: string;
  readonly errors?: readonly string[];
}

/** Nobody answers there, or not in time, or who does is not to be trusted. */
export class Unreachable extends Error {
  readonly fix: string;

  constructor(where: string, reason: string, fix: string) {
    super(`${where} can't be reached: ${reason}`);
    this.fix = fix;
  }
}

/** The agent has answered, and does not do what was asked. */
export class Refused extends Error {
  readonly status: number;
  readonly problem: Problem;

  constructor(status: number, problem: Problem) {
    super((problem.detail ?? `the agent answered HTTP ${status}`).replace(/\.$/, ''));
    this.status = status;
    this.problem = problem;
  }
}

interface Exchange {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly deadlineMs?: number;
}

const REFUSED = 1;
const UNREACHABLE = 5;
/** A reload waits for what it opens, a restart for one collect. */
const CHANGE_MS = 60_000;
const READ_MS = 10_000;

/** A running agent, over its socket or by its URL. */
export class AgentClient {
  /** As messages name it. */
  readonly where: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #ca: Buffer | undefined;

  private constructor(where: string, headers: Readonly<Record<string, string>>, ca: Buffer | undefined) {
    this.where = where;
    this.#headers = headers;
    this.#ca = ca;
  }

  /** Without a URL, the agent that runs with the configuration. Nothing is asked yet. */
  static async at(address: AgentAddress): Promise<AgentClient> {
    const where = address.url ?? `unix:${await socketOf(address.config)}`;
    if (!/^(?:unix:.|https?:\/\/.)/.test(where) || (!where.startsWith('unix:') && !URL.canParse(where))) {
      throw configError(`"${where}" is not the address of an agent.`, {
        fix: 'write http://HOST:PORT, https://HOST:PORT or unix:PATH',
      });
    }
    const token =
      address.tokenFile === undefined ? undefined : readGiven(address.tokenFile).toString('utf8').trim();
    const headers = {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(where.startsWith('unix:') && { 'x-informer-user': loginName() }),
    };
    return new AgentClient(
      where,
      headers,
      address.caFile === undefined ? undefined : readGiven(address.caFile),
    );
  }

  /**
   * The answer's JSON.
   * @throws Refused, Unreachable
   */
  async get(path: string, exchange: Exchange = {}): Promise<unknown> {
    return parsed(await this.text(path, exchange));
  }

  /** @throws Refused, Unreachable */
  async post(path: string, exchange: Exchange = {}): Promise<unknown> {
    return parsed(await this.#exchange('POST', path, { deadlineMs: CHANGE_MS, ...exchange }));
  }

  /**
   * The answer as it is.
   * @throws Refused, Unreachable
   */
  text(path: string, exchange: Exchange = {}): Promise<string> {
    return this.#exchange('GET', path, { deadlineMs: READ_MS, ...exchange });
  }

  async #exchange(method: string, path: string, exchange: Exchange): Promise<string> {
    const { body, deadlineMs = READ_MS } = exchange;
    const sent = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      ...this.#headers,
      ...(sent !== undefined && { 'content-type': 'application/json' }),
      ...exchange.headers,
    };
    let response: IncomingMessage;
    let answer: string;
    try {
      response = await this.#send(method, path, headers, sent, AbortSignal.timeout(deadlineMs));
      answer = await readText(response);
    } catch (error) {
      throw this.#unreachable(error, deadlineMs);
    }
    if (response.statusCode === 200) return answer;
    const problem = parsed(answer);
    throw new Refused(response.statusCode ?? 0, isProblem(problem) ? problem : {});
  }

  #send(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body: string | undefined,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const options = { method, headers, signal };
    const socketPath = /^unix:(?<path>.+)$/.exec(this.where)?.groups?.path;
    const make = this.where.startsWith('https:') ? httpsRequest : httpRequest;
    const request =
      socketPath === undefined
        ? make(new URL(path, this.where), { ...options, ...(this.#ca && { ca: this.#ca }) }, resolve)
        : httpRequest({ ...options, socketPath, path }, resolve);
    request.on('error', reject);
    request.end(body);
    return promise;
  }

  #unreachable(error: unknown, deadlineMs: number): Unreachable {
    const { code, name, message } = error as { code?: string; name?: string; message: string };
    const isLocal = this.where.startsWith('unix:');
    if (name === 'TimeoutError' || name === 'AbortError') {
      const reason = `it does not answer within ${formatDuration(deadlineMs)}`;
      return new Unreachable(this.where, reason, 'see whether its process is stopped, and its log');
    }
    if (code === 'ENOENT' || code === 'ECONNREFUSED') {
      return new Unreachable(this.where, 'no agent listens there', 'name the agent with --url');
    }
    if (code === 'EACCES' && isLocal) {
      const fix = "run this as the agent's user, or name its http address with --url";
      return new Unreachable(this.where, 'only the user that the agent runs as may open it', fix);
    }
    if (UNTRUSTED.test(code ?? '')) {
      const reason = `nobody that is trusted here vouches for its certificate (${code})`;
      return new Unreachable(this.where, reason, 'name the certificate of its authority with --ca-file');
    }
    return new Unreachable(this.where, message || (code ?? 'it failed'), 'name the agent with --url');
  }
}

const UNTRUSTED = /^(?:UNABLE_TO_|SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED|CERT_UNTRUSTED)/;

/** Does what has to do with an agent; if that fails, says on stderr why, and sets the exit code. */
export async function withAgent(
  address: AgentAddress,
  work: (agent: AgentClient) => Promise<void>,
): Promise<void> {
  try {
    await work(await AgentClient.at(address));
  } catch (error) {
    if (!sayWhyNot(error)) throw error;
  }
}

/** @returns whether it is the agent that did not do it */
export function sayWhyNot(error: unknown): boolean {
  if (error instanceof Unreachable) {
    process.stderr.write(`informer: ${oneLine(error.message)}; ${error.fix}\n`);
    process.exitCode = UNREACHABLE;
    return true;
  }
  if (error instanceof Refused) {
    const { fix } = error.problem;
    process.stderr.write(`informer: ${oneLine(fix ? `${error.message}; ${fix}` : error.message)}\n`);
    process.exitCode = REFUSED;
    return true;
  }
  return false;
}

/** The answer of a running agent as JSON; `undefined` after it has been said on stderr why there is none. */
export async function ask(
  address: AgentAddress,
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
): Promise<unknown | undefined> {
  let answer: unknown;
  await withAgent(address, async (agent) => {
    answer = method === 'GET' ? await agent.get(path) : await agent.post(path, { body });
  });
  return answer;
}

function readGiven(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw configError(`${file} can't be read: ${(error as Error).message}.`, {
      fix: 'name a file that is there',
    });
  }
}

/** Who asks, for the audit: who became root, rather than root. Headers hold no more than ASCII. */
function loginName(): string {
  const { SUDO_USER } = process.env;
  let name = SUDO_USER;
  try {
    const { username } = userInfo();
    name = SUDO_USER && SUDO_USER !== username ? `${SUDO_USER} as ${username}` : username;
  } catch {
    // A number that no account has.
    name ??= `user ${process.getuid?.()}`;
  }
  return name.replace(/[^\x20-\x7e]/g, '?');
}

/** The socket of the agent that runs with this configuration, even if what is on disk now is not usable. */
export async function socketOf(named: string | undefined): Promise<string> {
  return join(await stateDirOf(named), 'agent.sock');
}

export async function stateDirOf(named: string | undefined): Promise<string> {
  let file: string;
  try {
    file = configFile(named);
  } catch (error) {
    if (named !== undefined) throw error;
    return defaultStateDir(process.env);
  }
  const written = await writtenStateDir(file);
  if (written === undefined) return defaultStateDir(process.env);
  if (!written.includes('$')) return absolute(written, dirname(file));
  const { config } = await loadConfigOffThread(file);
  return config?.stateDir ?? absolute(written, dirname(file));
}

/** Only that key is looked at: the rest may be unusable just now, and checking all of it takes its time. */
async function writtenStateDir(file: string): Promise<string | undefined> {
  const { parse } = await import('yaml');
  let text = '';
  let raw: { readonly state_dir?: unknown } | null;
  try {
    text = readFileSync(file, 'utf8');
    raw = parse(text, { logLevel: 'error' });
  } catch (error) {
    // One line is often whole where the file is not.
    const line = /^state_dir:[ \t]+(["']?)([^\s"'#[\]{}]+)\1[ \t]*(?:#.*)?$/m.exec(text);
    if (line) return line[2];
    const why = (error as { code?: string }).code?.startsWith('E') ? "can't be read" : 'does not parse';
    throw configError(`${file} does not say where the agent's socket is: it ${why}.`, {
      fix: 'name the agent with --url unix:STATE_DIR/agent.sock',
    });
  }
  return typeof raw?.state_dir === 'string' ? raw.state_dir : undefined;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

const isProblem = (value: unknown): value is Problem => typeof value === 'object' && value !== null;
