import { signal } from '@preact/signals';
import type { AgentSummary, AuditEntry, LogLine, Reload, ResourceDetail, ResourceList } from './types.ts';

const TOKEN_KEY = 'informer-token';

/** The token of web.admin.token_file, as somebody typed it; kept as long as the tab. */
let token = sessionStorage.getItem(TOKEN_KEY) ?? undefined;

/** How far the agent's clock is behind this browser's, in milliseconds: the times that are shown are the agent's. */
export const clockSkew = signal(0);

/** A Date header has whole seconds, and the answer was on its way. */
const SKEW_TOLERANCE_MS = 3_000;

/** What an answer other than 2xx says, in words; status 0 is no answer at all. */
export class RequestProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly fix: string | undefined;

  constructor(status: number, code: string, message: string, fix?: string) {
    super(message);
    this.status = status;
    this.code = code;
    this.fix = fix;
  }
}

export const hasToken = (): boolean => token !== undefined;

export function keepToken(text: string): void {
  token = text;
  sessionStorage.setItem(TOKEN_KEY, text);
}

export function dropToken(): void {
  token = undefined;
  sessionStorage.removeItem(TOKEN_KEY);
}

interface Options {
  readonly method?: 'GET' | 'POST';
  readonly body?: unknown;
  readonly accept?: string;
  readonly signal?: AbortSignal;
}

/**
 * One request to the agent that served this page.
 * @throws RequestProblem
 */
export async function send(path: string, options: Options = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, {
      method: options.method ?? 'GET',
      cache: 'no-store',
      headers: {
        accept: options.accept ?? 'application/json',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(options.body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(options.body !== undefined && { body: JSON.stringify(options.body) }),
      ...(options.signal && { signal: options.signal }),
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new RequestProblem(0, 'NO_ANSWER', 'The agent does not answer.', 'Is it running?');
  }
  readClock(response);
  // A kept token that was exchanged must not lock its reader out.
  if (response.status === 401 && options.method !== 'POST') dropToken();
  if (!response.ok) throw await problemOf(response);
  return response;
}

async function read<T>(path: string, options?: Options): Promise<T> {
  return (await (await send(path, options)).json()) as T;
}

function readClock(response: Response): void {
  const agents = Date.parse(response.headers.get('date') ?? '');
  if (Number.isNaN(agents)) return;
  const skew = Date.now() - agents;
  clockSkew.value = Math.abs(skew) > SKEW_TOLERANCE_MS ? skew : 0;
}

async function problemOf(response: Response): Promise<RequestProblem> {
  const { code, detail, title, fix } = (await response.json().catch(() => ({}))) as Record<
    'code' | 'detail' | 'title' | 'fix',
    string | undefined
  >;
  const wait = response.headers.get('retry-after');
  const retry = wait === null ? undefined : `Try again in ${wait} s.`;
  return new RequestProblem(
    response.status,
    code ?? `HTTP_${response.status}`,
    detail ?? title ?? `The agent answered HTTP ${response.status}.`,
    fix ?? retry,
  );
}

const nameInPath = (name: string): string => `api/v1/resources/${encodeURIComponent(name)}`;

export const readAgent = (): Promise<AgentSummary> => read('api/v1/agent');

/** Lists can be long: they are read in pieces, so that neither side is held up. */
export async function* readResources(pieces: {
  readonly limit: number;
  readonly history: boolean;
  readonly signal?: AbortSignal;
}): AsyncGenerator<ResourceList> {
  let after: string | undefined;
  do {
    const query = new URLSearchParams({ limit: String(pieces.limit) });
    if (pieces.history) query.set('include', 'history');
    if (after !== undefined) query.set('after', after);
    const list = await read<ResourceList>(`api/v1/resources?${query}`, {
      ...(pieces.signal && { signal: pieces.signal }),
    });
    yield list;
    after = list.next;
  } while (after !== undefined);
}

export const readResource = (name: string, signal: AbortSignal): Promise<ResourceDetail> =>
  read(nameInPath(name), { signal });

export async function readExposition(metricsPath: string, name: string): Promise<string> {
  const path = `${metricsPath}?resource=${encodeURIComponent(name)}`;
  return (await send(path, { accept: 'text/plain' })).text();
}

export async function readLog(name: string, limit: number, signal: AbortSignal): Promise<LogLine[]> {
  const query = new URLSearchParams({ resource: name, limit: String(limit) });
  return (await read<{ lines: LogLine[] }>(`api/v1/logs?${query}`, { signal })).lines;
}

export async function readAudit(limit: number, signal: AbortSignal): Promise<AuditEntry[]> {
  return (await read<{ entries: AuditEntry[] }>(`api/v1/audit?limit=${limit}`, { signal })).entries;
}

export type ResourceAction = 'enable' | 'disable' | 'restart' | 'collect';

/** `for` is text like `30m`; without, an override lasts until somebody undoes it. */
export interface ChangeOptions {
  readonly for?: string;
  readonly reason?: string;
}

export const changeResource = (
  name: string,
  action: ResourceAction,
  body?: ChangeOptions,
): Promise<ResourceDetail> =>
  read(`${nameInPath(name)}/${action}`, { method: 'POST', ...(body && { body }) });

export async function reloadConfiguration(): Promise<Reload['result']> {
  return read('-/reload', { method: 'POST' });
}
