import type { AddressChoice } from '@dynamic-informer/lib-http/address';
import { type Exchange, exchange, PHASES, type Phase } from '@dynamic-informer/lib-http/exchange';
import type { TlsClient } from '@dynamic-informer/lib-http/tls';
import { authorizationOf, hostOf, shownUrl } from '@dynamic-informer/lib-http/url';
import { type Answer, type Check, checksOf, type Disapproval } from './checks.ts';
import type { Config } from './config.ts';
import { Cookies } from './cookies.ts';
import { type Hop, locationOf, nextHop } from './redirect.ts';

export interface ProbeFailure {
  readonly reason: NonNullable<Exchange['failure']>['reason'] | Disapproval['reason'] | 'redirect';
  /** For people. It holds no secrets. */
  readonly message: string;
}

export interface Probe {
  readonly failure?: ProbeFailure;
  readonly seconds: number;
  /** Seconds of the completed phases, summed over all requests. */
  readonly phases: Readonly<Record<Phase, number>>;
  readonly redirects: number;
  readonly first: Exchange;
  readonly last: Exchange;
}

/** What the requests of a collect have in common: the files' content, read anew. */
export interface Client {
  readonly tls: TlsClient;
  /** Names in lower case. They are the target's own, and are not sent to others that it redirects to. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What a configuration comes to, worked out once. */
export class Prober {
  readonly #config: Config;
  readonly #checks: readonly Check[];
  readonly #address: AddressChoice;
  readonly #keepBody: boolean;

  constructor(config: Config) {
    this.#config = config;
    this.#checks = checksOf(config);
    this.#keepBody = config.body_matches.length + config.body_not_matches.length > 0;
    this.#address = {
      ...(config.preferred_ip_protocol && { preferred: config.preferred_ip_protocol === 'ip4' ? 4 : 6 }),
      fallback: config.ip_protocol_fallback,
    };
  }

  /** Probes one target until it answered or `signal` aborts. It does not reject: a dead target is a result. */
  async probe(target: string, client: Client, signal: AbortSignal): Promise<Probe> {
    const start = performance.now();
    const { method, body } = this.#config;
    let hop: Hop = { url: new URL(target), method, ...(body !== undefined && { body }), atTarget: true };
    const exchanges: Exchange[] = [];
    const cookies = new Cookies();
    const done = (last: Exchange, failure: ProbeFailure | undefined): Probe => ({
      seconds: (performance.now() - start) / 1000,
      phases: sumOf(exchanges),
      redirects: exchanges.length - 1,
      first: exchanges[0] ?? last,
      last,
      ...(failure && { failure }),
    });

    for (;;) {
      const made = await this.#exchange(hop, client, cookies, signal);
      exchanges.push(made);
      const { head } = made;
      if (made.failure || !head) return done(made, made.failure);
      const location = this.#config.follow_redirects ? locationOf(head) : undefined;
      if (location === undefined) {
        const text = made.body?.content.toString('utf8') ?? '';
        return done(made, this.#judge({ ...made, head, text }));
      }
      if (exchanges.length > this.#config.max_redirects) {
        return done(made, {
          reason: 'redirect',
          message: `it redirects more than ${this.#config.max_redirects} times`,
        });
      }
      cookies.keep(hop.url, head.headers['set-cookie'] ?? []);
      const next = nextHop(hop, head.status, location);
      if (!next) {
        return done(made, {
          reason: 'redirect',
          message: `it redirects to "${shownUrl(location)}", which is not HTTP`,
        });
      }
      hop = next;
    }
  }

  #exchange(
    { url, method, body, atTarget }: Hop,
    client: Client,
    cookies: Cookies,
    signal: AbortSignal,
  ): Promise<Exchange> {
    const { follow_redirects, max_body_bytes } = this.#config;
    return exchange(
      {
        url,
        method,
        ...(body !== undefined && { body }),
        headers: cookies.addTo(atTarget ? headersFor(url, client) : {}, url),
        tls: atTarget ? tlsFor(client) : withoutName(client.tls),
        address: this.#address,
        maxBodyBytes: max_body_bytes,
        keepBody: this.#keepBody,
        wantsBody: (head) => !follow_redirects || locationOf(head) === undefined,
      },
      signal,
    );
  }

  #judge(answer: Answer): Disapproval | undefined {
    for (const check of this.#checks) {
      const disapproval = check(answer);
      if (disapproval) return disapproval;
    }
    return undefined;
  }
}

function headersFor(url: URL, { headers }: Client): Record<string, string> {
  const authorization = authorizationOf(url);
  return { ...(authorization !== undefined && { authorization }), ...headers };
}

/** With a header `Host` of the operator's, that is the name to ask for in the handshake as well. */
function tlsFor({ tls, headers: { host } }: Client): TlsClient {
  if (tls.serverName !== undefined || host === undefined || !URL.canParse(`https://${host}`)) return tls;
  return { ...tls, serverName: hostOf(new URL(`https://${host}`)) };
}

function withoutName({ serverName: _, ...tls }: TlsClient): TlsClient {
  return tls;
}

function sumOf(exchanges: readonly Exchange[]): Record<Phase, number> {
  const sum = (phase: Phase) => exchanges.reduce((total, { phases }) => total + (phases[phase] ?? 0), 0);
  return Object.fromEntries(PHASES.map((phase) => [phase, sum(phase)])) as Record<Phase, number>;
}
