/** What `web.config_file` says, checked and with its files read. Plain data: it crosses from the worker. */
export interface WebAccess {
  readonly tls: TlsSettings | undefined;
  /** Names with bcrypt hashes; nobody needs a password if it is empty. */
  readonly users: Readonly<Record<string, string>>;
  /** For every answer, in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of all requests over TCP together. */
  readonly rateLimit: { readonly intervalMs: number; readonly burst: number } | undefined;
}

export interface TlsSettings {
  /** PEM, like all that follows. */
  readonly cert: string;
  readonly key: string;
  readonly clientCa: string | undefined;
  readonly clientAuth: ClientAuth;
  /** One of them has to be among the names of a client certificate. */
  readonly allowedSans: readonly string[] | undefined;
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  readonly maxVersion: 'TLSv1.2' | 'TLSv1.3';
  /** In OpenSSL's words, joined by colons. */
  readonly ciphers: string;
  readonly honorCipherOrder: boolean;
  /** In OpenSSL's words, joined by colons; `auto` leaves it to OpenSSL. */
  readonly curves: string;
  /** The DNS names that the certificate is for, in lower case; they may begin with `*.`. */
  readonly names: readonly string[];
}

export interface ClientAuth {
  readonly isRequested: boolean;
  readonly isRequired: boolean;
  readonly isVerified: boolean;
}

/** What holds without `web.config_file`. */
export const OPEN_ACCESS: WebAccess = { tls: undefined, users: {}, headers: {}, rateLimit: undefined };

/** The part of the settings that a secure context is made of. */
export function contextOptions(settings: TlsSettings) {
  const { cert, key, clientCa, minVersion, maxVersion, ciphers, honorCipherOrder, curves } = settings;
  return {
    ...{ cert, key, minVersion, maxVersion, ciphers, honorCipherOrder },
    ...(clientCa !== undefined && { ca: clientCa }),
    ...(curves !== 'auto' && { ecdhCurve: curves }),
  };
}
