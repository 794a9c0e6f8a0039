import { type ErrorOptions, type InformerError, targetError } from '@dynamic-informer/sdk';
import type { Connection } from './connection.ts';

/** What was done when it failed: two errors of the same code can ask for different things. */
export type Step = 'connect' | 'query';

interface Explained extends ErrorOptions {
  readonly code: string;
  readonly fact: string;
}

type Explain = (connection: Connection, message: string) => Explained;

const refusedUser: Explain = ({ user }, message) => ({
  code: 'SQL_AUTH_FAILED',
  fact: `the server refused the user "${user}": ${message}`,
  fix: 'Check user and password, or password_file, and that the user may log in from this host.',
});

const noPassword: Explain = ({ user }) => ({
  code: 'SQL_AUTH_FAILED',
  fact: `the server asked for the password of the user "${user}", and none is configured`,
  fix: 'Set password_file or password.',
});

const notUp: Explain = (_, message) => ({
  code: 'SQL_UNAVAILABLE',
  fact: message,
  fix: "Wait until the server has started; if it does not, look at the server's log.",
});

const full: Explain = (_, message) => ({
  code: 'SQL_TOO_MANY_CONNECTIONS',
  fact: `no connection is left: ${message}`,
  fix: 'Find who holds the connections, raise the limit, or give the user a reserved slot (pg_use_reserved_connections, PostgreSQL 16).',
});

const tlsRefused: Explain = (_, message) => ({
  code: 'SQL_TLS_FAILED',
  fact: message,
  fix: 'Remove tls, and sslmode from the URL, or turn TLS on in the server.',
});

const tlsRequired: Explain = (_, message) => ({
  code: 'SQL_TLS_REQUIRED',
  fact: `the server refused the connection: ${message}`,
  fix: 'Set tls ({} verifies against the well-known authorities), or allow this host and user in pg_hba.conf.',
});

const badCertificate: Explain = (_, message) => ({
  code: 'SQL_TLS_FAILED',
  fact: `the server's certificate is not accepted: ${message}`,
  fix: 'Set tls.ca_file to the authority that signed it, and tls.server_name where the name differs.',
});

/** PostgreSQL's own codes. */
const SQL_STATES: Readonly<Record<string, Explain>> = {
  '28P01': refusedUser,
  '28000': (connection, message) =>
    /no encryption|SSL off/.test(message) && !connection.tls
      ? tlsRequired(connection, message)
      : refusedUser(connection, message),
  '3D000': ({ database }) => ({
    code: 'SQL_NO_DATABASE',
    fact: `there is no database "${database}"`,
    fix: 'Correct the database in url, or create it.',
  }),
  '53300': full,
  '57P01': notUp,
  '57P02': notUp,
  '57P03': notUp,
  '42501': ({ user }, message) => ({
    code: 'SQL_PERMISSION_DENIED',
    fact: `the user "${user}" may not read this: ${message}`,
    fix: `Type as a superuser: GRANT pg_monitor TO "${user}";`,
  }),
  '57014': (_, message) => ({
    code: 'SQL_CANCELLED',
    fact: message,
    fix: 'Find out who cancelled it: it was neither the deadline nor the agent.',
  }),
  '25006': (_, message) => ({
    code: 'SQL_READ_ONLY',
    fact: message,
    fix: 'Only read: the transaction is a read-only one.',
  }),
};

/**
 * Errors that come with one code for everything (pgbouncer's 08P01) or with none (the driver's), told
 * apart by the only thing that there is.
 */
const TEXTS: readonly (readonly [RegExp, Explain])[] = [
  [/password must be a (non-empty )?string/, noPassword],
  [/no more connections allowed|too many connections/, full],
  [/does not support SSL|error establishing an SSL connection/, tlsRefused],
  [/(SSL|TLS) required/i, tlsRequired],
  [/authentication failed|no such user|bouncer config error|not allowed/, refusedUser],
  [
    /use SHOW HELP/,
    () => ({
      code: 'SQL_WRONG_SERVER',
      fact: 'this is the console of pgbouncer, not a database',
      fix: 'Correct the database in url, or set the engine to pgbouncer.',
    }),
  ],
  [
    /no such database/,
    ({ database }) => ({
      code: 'SQL_NO_DATABASE',
      fact: `there is no database "${database}"`,
      fix: 'Correct the database in url; the console of pgbouncer is the database "pgbouncer".',
    }),
  ],
];

const CERTIFICATE_CODES = /^(CERT_|ERR_TLS_CERT|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/;

/** Errors of the network: the message of Node.js says it well, what is missing is what to do. */
const SYSTEM_FIXES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Start the server, or correct host and port in url.',
  ENOTFOUND: 'Correct the host in url, or the name service.',
  EAI_AGAIN: 'Look at the name service of this host.',
  ENOENT: "Start the server, or correct the socket's folder in url.",
  EACCES: "Let the agent's user read and write the socket.",
};

/** Any failure of the driver, the network or the server as an error with place, fact and fix. */
export function explain(thrown: unknown, connection: Connection, step: Step): InformerError {
  const { code = '', message, severity } = read(thrown);
  const { fact, ...options } = explained(code, message, connection, step, severity);
  return targetError(`${connection.label}: ${fact}.`, { ...options, cause: thrown });
}

function explained(
  code: string,
  message: string,
  connection: Connection,
  step: Step,
  severity: string | undefined,
): Explained {
  const byCode = Object.hasOwn(SQL_STATES, code) ? SQL_STATES[code] : undefined;
  if (byCode) return byCode(connection, message);
  if (CERTIFICATE_CODES.test(code)) return badCertificate(connection, message);
  if (severity === undefined && Object.hasOwn(SYSTEM_FIXES, code)) {
    return { code: 'SQL_UNREACHABLE', fact: message, fix: SYSTEM_FIXES[code] as string };
  }
  const byText = TEXTS.find(([text]) => text.test(message));
  if (byText) return byText[1](connection, message);
  if (severity === undefined) {
    const fact = step === 'connect' ? `connecting failed: ${message}` : `the connection broke: ${message}`;
    return { code: 'SQL_UNREACHABLE', fact, fix: "Look at the server's log and at the network between." };
  }
  return { code: 'SQL_FAILED', fact: `${message} (SQLSTATE ${code})`, fix: "Look at the server's log." };
}

/** Whether the server, not the network, answered with an error after which the connection goes on. */
export function connectionSurvives(thrown: unknown): boolean {
  return read(thrown).severity === 'ERROR';
}

function read(thrown: unknown): { code?: string; message: string; severity?: string } {
  const { code, message, severity, errors } = Object(thrown) as Record<string, unknown>;
  // Several addresses were tried; the error that holds them all has no text of its own.
  if (!message && Array.isArray(errors) && errors.length > 0) return read(errors[0]);
  return {
    message:
      typeof message === 'string' && message !== '' ? message.replace(/\.$/, '') : String(code ?? thrown),
    ...(typeof code === 'string' && { code }),
    ...(typeof severity === 'string' && { severity }),
  };
}
