import { dirname, isAbsolute, join, resolve } from 'node:path';
import { type ErrorInfo, parseDuration, type TSchema } from '@dynamic-informer/sdk';
import { compileSchema } from '@dynamic-informer/sdk/host';
import { diagnosticAt } from './place.ts';
import { readYaml } from './read-yaml.ts';
import type { SourceFiles } from './source-files.ts';
import { tlsSettings } from './tls-settings.ts';
import type { Diagnostic, Located, Path } from './types.ts';
import { OPEN_ACCESS, type TlsSettings, type WebAccess } from './web-access.ts';
import { type RawTls, type RawWebFile, webFileSchema } from './web-file-schema.ts';

export interface CheckedWebFile {
  /** Of use only if there are no issues. */
  readonly access: WebAccess;
  readonly issues: readonly Diagnostic[];
  readonly secrets: readonly string[];
}

type Problem = ErrorInfo & { readonly on?: 'key' | 'value' };

/** A hash above it would take minutes to compare. */
const HIGHEST_COST = 18;
const LOWEST_COST = 4;
const BCRYPT = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;
/** What may stand in a header: visible characters, spaces and tabs. */
const HEADER_VALUE = /^[\t\x20-\x7e]*$/;

/** What holds if no file is named. */
export const NO_WEB_FILE: CheckedWebFile = { access: OPEN_ACCESS, issues: [], secrets: [] };

/**
 * Reads and checks a file in exporter-toolkit's format, and the certificates that it names.
 * `cantRead` says where it is named, for the error that it can't be read.
 */
export async function checkWebFile(
  file: string,
  sources: SourceFiles,
  cantRead: (reason: string) => Diagnostic,
): Promise<CheckedWebFile> {
  const text = await sources.read(file);
  if (typeof text !== 'string') return { ...NO_WEB_FILE, issues: [cantRead(text.message)] };
  const yaml = readYaml(file, text);
  const top: Located = { file, at: [], marks: yaml.marks };
  if (yaml.value === undefined) return { ...NO_WEB_FILE, issues: yaml.issues };

  const given = withoutNothing(yaml.value);
  const check = await compileSchema(webFileSchema as TSchema, { isOwn: true });
  const checked = check(given);
  const problems: Problem[] = [...checked.issues];
  const secrets = [...checked.secrets, ...secretsIn(given)];
  const raw = checked.value as RawWebFile;
  const isSound = (...path: Path) =>
    !checked.issues.some((issue) => path.every((key, index) => issue.path[index] === key));
  const report: Report = (path, message, fix, { on = 'value', code = 'CONFIG_BAD_VALUE' } = {}) => {
    problems.push({ code, class: 'config', message, fix, path, on });
  };

  let tls: TlsSettings | undefined;
  if (isMapping(raw) && raw.tls_server_config !== undefined && isSound('tls_server_config')) {
    tls = await readTls(raw.tls_server_config, dirname(resolve(file)), sources, report, secrets);
  }
  if (isMapping(raw) && isSound('http_server_config')) checkHttp(raw.http_server_config, report);
  if (isMapping(raw) && isSound('basic_auth_users')) checkUsers(raw.basic_auth_users ?? {}, report);
  const issues = [...yaml.issues, ...problems.map((problem) => diagnosticAt(top, problem))];
  return {
    access: issues.length > 0 ? OPEN_ACCESS : accessOf(raw, tls),
    issues,
    secrets: [...new Set(secrets)],
  };
}

type Report = (
  path: Path,
  message: string,
  fix: string,
  more?: { readonly on?: 'key' | 'value'; readonly code?: string },
) => void;

function accessOf(raw: RawWebFile, tls: TlsSettings | undefined): WebAccess {
  const { headers = {} } = raw.http_server_config ?? {};
  const { interval = 0, burst = 0 } = raw.rate_limit ?? {};
  const intervalMs = interval === 0 ? 0 : parseDuration(interval);
  return {
    tls,
    users: raw.basic_auth_users ?? {},
    headers: Object.fromEntries(
      Object.entries(headers)
        .filter(([, value]) => value !== '')
        .map(([name, value]) => [name.toLowerCase(), String(value)]),
    ),
    rateLimit: intervalMs === 0 ? undefined : { intervalMs, burst },
  };
}

async function readTls(
  raw: RawTls,
  directory: string,
  sources: SourceFiles,
  report: Report,
  secrets: string[],
): Promise<TlsSettings | undefined> {
  const at = (key: keyof RawTls): Path => ['tls_server_config', key];
  let isUsable = true;
  const refuse = (key: keyof RawTls | undefined, message: string, fix: string, on?: 'key') => {
    isUsable = false;
    report(key === undefined ? ['tls_server_config'] : at(key), message, fix, on && { on });
  };
  const textOf = async (inline: 'cert' | 'key' | 'client_ca', needed: boolean) => {
    const fileKey = `${inline}_file` as const;
    const file = raw[fileKey];
    if (raw[inline] !== undefined && file !== undefined) {
      refuse(inline, `${fileKey} says the same`, 'remove one of the two');
    }
    if (file === undefined) {
      if (raw[inline] === undefined && needed) {
        refuse(undefined, `TLS needs ${fileKey}`, `add it, or remove tls_server_config`, 'key');
      }
      return raw[inline];
    }
    const text = await sources.read(isAbsolute(file) ? file : join(directory, file));
    if (typeof text === 'string') return text;
    refuse(fileKey, `can't read "${file}": ${text.message}`, 'create it, or correct the path');
    return undefined;
  };
  const cert = await textOf('cert', true);
  const key = await textOf('key', true);
  const clientCa = await textOf('client_ca', false);
  if (key !== undefined) secrets.push(key);
  const settings = tlsSettings(raw, { cert, key, clientCa }, (...problem) => refuse(...problem));
  return isUsable ? settings : undefined;
}

function checkHttp(raw: RawWebFile['http_server_config'], report: Report): void {
  if (raw?.http2) {
    report(
      ['http_server_config', 'http2'],
      'http2: true is not supported: answers are HTTP/1.1, which every client falls back to',
      'remove it, or write false',
      { code: 'CONFIG_UNSUPPORTED_KEY' },
    );
  }
  for (const [name, value] of Object.entries(raw?.headers ?? {})) {
    if (HEADER_VALUE.test(String(value))) continue;
    report(['http_server_config', 'headers', name], 'a header is one line of ASCII', 'remove what is not');
  }
}

function checkUsers(users: Readonly<Record<string, string>>, report: Report): void {
  for (const [name, hash] of Object.entries(users)) {
    const path = ['basic_auth_users', name];
    if (name.includes(':')) report(path, 'the name of a user has no colon', 'remove it', { on: 'key' });
    const cost = BCRYPT.exec(hash)?.[1];
    if (cost === undefined) {
      report(path, 'it is not a bcrypt hash', 'make one with: htpasswd -nBC 10 NAME');
    } else if (Number(cost) < LOWEST_COST || Number(cost) > HIGHEST_COST) {
      const fact = `a bcrypt cost of ${Number(cost)} can't be used`;
      report(path, fact, `use one from ${LOWEST_COST} to ${HIGHEST_COST}; 10 is usual`);
    }
  }
}

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A part with nothing under it, as when all of it is commented out, is not there. */
function withoutNothing(value: unknown): unknown {
  if (!isMapping(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== null));
}

/** What may be a secret in a file that need not be as it should: a password where a hash belongs. */
function secretsIn(value: unknown): string[] {
  if (!isMapping(value)) return [];
  const { basic_auth_users: users, tls_server_config: tls } = value;
  const given = [
    ...(isMapping(users) ? Object.values(users) : [users]),
    ...(isMapping(tls) ? [tls.key] : []),
  ];
  return given.filter((each) => typeof each === 'string' || typeof each === 'number').map(String);
}
