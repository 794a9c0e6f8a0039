import { type Static, Type } from '@dynamic-informer/sdk';

const file = (description: string) => Type.Optional(Type.String({ minLength: 1, description }));
const pem = (description: string, options: { secret?: boolean } = {}) =>
  Type.Optional(Type.String({ minLength: 1, description, ...options }));
const oneOf = <const T extends string>(values: readonly T[], description: string) =>
  Type.Optional(Type.Unsafe<T>({ enum: [...values], description }));
const header = (description: string) => Type.Optional(Type.String({ description }));

export const CLIENT_AUTH_TYPES = [
  'NoClientCert',
  'RequestClientCert',
  'RequireAnyClientCert',
  'RequireClientCert',
  'VerifyClientCertIfGiven',
  'RequireAndVerifyClientCert',
] as const;

/** Go's name of each suite that exporter-toolkit takes, with OpenSSL's. The first three are those of TLS 1.3. */
export const CIPHER_SUITES = {
  TLS_AES_128_GCM_SHA256: 'TLS_AES_128_GCM_SHA256',
  TLS_AES_256_GCM_SHA384: 'TLS_AES_256_GCM_SHA384',
  TLS_CHACHA20_POLY1305_SHA256: 'TLS_CHACHA20_POLY1305_SHA256',
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: 'ECDHE-ECDSA-AES128-GCM-SHA256',
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: 'ECDHE-RSA-AES128-GCM-SHA256',
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: 'ECDHE-ECDSA-AES256-GCM-SHA384',
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: 'ECDHE-RSA-AES256-GCM-SHA384',
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-ECDSA-CHACHA20-POLY1305',
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-RSA-CHACHA20-POLY1305',
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: 'ECDHE-ECDSA-AES128-SHA',
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: 'ECDHE-RSA-AES128-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: 'ECDHE-ECDSA-AES256-SHA',
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: 'ECDHE-RSA-AES256-SHA',
} as const;

export const CURVES = {
  X25519: 'X25519',
  CurveP256: 'P-256',
  CurveP384: 'P-384',
  CurveP521: 'P-521',
} as const;

/** As they are written in the file, with what Node.js calls them. */
export const TLS_VERSIONS = { TLS12: 'TLSv1.2', TLS13: 'TLSv1.3' } as const;

const namesOf = <T extends object>(table: T) => Object.keys(table) as (keyof T & string)[];

const tlsServerConfig = Type.Object({
  cert: pem("The server's certificate and those between it and its authority, as PEM."),
  key: pem("The certificate's key, as PEM.", { secret: true }),
  client_ca: pem('The authorities of client certificates, as PEM.'),
  cert_file: file('A file with the certificate, relative to this one.'),
  key_file: file('A file with its key.'),
  client_ca_file: file('A file with the authorities of client certificates.'),
  client_auth_type: oneOf(CLIENT_AUTH_TYPES, 'Whether clients need a certificate.'),
  client_allowed_sans: Type.Optional(
    Type.Array(Type.String({ minLength: 1 }), {
      minItems: 1,
      description: 'One of these has to be an alternative name of the client certificate, to the letter.',
    }),
  ),
  min_version: Type.Optional(Type.String({ description: 'The lowest version of TLS; TLS12 by default.' })),
  max_version: Type.Optional(Type.String({ description: 'The highest version of TLS; TLS13 by default.' })),
  cipher_suites: Type.Optional(
    Type.Array(Type.Unsafe<keyof typeof CIPHER_SUITES>({ enum: namesOf(CIPHER_SUITES) }), {
      description: 'For TLS 1.2, in order of preference; those of TLS 1.3 are always offered.',
    }),
  ),
  prefer_server_cipher_suites: Type.Optional(
    Type.Boolean({ description: "Whether the server's order of suites counts; true by default." }),
  ),
  curve_preferences: Type.Optional(
    Type.Array(Type.Unsafe<keyof typeof CURVES>({ enum: namesOf(CURVES) }), {
      description: 'Curves of the key exchange, in order of preference.',
    }),
  ),
});

const httpServerConfig = Type.Object({
  http2: Type.Optional(Type.Boolean({ description: 'Only false: HTTP/2 is not offered.' })),
  headers: Type.Optional(
    Type.Object({
      'Content-Security-Policy': header('For all answers but the page, which has its own.'),
      'X-Frame-Options': oneOf(['deny', 'sameorigin'], 'Instead of deny.'),
      'X-Content-Type-Options': oneOf(['nosniff'], 'It is always sent.'),
      'X-XSS-Protection': Type.Optional(
        Type.Union([Type.String(), Type.Integer()], { description: 'As it is to be sent.' }),
      ),
      'Strict-Transport-Security': header('As it is to be sent.'),
    }),
  ),
});

/** The web configuration of Prometheus' exporter-toolkit, `docs/web-configuration.md` there. */
export const webFileSchema = Type.Object({
  tls_server_config: Type.Optional(tlsServerConfig),
  http_server_config: Type.Optional(httpServerConfig),
  basic_auth_users: Type.Optional(
    Type.Record(Type.String(), Type.String({ secret: true }), {
      description: 'Names with the bcrypt hash of their password.',
    }),
  ),
  rate_limit: Type.Optional(
    Type.Object({
      interval: Type.Optional(
        Type.Union([Type.String({ format: 'duration' }), Type.Literal(0)], {
          description: 'Time between two requests; 0 is no limit.',
        }),
      ),
      burst: Type.Optional(Type.Integer({ minimum: 0, description: 'So many at once.' })),
    }),
  ),
});

export type RawWebFile = Static<typeof webFileSchema>;
export type RawTls = Static<typeof tlsServerConfig>;
