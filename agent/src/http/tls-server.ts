import { createServer, type Server, type TLSSocket } from 'node:tls';
import { contextOptions, type TlsSettings } from '../config/web-access.ts';

const HANDSHAKE_MS = 10_000;

export interface TlsPorts {
  /** A connection that was let in. */
  connected(socket: TLSSocket): void;
  refused(address: string, detail: string): void;
}

/**
 * The handshake for connections that others have accepted. It listens nowhere: with changed certificates a new one
 * takes its place for who comes next, and who is connected stays so.
 */
export function createTlsServer(settings: TlsSettings, { connected, refused }: TlsPorts): Server {
  const server = createServer({
    ...contextOptions(settings),
    requestCert: settings.clientAuth.isRequested,
    // What is wrong with a certificate is found below, and told.
    rejectUnauthorized: false,
    handshakeTimeout: HANDSHAKE_MS,
    ALPNProtocols: ['http/1.1'],
  });
  server.on('secureConnection', (socket) => {
    const problem = certificateProblem(socket, settings);
    if (problem === undefined) return connected(socket);
    refused(socket.remoteAddress ?? '', problem);
    socket.destroy();
  });
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  return server;
}

/** What keeps a client from being let in, by the certificate that it showed or did not show. */
function certificateProblem(socket: TLSSocket, { clientAuth, allowedSans }: TlsSettings): string | undefined {
  if (!clientAuth.isRequested) return undefined;
  const certificate = socket.getPeerX509Certificate();
  if (!certificate) return clientAuth.isRequired ? 'The client has no certificate.' : undefined;
  if (clientAuth.isVerified && !socket.authorized) {
    return `The client's certificate is not accepted: ${socket.authorizationError}.`;
  }
  if (allowedSans === undefined) return undefined;
  const names = sansOf(certificate.subjectAltName ?? '');
  if (names.some((name) => allowedSans.includes(name))) return undefined;
  return `The client's certificate has none of the names in client_allowed_sans: ${names.join(', ') || 'it has none'}.`;
}

/** The DNS names, addresses, e-mail addresses and URIs, as OpenSSL prints them. */
const sansOf = (text: string): string[] =>
  [...text.matchAll(/(?:^|, )(?:DNS|IP Address|email|URI):("(?:[^"\\]|\\.)*"|[^,]*)/g)].map(
    ([, name = '']) => (name.startsWith('"') ? (JSON.parse(name) as string) : name),
  );
