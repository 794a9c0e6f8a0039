import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { type InformerError, type Static, targetError } from '@dynamic-informer/sdk';
import type { Address } from '../address.ts';
import { authFailure, connectionFailure, lateFailure, queueFailure } from '../failure.ts';
import { type tlsConfig, tlsOptions } from '../tls.ts';

export interface ManagementTarget {
  /** With username and password; its path is where the API is, `/api` left out. */
  readonly address: Address;
  readonly vhost: string;
  readonly tls: Static<typeof tlsConfig> | undefined;
  readonly directory: string;
}

/** What the management API tells of a queue; what it does not know is undefined. */
export interface QueueStatus {
  readonly messages_ready?: number;
  readonly messages_unacknowledged?: number;
  readonly message_bytes?: number;
  readonly consumers?: number;
  /** Seconds since the epoch; from the messages' own timestamp property. */
  readonly head_message_timestamp?: number | null;
}

const COLUMNS = 'messages_ready,messages_unacknowledged,message_bytes,consumers,head_message_timestamp';

/** The management API, over connections that are kept. */
export class Management {
  readonly #target: ManagementTarget;
  #agent: HttpAgent | undefined;

  constructor(target: ManagementTarget) {
    this.#target = target;
  }

  async connect(): Promise<void> {
    if (this.#agent) return;
    const { address, tls, directory } = this.#target;
    const options = { keepAlive: true, maxSockets: 8 };
    this.#agent =
      address.scheme === 'https'
        ? new HttpsAgent({ ...options, ...(await tlsOptions(tls, directory)) })
        : new HttpAgent(options);
  }

  /** Rejects with a queue's error if the API answers, or else with the broker's. */
  async status(queue: string, signal: AbortSignal): Promise<QueueStatus> {
    const { address, vhost } = this.#target;
    const { place } = address;
    const path = `/api/queues/${encodeURIComponent(vhost)}/${encodeURIComponent(queue)}?columns=${COLUMNS}`;
    try {
      const response = await this.#get(path, signal);
      const body = await textOf(response, place);
      if (response.statusCode === 200) return parse(place, body);
      throw refusal(place, queue, vhost, response.statusCode ?? 0);
    } catch (error) {
      if (signal.aborted) throw lateFailure(place);
      if ((error as { class?: unknown }).class !== undefined) throw error;
      this.close();
      throw connectionFailure(place, error);
    }
  }

  close(): void {
    this.#agent?.destroy();
    this.#agent = undefined;
  }

  #get(path: string, signal: AbortSignal): Promise<IncomingMessage> {
    const { scheme, host, port, path: base, username = '', password = '' } = this.#target.address;
    const request = scheme === 'https' ? requestHttps : requestHttp;
    return new Promise((resolve, reject) => {
      const asked = request({
        agent: this.#agent,
        host,
        port,
        path: base.replace(/\/+$/, '') + path,
        auth: `${username}:${password}`,
        headers: { accept: 'application/json' },
        signal,
      });
      asked.once('response', resolve);
      asked.once('error', (error) => {
        // The server closed a kept connection at the moment of its use: that says nothing of the server now.
        if (asked.reusedSocket && !signal.aborted) resolve(this.#get(path, signal));
        else reject(error);
      });
      asked.end();
    });
  }
}

/** What the API says of a queue is a few hundred bytes; more comes from something else. */
const MAX_BODY_BYTES = 1024 * 1024;

async function textOf(response: IncomingMessage, place: string): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) {
      const fix = 'Give the address of the management API, such as http://HOST:15672.';
      throw targetError(`${place}: answers more than ${MAX_BODY_BYTES} bytes`, {
        code: 'TARGET_REFUSED',
        fix,
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function parse(place: string, body: string): QueueStatus {
  try {
    return JSON.parse(body) as QueueStatus;
  } catch (cause) {
    const fix = 'Give the address of the management API, such as http://HOST:15672.';
    throw targetError(`${place}: answers something that is not JSON`, { code: 'TARGET_REFUSED', fix, cause });
  }
}

function refusal(place: string, queue: string, vhost: string, code: number): InformerError {
  if (code === 401) return authFailure(place, 'refuses the login (HTTP 401)');
  if (code === 403) {
    const fix = 'Give the user the tag "monitoring" (or "management") and permission on the vhost.';
    return queueFailure(place, queue, 'access is refused (HTTP 403)', fix);
  }
  if (code === 404) {
    const fix = 'Create the queue, or correct its name, the vhost or the url in the configuration.';
    return queueFailure(place, queue, `there is no such queue in the vhost "${vhost}" (HTTP 404)`, fix);
  }
  return queueFailure(place, queue, `HTTP ${code}`, "Look into the broker's log.");
}
