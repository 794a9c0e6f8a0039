import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import { type Static, Type, targetError } from '@dynamic-informer/sdk';

export const tlsConfig = Type.Object(
  {
    ca_file: Type.Optional(
      Type.String({ description: 'CA certificates (PEM) to trust instead of the public ones.' }),
    ),
    cert_file: Type.Optional(Type.String({ description: 'Certificate (PEM) that the agent shows.' })),
    key_file: Type.Optional(Type.String({ description: 'Key (PEM) of that certificate.' })),
    server_name: Type.Optional(Type.String({ description: "Name that the server's certificate must hold." })),
    insecure_skip_verify: Type.Boolean({
      default: false,
      description: 'Accept any certificate: whoever is in between reads along.',
    }),
  },
  { description: 'How to trust a server that speaks TLS.' },
);

/** Reads the files anew for each connection, so that renewed certificates are used. */
export async function tlsOptions(
  config: Static<typeof tlsConfig> | undefined,
  directory: string,
): Promise<ConnectionOptions> {
  const read = async (key: 'ca_file' | 'cert_file' | 'key_file') => {
    const file = config?.[key];
    if (file === undefined) return undefined;
    const path = resolve(directory, file);
    return await readFile(path).catch((error: NodeJS.ErrnoException) => {
      throw targetError(`${path}: can not be read (${error.code})`, {
        code: 'TARGET_TLS',
        fix: "Correct the path, and let the agent's account read the file.",
        path: ['tls', key],
        cause: error,
      });
    });
  };
  const [ca, cert, key] = await Promise.all([read('ca_file'), read('cert_file'), read('key_file')]);
  return {
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
    ...(config?.server_name !== undefined && { servername: config.server_name }),
    rejectUnauthorized: config?.insecure_skip_verify !== true,
  };
}
