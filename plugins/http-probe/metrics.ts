import { PHASES, type ResponseHead } from '@dynamic-informer/lib-http/exchange';
import { gauge, info, type Sample } from '@dynamic-informer/sdk';
import { hashOfAddress } from './address-hash.ts';
import type { Probe } from './probe.ts';

// The names and meanings are blackbox_exporter's, with the label `target`.
const success = gauge('probe_success', 'Whether the probe succeeded.', ['target']);
const duration = gauge('probe_duration_seconds', 'How long the probe took.', ['target']);
const timeout = gauge('probe_timeout_seconds', 'How long the probe was allowed to take.', ['target']);
const failure = info('probe_failure_info', 'Why the probe failed; absent while it succeeds.', [
  'target',
  'reason',
]);
const lookup = gauge('probe_dns_lookup_time_seconds', "How long it took to look up the target's address.", [
  'target',
]);
const protocol = gauge(
  'probe_ip_protocol',
  'The IP protocol of the probe: 4 or 6, and 0 without an address.',
  ['target'],
);
const addressHash = gauge(
  'probe_ip_addr_hash',
  'A hash (FNV-1a) of the IP address of the probe: it changes with the address. 0 without an address.',
  ['target'],
);
const phases = gauge(
  'probe_http_duration_seconds',
  'Duration of the HTTP request by phase, summed over all redirects.',
  ['target', 'phase'],
);
const status = gauge('probe_http_status_code', 'Status of the last answer, and 0 without one.', ['target']);
const redirects = gauge('probe_http_redirects', 'How many redirects were followed.', ['target']);
const ssl = gauge('probe_http_ssl', 'Whether the last request went over TLS.', ['target']);
const version = gauge('probe_http_version', 'Version of HTTP of the last answer, and 0 without one.', [
  'target',
]);
const contentLength = gauge(
  'probe_http_content_length',
  'Content-Length of the last answer: -1 if it did not say, 0 without an answer.',
  ['target'],
);
const bodyLength = gauge(
  'probe_http_uncompressed_body_length',
  'Bytes of the last body that were read, after decoding.',
  ['target'],
);
const lastModified = gauge(
  'probe_http_last_modified_timestamp_seconds',
  'Last-Modified of the last answer, if it has one.',
  ['target'],
);
const failedDueToRegex = gauge(
  'probe_failed_due_to_regex',
  'Whether the probe failed because of a regular expression for a header or the body.',
  ['target'],
);
const earliestExpiry = gauge(
  'probe_ssl_earliest_cert_expiry',
  'When the first of the certificates that the server sent expires, in unix time.',
  ['target'],
);
const chainExpiry = gauge(
  'probe_ssl_last_chain_expiry_timestamp_seconds',
  'When the chain up to a trusted root expires, in unix time; absent if none is trusted.',
  ['target'],
);
const chainInfo = info('probe_ssl_last_chain_info', "The server's certificate.", [
  'target',
  'fingerprint_sha256',
  'subject',
  'issuer',
  'subjectalternative',
  'serialnumber',
]);
const tlsVersion = info('probe_tls_version_info', 'The version of TLS that was agreed on.', [
  'target',
  'version',
]);
const tlsCipher = info('probe_tls_cipher_info', 'The cipher that was agreed on.', ['target', 'cipher']);

export const metrics = [
  success,
  duration,
  timeout,
  failure,
  lookup,
  protocol,
  addressHash,
  phases,
  status,
  redirects,
  ssl,
  version,
  contentLength,
  bodyLength,
  lastModified,
  failedDueToRegex,
  earliestExpiry,
  chainExpiry,
  chainInfo,
  tlsVersion,
  tlsCipher,
];

/** Everything that one probe says. Like blackbox_exporter's, what was not reached is 0. */
export function* samplesOf(target: string, probe: Probe, timeoutSeconds: number): Iterable<Sample> {
  const { reason } = probe.failure ?? {};
  yield success.sample(reason === undefined ? 1 : 0, { target });
  if (reason !== undefined) yield failure.sample({ target, reason });
  yield duration.sample(probe.seconds, { target });
  yield timeout.sample(timeoutSeconds, { target });
  yield lookup.sample(probe.first.phases.resolve ?? 0, { target });
  yield protocol.sample(probe.first.address?.family ?? 0, { target });
  yield addressHash.sample(probe.first.address ? hashOfAddress(probe.first.address.ip) : 0, { target });
  for (const phase of PHASES) yield phases.sample(probe.phases[phase], { target, phase });
  yield redirects.sample(probe.redirects, { target });
  yield failedDueToRegex.sample(reason === 'header' || reason === 'body' ? 1 : 0, { target });
  yield* answerSamples(target, probe.last);
  yield* tlsSamples(target, probe.last);
}

function* answerSamples(target: string, { head, body }: Probe['last']): Iterable<Sample> {
  yield status.sample(head?.status ?? 0, { target });
  yield version.sample(Number(head?.httpVersion ?? 0), { target });
  yield contentLength.sample(head ? contentLengthOf(head) : 0, { target });
  yield bodyLength.sample(body?.bytes ?? 0, { target });
  const modified = Date.parse(head?.headers['last-modified'] ?? '') / 1000;
  if (Number.isFinite(modified)) yield lastModified.sample(modified, { target });
}

/** Go's `Response.ContentLength`: 0 where the status alone says that there is no body. */
function contentLengthOf({ status, headers }: ResponseHead): number {
  const length = headers['content-length'];
  if (length !== undefined) return Number(length);
  return status === 204 || status === 304 ? 0 : -1;
}

function* tlsSamples(target: string, { tls }: Probe['last']): Iterable<Sample> {
  yield ssl.sample(tls ? 1 : 0, { target });
  if (!tls) return;
  const { fingerprint, subject, issuer, dnsNames, serialNumber } = tls.leaf;
  yield earliestExpiry.sample(tls.earliestExpiry, { target });
  if (tls.chainExpiry !== undefined) yield chainExpiry.sample(tls.chainExpiry, { target });
  yield chainInfo.sample({
    target,
    fingerprint_sha256: fingerprint,
    subject,
    issuer,
    subjectalternative: dnsNames.join(','),
    serialnumber: serialNumber,
  });
  yield tlsVersion.sample({ target, version: tls.version });
  yield tlsCipher.sample({ target, cipher: tls.cipher });
}
