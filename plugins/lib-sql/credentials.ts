import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import { targetError } from '@dynamic-informer/sdk';
import type { Connection, TlsConfig } from './connection.ts';

export interface Credentials {
  readonly password: string;
  readonly tls: TlsOptions | false;
}

/**
 * Reads the files that a connection names, anew for every new connection: secrets and certificates rotate.
 * @throws a target error that names key and file
 */
export async function readCredentials(
  connection: Connection,
  directory: string,
  signal: AbortSignal,
): Promise<Credentials> {
  const file = async (key: string, path: string): Promise<string> => {
    const full = resolve(directory, path);
    try {
      return await readFile(full, { encoding: 'utf8', signal });
    } catch (error) {
      signal.throwIfAborted();
      const { code, message } = error as NodeJS.ErrnoException;
      throw targetError(`${connection.label}: ${key} "${full}" can not be read (${code ?? message}).`, {
        code: 'SQL_FILE_UNREADABLE',
        fix: "Correct the path, and let the agent's user read the file.",
      });
    }
  };
  const { password = '', passwordFile, tls } = connection;
  return {
    password:
      passwordFile === undefined
        ? password
        : (await file('password_file', passwordFile)).replace(/\r?\n$/, ''),
    tls: tls ? await tlsOptions(tls, file) : false,
  };
}

async function tlsOptions(
  { ca_file, cert_file, key_file, server_name, insecure_skip_verify }: TlsConfig,
  file: (key: string, path: string) => Promise<string>,
): Promise<TlsOptions> {
  const { checkServerIdentity } = await import('node:tls');
  return {
    rejectUnauthorized: insecure_skip_verify !== true,
    ...(ca_file !== undefined && { ca: await file('tls.ca_file', ca_file) }),
    ...(cert_file !== undefined && { cert: await file('tls.cert_file', cert_file) }),
    ...(key_file !== undefined && { key: await file('tls.key_file', key_file) }),
    // The driver always sets `servername` to the host, so the other name has to come in here.
    ...(server_name !== undefined && {
      checkServerIdentity: (_host, certificate) => checkServerIdentity(server_name, certificate),
    }),
  };
}
