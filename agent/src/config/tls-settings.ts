import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { type ClientAuth, contextOptions, type TlsSettings } from './web-access.ts';
import { CIPHER_SUITES, CURVES, type RawTls, TLS_VERSIONS } from './web-file-schema.ts';

/** Takes what is wrong with a key of `tls_server_config`. */
export type ReportKey = (key: keyof RawTls, message: string, fix: string) => void;

/** The texts of the files, or what stands in the configuration instead of them. */
export interface TlsTexts {
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly clientCa: string | undefined;
}

/** What Node.js needs for a server, or nothing if something was reported. */
export function tlsSettings(raw: RawTls, texts: TlsTexts, report: ReportKey): TlsSettings | undefined {
  let isUsable = true;
  const refuse: ReportKey = (...problem) => {
    isUsable = false;
    report(...problem);
  };
  const certificate = texts.cert === undefined ? undefined : checkedPair(raw, texts, refuse);
  checkClientAuth(raw, refuse);
  checkAuthorities(raw, texts.clientCa, refuse);
  const minVersion = version(raw, 'min_version', 'TLS12', refuse);
  const maxVersion = version(raw, 'max_version', 'TLS13', refuse);
  if (minVersion > maxVersion) {
    refuse('min_version', 'it is above max_version', 'swap the two');
  }
  if (!isUsable || !certificate || texts.cert === undefined || texts.key === undefined) return undefined;
  const settings: TlsSettings = {
    cert: texts.cert,
    key: texts.key,
    clientCa: texts.clientCa,
    clientAuth: CLIENT_AUTH[raw.client_auth_type ?? 'NoClientCert'],
    allowedSans: raw.client_allowed_sans,
    minVersion,
    maxVersion,
    ciphers: ciphersOf(raw.cipher_suites),
    honorCipherOrder: raw.prefer_server_cipher_suites ?? true,
    curves: raw.curve_preferences?.map((curve) => CURVES[curve]).join(':') || 'auto',
    names: dnsNames(certificate),
  };
  try {
    createSecureContext(contextOptions(settings));
  } catch (error) {
    refuse('cert_file', `TLS can't be set up with it: ${reasonOf(error)}`, 'use another certificate');
    return undefined;
  }
  return settings;
}

const CLIENT_AUTH: Readonly<Record<NonNullable<RawTls['client_auth_type']>, ClientAuth>> = {
  NoClientCert: { isRequested: false, isRequired: false, isVerified: false },
  RequestClientCert: { isRequested: true, isRequired: false, isVerified: false },
  RequireAnyClientCert: { isRequested: true, isRequired: true, isVerified: false },
  RequireClientCert: { isRequested: true, isRequired: true, isVerified: false },
  VerifyClientCertIfGiven: { isRequested: true, isRequired: false, isVerified: true },
  RequireAndVerifyClientCert: { isRequested: true, isRequired: true, isVerified: true },
};

const ENCRYPTED = /^-----BEGIN ENCRYPTED |^Proc-Type: 4,ENCRYPTED/m;

function checkedPair(raw: RawTls, { cert, key }: TlsTexts, refuse: ReportKey): X509Certificate | undefined {
  const certKey = raw.cert_file === undefined ? 'cert' : 'cert_file';
  const keyKey = raw.key_file === undefined ? 'key' : 'key_file';
  let certificate: X509Certificate | undefined;
  try {
    certificate = new X509Certificate(cert ?? '');
  } catch (error) {
    refuse(
      certKey,
      `it holds no certificate in PEM: ${reasonOf(error)}`,
      'use one that begins with -----BEGIN CERTIFICATE-----',
    );
  }
  if (key === undefined) return certificate;
  try {
    if (certificate?.checkPrivateKey(createPrivateKey(key)) === false) {
      refuse(keyKey, 'the key does not belong to the certificate', 'use the two that were made together');
    }
  } catch (error) {
    if (ENCRYPTED.test(key)) {
      refuse(
        keyKey,
        'the key is encrypted, and there is no place for its passphrase',
        'store it without one',
      );
    } else {
      refuse(
        keyKey,
        `it holds no private key in PEM: ${reasonOf(error)}`,
        'use one that begins with -----BEGIN PRIVATE KEY-----',
      );
    }
  }
  return certificate;
}

function checkClientAuth(raw: RawTls, refuse: ReportKey): void {
  const auth = CLIENT_AUTH[raw.client_auth_type ?? 'NoClientCert'];
  const given = raw.client_ca_file !== undefined ? 'client_ca_file' : 'client_ca';
  if (raw[given] !== undefined && !auth.isRequested) {
    refuse(
      given,
      'client certificates are not asked for, so their authorities have no effect',
      'add client_auth_type: RequireAndVerifyClientCert',
    );
  }
  if (raw[given] === undefined && auth.isRequired && auth.isVerified) {
    refuse(
      'client_auth_type',
      "without client_ca_file, everybody with a certificate of one of the world's public authorities would be let in",
      'add client_ca_file',
    );
  }
  if (raw.client_allowed_sans !== undefined && !auth.isVerified) {
    refuse(
      'client_allowed_sans',
      'names mean nothing in a certificate that nobody verifies',
      'add client_auth_type: RequireAndVerifyClientCert',
    );
  }
}

function checkAuthorities(raw: RawTls, text: string | undefined, refuse: ReportKey): void {
  if (text === undefined) return;
  const key = raw.client_ca_file === undefined ? 'client_ca' : 'client_ca_file';
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) {
    refuse(key, 'it holds no certificate in PEM', 'use one that begins with -----BEGIN CERTIFICATE-----');
  }
  for (const [index, block] of blocks.entries()) {
    try {
      new X509Certificate(block);
    } catch (error) {
      refuse(
        key,
        `certificate ${index + 1} of ${blocks.length} can't be read: ${reasonOf(error)}`,
        'correct it',
      );
    }
  }
}

function version(
  raw: RawTls,
  key: 'min_version' | 'max_version',
  standard: keyof typeof TLS_VERSIONS,
  refuse: ReportKey,
): TlsSettings['minVersion'] {
  const text = raw[key] ?? standard;
  if (Object.hasOwn(TLS_VERSIONS, text)) return TLS_VERSIONS[text as keyof typeof TLS_VERSIONS];
  if (text === 'TLS10' || text === 'TLS11') {
    refuse(key, `${text} is not offered: it is not safe any more (RFC 8996)`, 'write TLS12 or TLS13');
  } else {
    refuse(key, `${JSON.stringify(text)} is no version of TLS`, 'write TLS12 or TLS13');
  }
  return TLS_VERSIONS[standard];
}

/** As with Go, suites that are named restrict TLS 1.2 only. */
function ciphersOf(suites: RawTls['cipher_suites']): string {
  const all = Object.entries(CIPHER_SUITES);
  const wanted = suites === undefined || suites.length === 0 ? all.map(([name]) => name) : suites;
  const isModern = (name: string) => !name.includes('_WITH_');
  const modern = all.filter(([name]) => isModern(name)).map(([, openssl]) => openssl);
  const named = wanted
    .filter((name) => !isModern(name))
    .map((name) => CIPHER_SUITES[name as keyof typeof CIPHER_SUITES]);
  return [...modern, ...named].join(':');
}

const dnsNames = ({ subjectAltName = '' }: X509Certificate): string[] =>
  [...subjectAltName.matchAll(/(?:^|, )DNS:([^,]+)/g)].map(([, name = '']) => name.toLowerCase());

const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error))
    .replace(/^error:[0-9A-F]+:/, '')
    .replace(/\.$/, '');
