import { readFileSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { configError } from '@dynamic-informer/sdk';
import { absolute } from '../config/convert.ts';
import { loadConfigOffThread } from '../config/load-off-thread.ts';
import { defaultStateDir } from '../state-dir.ts';
import { configFile } from './output.ts';

/** Which agent is meant, and what shows that one may change it. */
export interface AgentAddress {
  readonly config?: string;
  /** `http://host:port`, `https://host:port` or `unix:/path`. */
  readonly url?: string;
  readonly tokenFile?: string;
}

const TIMEOUT_MS = 60_000;
const UNREACHABLE = 5;

/** The answer of a running agent as JSON; `undefined` after it has been said on stderr why there is none. */
export async function ask(
  address: AgentAddress,
  method: 'GET' | 'POST',
  path: string,
): Promise<unknown | undefined> {
  const where = address.url ?? `unix:${await socketOf(address.config)}`;
  const token = address.tokenFile === undefined ? undefined : readFileSync(address.tokenFile, 'utf8').trim();
  let response: IncomingMessage;
  let body: string;
  try {
    response = await send(where, method, path, token);
    body = await text(response);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    const reason = code === 'ENOENT' || code === 'ECONNREFUSED' ? 'no agent listens there' : message;
    process.stderr.write(`informer: ${where} can't be reached: ${reason}; name the agent with --url\n`);
    process.exitCode = UNREACHABLE;
    return undefined;
  }
  const value = parsed(body);
  if (response.statusCode === 200) return value;
  const { detail, fix } = (value ?? {}) as { detail?: string; fix?: string };
  const line = (detail ?? `the agent answered HTTP ${response.statusCode}`).replace(/\.$/, '');
  process.stderr.write(`informer: ${fix ? `${line}; ${fix}` : line}\n`);
  process.exitCode = 1;
  return undefined;
}

function send(
  where: string,
  method: string,
  path: string,
  token: string | undefined,
): Promise<IncomingMessage> {
  const options = {
    method,
    timeout: TIMEOUT_MS,
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  };
  const local = /^unix:(?<socket>.+)$/.exec(where)?.groups?.socket;
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const make = where.startsWith('https:') ? httpsRequest : httpRequest;
  const request =
    local === undefined
      ? make(new URL(path, where), options, resolve)
      : httpRequest({ ...options, socketPath: local, path }, resolve);
  request.on('error', reject);
  request.on('timeout', () => request.destroy(new Error('it does not answer')));
  request.end();
  return promise;
}

/** The socket of the agent that runs with this configuration, even if what is on disk now is not usable. */
async function socketOf(named: string | undefined): Promise<string> {
  let file: string;
  try {
    file = configFile(named);
  } catch (error) {
    if (named !== undefined) throw error;
    return join(defaultStateDir(process.env), 'agent.sock');
  }
  const { config } = await loadConfigOffThread(file);
  return join(config?.stateDir ?? (await writtenStateDir(file)), 'agent.sock');
}

async function writtenStateDir(file: string): Promise<string> {
  const { parse } = await import('yaml');
  let raw: { readonly state_dir?: unknown } | null;
  try {
    raw = parse(readFileSync(file, 'utf8'), { logLevel: 'error' });
  } catch {
    throw configError(`${file} does not say where the agent's socket is: it does not parse.`, {
      fix: 'name the agent with --url unix:STATE_DIR/agent.sock',
    });
  }
  const written = raw?.state_dir;
  return typeof written === 'string' ? absolute(written, dirname(file)) : defaultStateDir(process.env);
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
