import { type ConfigProblem, parseDuration, type Static, Type } from '@dynamic-informer/sdk';

const tls = Type.Object(
  {
    ca_file: Type.Optional(
      Type.String({ description: 'Certificates to trust instead of the well-known authorities, PEM.' }),
    ),
    cert_file: Type.Optional(Type.String({ description: "The client's certificate, PEM." })),
    key_file: Type.Optional(Type.String({ description: "The client certificate's key, PEM." })),
    server_name: Type.Optional(
      Type.String({ description: 'The name in the certificate, where it is not the host of the URL.' }),
    ),
    insecure_skip_verify: Type.Optional(
      Type.Boolean({ description: 'Accept any certificate: the connection is encrypted, to whomever.' }),
    ),
  },
  { description: 'Connect with TLS; `{}` verifies against the well-known authorities.' },
);

/** The keys that say how to reach an SQL server; a plugin spreads them into its own schema. */
export const connectionProperties = {
  url: Type.String({
    format: 'uri',
    description:
      '`postgres://USER@HOST:PORT/DATABASE`; a Unix socket is `postgres://USER@/DATABASE?host=/FOLDER`.',
  }),
  user: Type.Optional(Type.String({ minLength: 1, description: "Instead of the URL's user." })),
  password: Type.Optional(Type.String({ secret: true, description: "Instead of the URL's password." })),
  password_file: Type.Optional(
    Type.String({ minLength: 1, description: 'A file with the password, read for every new connection.' }),
  ),
  database: Type.Optional(Type.String({ minLength: 1, description: "Instead of the URL's database." })),
  tls: Type.Optional(tls),
  connect_timeout: Type.String({
    format: 'duration',
    default: '5s',
    description: 'How long connecting may take; never longer than the timeout of the collect.',
  }),
};

const connectionSchema = Type.Object(connectionProperties);
export type ConnectionConfig = Static<typeof connectionSchema>;
export type TlsConfig = Static<typeof tls>;

/** What a kind of server takes for granted where the configuration is silent. */
export interface ConnectionDefaults {
  readonly port: number;
  /** Without one it is the user's name, as libpq has it. */
  readonly database?: string;
}

/** Where a server is and as whom to talk to it. Holds secrets: `label` is what messages show. */
export interface Connection {
  /** A host name or address, or the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly password?: string;
  readonly passwordFile?: string;
  /** Without it the connection is not encrypted. */
  readonly tls?: TlsConfig;
  readonly connectTimeoutMs: number;
  /** The URL without user info, for messages: `postgres://db.example:5432/orders`. */
  readonly label: string;
}

const PROTOCOLS = ['postgres:', 'postgresql:'];
const PARAMETERS = ['host', 'sslmode'];

/** What libpq's `sslmode` says in this schema's words; the modes that may fall back to plain text are not there. */
const SSL_MODES: Readonly<Record<string, TlsConfig | null>> = {
  disable: null,
  require: { insecure_skip_verify: true },
  'verify-full': {},
};

/** What the schema can't say about a connection; for a plugin's `validate`. */
export function* connectionProblems(config: ConnectionConfig): Iterable<ConfigProblem> {
  const url = parseUrl(config.url);
  if (url === undefined) {
    yield {
      path: ['url'],
      message: 'this is not a URL',
      fix: 'write postgres://USER@HOST:PORT/DATABASE, with special characters in it percent-encoded',
    };
    return;
  }
  if (!PROTOCOLS.includes(url.protocol)) {
    yield {
      path: ['url'],
      message: `the URL's scheme is "${url.protocol}"`,
      fix: 'begin it with postgres://',
    };
  }
  yield* parameterProblems(url, config);
  if (config.user === undefined && url.username === '') {
    yield { path: ['url'], message: 'no user is given', fix: 'write postgres://USER@HOST, or set user' };
  }
  const passwords = [url.password || undefined, config.password, config.password_file];
  if (passwords.filter((given) => given !== undefined).length > 1) {
    yield {
      path: [config.password_file === undefined ? 'password' : 'password_file'],
      message: 'the password is given more than once',
      fix: 'keep one of password, password_file and the password in the URL',
    };
  }
  if ((config.tls?.cert_file === undefined) !== (config.tls?.key_file === undefined)) {
    yield {
      path: ['tls'],
      message: 'only one of cert_file and key_file is given',
      fix: 'give both or none',
    };
  }
}

function* parameterProblems(url: URL, config: ConnectionConfig): Iterable<ConfigProblem> {
  for (const name of url.searchParams.keys()) {
    if (PARAMETERS.includes(name)) continue;
    const fix = `remove it; known are: ${PARAMETERS.join(', ')}`;
    yield { path: ['url'], message: `the URL has an unknown parameter "${name}"`, fix };
  }
  const mode = url.searchParams.get('sslmode');
  if (mode === null) return;
  if (!Object.hasOwn(SSL_MODES, mode)) {
    const fix = `use one of ${Object.keys(SSL_MODES).join(', ')}, or remove it and set tls`;
    yield { path: ['url'], message: `the URL's sslmode is "${mode}"`, fix };
  } else if (config.tls !== undefined) {
    yield { path: ['tls'], message: "TLS is set here and by the URL's sslmode", fix: 'keep one of them' };
  }
}

/** Reads a configuration for which `connectionProblems` found nothing. */
export function connectionOf(config: ConnectionConfig, defaults: ConnectionDefaults): Connection {
  const url = parseUrl(config.url) as URL;
  const user = config.user ?? decodeURIComponent(url.username);
  const host =
    url.searchParams.get('host') ??
    (decodeURIComponent(url.hostname).replace(/^\[(.*)\]$/, '$1') || 'localhost');
  const port = url.port === '' ? defaults.port : Number(url.port);
  const path = decodeURIComponent(url.pathname.slice(1));
  const database = config.database ?? (path || (defaults.database ?? user));
  const password = config.password ?? (decodeURIComponent(url.password) || undefined);
  const tlsConfig = config.tls ?? SSL_MODES[url.searchParams.get('sslmode') ?? 'disable'];
  return {
    host,
    port,
    user,
    database,
    connectTimeoutMs: parseDuration(config.connect_timeout),
    label: labelOf(host, port, database),
    ...(password !== undefined && { password }),
    ...(config.password_file !== undefined && { passwordFile: config.password_file }),
    ...(tlsConfig && { tls: tlsConfig }),
  };
}

function labelOf(host: string, port: number, database: string): string {
  if (host.startsWith('/')) return `postgres:///${database}?host=${host}`;
  return `postgres://${host.includes(':') ? `[${host}]` : host}:${port}/${database}`;
}

function parseUrl(text: string): URL | undefined {
  // libpq's spelling of a Unix socket has no host, which URLs with a user must have.
  const url = URL.parse(text.replace(/^(\w+:\/\/[^/?#]*@)(?=[:/?])/, '$1localhost'));
  if (url === null) return undefined;
  try {
    for (const part of [url.username, url.password, url.hostname, url.pathname]) decodeURIComponent(part);
    return url;
  } catch {
    return undefined;
  }
}
