import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import { type ConfigProblem, type Static, Type, targetError } from '@dynamic-informer/sdk';
import { readText } from './file.ts';

/** How to speak TLS, under the key `tls`, in the words of Prometheus' `tls_config`. */
export const tlsConfig = Type.Object(
  {
    ca_file: Type.Optional(
      Type.String({
        description: 'Certificates (PEM) of the authorities to trust, instead of the built-in ones.',
      }),
    ),
    cert_file: Type.Optional(Type.String({ description: 'Client certificate (PEM) to present.' })),
    key_file: Type.Optional(Type.String({ description: 'Private key (PEM) of the client certificate.' })),
    server_name: Type.Optional(
      Type.String({
        description: "Name to ask for and to expect in the certificate, instead of the URL's host.",
      }),
    ),
    insecure_skip_verify: Type.Optional(
      Type.Boolean({ description: 'Accept any certificate: expired, self-signed, of another host.' }),
    ),
  },
  { description: 'How to speak TLS.' },
);

export type TlsConfig = Static<typeof tlsConfig>;

/** What connections need of a `tls` configuration, with its files read. */
export interface TlsClient {
  /** `undefined` for the defaults of the process. */
  readonly secureContext?: SecureContext;
  readonly serverName?: string;
  readonly verify: boolean;
}

/** What the schema can't say about a `tls` configuration. */
export function* checkTls(tls: TlsConfig | undefined): Iterable<ConfigProblem> {
  for (const [given, other] of [
    ['cert_file', 'key_file'],
    ['key_file', 'cert_file'],
  ] as const) {
    if (tls?.[given] === undefined || tls[other] !== undefined) continue;
    yield {
      path: ['tls', given],
      message: `there is a "${given}" without a "${other}"`,
      fix: 'name both files, or neither',
    };
  }
}

/**
 * Reads the files of a `tls` configuration: anew for every collect, since certificates rotate.
 * @throws a target error that names key and file
 */
export async function readTls(tls: TlsConfig | undefined, directory: string): Promise<TlsClient> {
  const { ca_file, cert_file, key_file, server_name, insecure_skip_verify = false } = tls ?? {};
  const options: SecureContextOptions = {};
  if (ca_file !== undefined) options.ca = await readText('tls.ca_file', ca_file, directory);
  if (cert_file !== undefined) options.cert = await readText('tls.cert_file', cert_file, directory);
  if (key_file !== undefined) options.key = await readText('tls.key_file', key_file, directory);
  return {
    verify: !insecure_skip_verify,
    ...(server_name !== undefined && { serverName: server_name }),
    ...(Object.keys(options).length > 0 && { secureContext: contextOf(options) }),
  };
}

function contextOf(options: SecureContextOptions): SecureContext {
  try {
    return createSecureContext(options);
  } catch (error) {
    const files = Object.keys(options).map((key) => `tls.${key}_file`);
    throw targetError(`${files.join(', ')}: OpenSSL does not accept them (${(error as Error).message}).`, {
      fix: 'Give PEM files without a passphrase, the key being the one of the certificate.',
      cause: error,
    });
  }
}
