import { join } from 'node:path';
import { outputOf } from '../../../test/support/run-program.ts';

/** A certificate for localhost that signs itself, and its key, in `folder`. */
export async function selfSigned(folder: string): Promise<{ certFile: string; keyFile: string }> {
  const certFile = join(folder, 'cert.pem');
  const keyFile = join(folder, 'key.pem');
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', keyFile];
  await outputOf('openssl', ['req', '-x509', '-days', '2', ...key, ...subject, '-out', certFile]);
  return { certFile, keyFile };
}
