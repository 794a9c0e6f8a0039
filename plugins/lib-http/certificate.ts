import type { X509Certificate } from 'node:crypto';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';

/** What a handshake showed of the server. */
export interface TlsFacts {
  /** `TLS 1.3`. */
  readonly version: string;
  /** As IANA names it: `TLS_AES_128_GCM_SHA256`. */
  readonly cipher: string;
  /** When the first of the certificates that the server sent expires, in seconds since the epoch. */
  readonly earliestExpiry: number;
  /** When the chain up to a trusted root expires; only if there is such a chain. */
  readonly chainExpiry?: number;
  readonly leaf: {
    /** SHA-256 of the certificate in hexadecimal digits. */
    readonly fingerprint: string;
    /** As RFC 2253 writes it, the most specific part first: `CN=shop.example,O=Shop`. */
    readonly subject: string;
    readonly issuer: string;
    readonly dnsNames: readonly string[];
    readonly serialNumber: string;
  };
}

/** @returns `undefined` when the server showed no certificate, which only odd ciphers allow */
export function tlsFactsOf(socket: TLSSocket): TlsFacts | undefined {
  // In this order: reading the certificates as they were sent takes them from the session.
  const chain = socket.getPeerCertificate(true);
  const leaf = socket.getPeerX509Certificate();
  if (!leaf) return undefined;
  return {
    version: (socket.getProtocol() ?? 'unknown').replace(/^TLSv/, 'TLS '),
    cipher: socket.getCipher().standardName,
    earliestExpiry: Math.min(...sentWith(leaf).map((certificate) => seconds(certificate.validTo))),
    ...(socket.authorized && { chainExpiry: Math.min(...expiriesOf(chain)) }),
    leaf: {
      fingerprint: leaf.fingerprint256.replaceAll(':', '').toLowerCase(),
      subject: distinguishedName(leaf.subject),
      issuer: distinguishedName(leaf.issuer),
      dnsNames: [...(leaf.subjectAltName ?? '').matchAll(/(?:^|, )DNS:([^,]+)/g)].map(
        ([, name = '']) => name,
      ),
      serialNumber: leaf.serialNumber.toLowerCase(),
    },
  };
}

function sentWith(leaf: X509Certificate): X509Certificate[] {
  const certificates = [];
  for (let next: X509Certificate | undefined = leaf; next; next = next.issuerCertificate)
    certificates.push(next);
  return certificates;
}

/** A root is its own issuer. */
function expiriesOf(leaf: DetailedPeerCertificate): number[] {
  const chain = new Set<DetailedPeerCertificate>();
  for (let next = leaf; next && !chain.has(next); next = next.issuerCertificate) chain.add(next);
  return [...chain].map((certificate) => seconds(certificate.valid_to));
}

const seconds = (date: string): number => Date.parse(date) / 1000;

/** Node.js writes one part a line, the most general first. */
const distinguishedName = (lines: string): string => lines.split('\n').reverse().join(',');
