import { performance } from 'node:perf_hooks';
import type { HistogramOptions } from '../metric/descriptor.ts';
import type { Registry } from '../registry/registry.ts';
import { durationHistogram, sizeHistogram } from './http-metrics.ts';
import { BoundedValues, methodLabel } from './labels.ts';

/** What `instrumentClient` and `instrumentFetch` take. */
export interface ClientOptions {
  /**
   * Adds the label `host`: a name that the author chooses for what is asked, such as `billing`. Where it gives
   * none the value is `unknown`, and `error` where it throws.
   */
  host?: (url: URL) => string | undefined;
  /** Different hosts, 100 by default; beyond, the label's value is `other`. */
  maxHosts?: number;
  /** Of `http_client_request_duration_seconds`; `DEFAULT_BUCKETS` by default. */
  duration?: HistogramOptions;
  /** Of the two sizes; powers of ten from 100 bytes to 1 GB by default. */
  size?: HistogramOptions;
}

/** The families `http_client_*` of one registry. */
export class ClientMetrics {
  readonly #host: ((url: URL) => string | undefined) | undefined;
  readonly #hosts: BoundedValues | undefined;
  readonly #inFlight;
  readonly #total;
  readonly #duration;
  readonly #sent;
  readonly #received;

  constructor(registry: Registry, { host, maxHosts = 100, duration, size }: ClientOptions) {
    this.#host = host;
    this.#hosts = host && new BoundedValues(maxHosts, 'unknown');
    const perHost: readonly string[] = host ? ['method', 'host'] : ['method'];
    const perCode: readonly string[] = [...perHost, 'code'];
    this.#inFlight = registry
      .gauge('http_client_requests_in_flight', "Requests that wait for their response's headers.")
      .with();
    this.#total = registry.counter(
      'http_client_requests_total',
      'Requests that were sent, or tried.',
      perCode,
    );
    this.#duration = durationHistogram(
      registry,
      'http_client_request_duration_seconds',
      "From the start of a request to its response's headers, or to its failure.",
      perCode,
      duration,
    );
    this.#sent = sizeHistogram(
      registry,
      'http_client_request_size_bytes',
      'Size of request bodies as sent, without headers, where it is known.',
      perHost,
      size,
    );
    this.#received = sizeHistogram(
      registry,
      'http_client_response_size_bytes',
      'Size of response bodies as received, without headers, where it is known.',
      perHost,
      size,
    );
  }

  /** @param url an absolute one, asked for only where there is a label `host` */
  begin(method: string | undefined, url: () => string): ClientRequestMeasure {
    const host = this.#host;
    const perHost: Record<string, string> = { method: methodLabel(method) };
    if (host && this.#hosts) perHost.host = this.#hosts.from(() => host(new URL(url())));
    return new ClientRequestMeasure({
      settled: (code, seconds) => {
        this.#inFlight.dec();
        if (code === undefined) return;
        this.#total.with({ ...perHost, code }).inc();
        this.#duration.with({ ...perHost, code }).observe(seconds);
      },
      sent: (bytes) => this.#sent.with(perHost).observe(bytes),
      received: (bytes) => this.#received.with(perHost).observe(bytes),
      begun: () => this.#inFlight.inc(),
    });
  }
}

interface Report {
  begun(): void;
  settled(code: string | undefined, seconds: number): void;
  sent(bytes: number): void;
  received(bytes: number): void;
}

/** One request; each of its facts is reported once, the first time. */
export class ClientRequestMeasure {
  readonly #report: Report;
  readonly #start = performance.now();
  #settled = false;
  #received = false;

  constructor(report: Report) {
    this.#report = report;
    report.begun();
  }

  /** The response's headers came. @param sent bytes of the request's body, where known */
  responded(code: number, sent: number | undefined): void {
    this.#settle(String(code), sent);
  }

  /** There will be no response. */
  failed(sent: number | undefined): void {
    this.#settle('error', sent);
  }

  /** Stops looking at a request that goes on: it is not in flight any more, and not counted. */
  forget(): void {
    this.#settle(undefined, undefined);
    this.#received = true;
  }

  /** The response's body has ended, or broke off. */
  ended(received: number | undefined): void {
    if (this.#received || received === undefined) return;
    this.#received = true;
    this.#report.received(received);
  }

  #settle(code: string | undefined, sent: number | undefined): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#report.settled(code, (performance.now() - this.#start) / 1000);
    if (sent !== undefined) this.#report.sent(sent);
  }
}
