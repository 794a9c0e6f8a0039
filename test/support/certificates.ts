import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { program } from './packages.ts';
import { outputOf } from './run-program.ts';

export interface CertificateOptions {
  /** Common name; also the names of the files. */
  name: string;
  /** `DNS:localhost,IP:127.0.0.1` */
  subjectAltName?: string;
  /** Days from now, negative for the past. */
  expiresInDays?: number;
  /** An authority itself. */
  authority?: boolean;
}

export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
  /** PEM */
  readonly cert: string;
  readonly key: string;
}

export interface Authority extends Certificate {
  issue(options: CertificateOptions): Promise<Certificate>;
  issueAuthority(options: CertificateOptions): Promise<Authority>;
}

const DAY_MS = 86_400_000;
const CONFIG = `
[ca]
default_ca = test
[test]
database = index.txt
new_certs_dir = .
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
copy_extensions = copy
[any]
commonName = supplied
organizationName = optional
[req]
distinguished_name = name
[name]
`;

/** A new authority that signs itself, with files in `folder`. */
export async function createAuthority(folder: string, options: CertificateOptions): Promise<Authority> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'openssl.cnf'), CONFIG);
  await writeFile(join(folder, 'index.txt'), '');
  const made = await create(folder, { ...options, authority: true }, undefined);
  return authorityOf(folder, made);
}

function authorityOf(folder: string, made: Certificate): Authority {
  return {
    ...made,
    issue: (options) => create(folder, options, made),
    issueAuthority: async (options) =>
      authorityOf(folder, await create(folder, { ...options, authority: true }, made)),
  };
}

async function create(
  folder: string,
  { name, subjectAltName, expiresInDays = 30, authority = false }: CertificateOptions,
  signer: Certificate | undefined,
): Promise<Certificate> {
  const openssl = (...args: string[]) => outputOf(program('openssl'), args, { cwd: folder });
  const [key, request, cert] = [`${name}.key`, `${name}.csr`, `${name}.pem`];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key];
  const extensions = [
    ...(authority ? ['-addext', 'basicConstraints=critical,CA:TRUE'] : []),
    ...(subjectAltName === undefined ? [] : ['-addext', `subjectAltName=${subjectAltName}`]),
  ];
  const subject = ['-subj', `/O=Informer Test/CN=${name}`];
  await openssl(
    'req',
    '-config',
    'openssl.cnf',
    '-new',
    ...curve,
    ...subject,
    ...extensions,
    '-out',
    request,
  );
  const end = Date.now() + expiresInDays * DAY_MS;
  const dates = ['-startdate', utc(Math.min(end, Date.now()) - DAY_MS), '-enddate', utc(end)];
  const by = signer ? ['-cert', signer.certFile, '-keyfile', signer.keyFile] : ['-selfsign', '-keyfile', key];
  await openssl(
    'ca',
    '-config',
    'openssl.cnf',
    '-batch',
    '-notext',
    ...by,
    ...dates,
    '-in',
    request,
    '-out',
    cert,
  );
  const [certFile, keyFile] = [join(folder, cert), join(folder, key)];
  return {
    certFile,
    keyFile,
    cert: await readFile(certFile, 'utf8'),
    key: await readFile(keyFile, 'utf8'),
  };
}

/** `20261121074311Z` */
const utc = (time: number): string => `${new Date(time).toISOString().slice(0, 19).replace(/\D/g, '')}Z`;
