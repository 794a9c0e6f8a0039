import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configError, type ErrorInfo, toErrorInfo } from '@dynamic-informer/sdk';
import { type Encoding, encodingKey, fixForUnknown, TEXT_ENCODING } from '@dynamic-informer/sdk/host';
import { lint, parseExposition } from '@dynamic-informer/sdk/lint';
import { sourceOf } from '../catalog.ts';
import { MOST_BYTES } from '../config/convert.ts';
import type { CollectReply, HostAccount, HostGroup, Lease, OpenRequest } from '../contract.ts';
import { HostPool } from '../hosts/pool.ts';
import { userStateFolder } from '../hosts/state-owner.ts';
import { createLog } from '../log.ts';
import { Redactor } from '../redactor.ts';
import { checkConfig } from '../reload/check-config.ts';
import { OWN_HOST_MEMORY } from '../reload/resolve.ts';
import { merge } from '../render/exposition.ts';
import { problemLine } from './lint.ts';
import { configFile } from './output.ts';
import { findPlugin } from './plugins.ts';
import { processHosts } from './start-host.ts';

interface CollectOptions {
  readonly config?: string;
  readonly plugin?: string;
  readonly set?: string[];
  readonly watch?: boolean;
  readonly debug?: boolean;
  readonly format: 'text' | 'openmetrics' | 'json';
}

/** What is opened, and where. */
interface Subject {
  readonly host: HostGroup;
  readonly request: Omit<OpenRequest, 'stateFile'>;
  readonly collectTimeoutMs: number;
}

const EXIT = { ok: 0, partial: 0, limit: 0, target: 2, timeout: 3, crash: 4, plugin: 4 } as const;
const OPENMETRICS_ENCODING: Encoding = { format: 'openmetrics', escaping: 'underscores' };
const WATCH_MS = 2_000;
const PLUGIN_TIMEOUT_MS = 10_000;

/** Opens one resource in a host of its own, collects, prints. The exit code tells who is at fault. */
export async function collect(resource: string | undefined, options: CollectOptions): Promise<void> {
  const redactor = new Redactor();
  const log = createLog({ level: options.debug ? 'debug' : 'info', format: 'logfmt', redactor });
  // A trial run must not touch the state that a running agent keeps.
  const stateDir = await mkdtemp(join(tmpdir(), 'informer-collect-'));
  const stateFolder = ({ uid }: HostAccount) => userStateFolder(stateDir, uid);
  const pool = new HostPool(processHosts(log, { stateFolder, redactor }));
  let lease: Lease | undefined;
  try {
    const subject =
      options.plugin === undefined
        ? await configured(resource, options.config, pool, redactor)
        : await adHoc(options.plugin, options);
    const stateFile = join(stateDir, 'resources', `${subject.request.gather.resource}.state`);
    lease = await pool.lease(subject.host, {
      resource: subject.request.gather.resource,
      plugin: subject.request.plugin.name,
    });
    const { secrets } = await lease.host.open({ ...subject.request, stateFile });
    redactor.add(secrets);
    do {
      process.exitCode = await collectOnce(lease, subject, options.format, redactor);
      if (options.watch) await new Promise((resolve) => setTimeout(resolve, WATCH_MS));
    } while (options.watch);
    await lease.host.close(subject.request.id);
  } catch (error) {
    const info = toErrorInfo(error);
    const overdue = (error as { death?: { reason: string } }).death?.reason === 'timeout';
    process.stderr.write(redactor.redact(`${errorLine(info)}\n`));
    process.exitCode = overdue ? 3 : info.class === 'config' ? 1 : info.class === 'target' ? 2 : 4;
  } finally {
    lease?.release();
    await pool.stop();
    await rm(stateDir, { recursive: true, force: true });
    await log.close();
  }
}

async function collectOnce(
  lease: Lease,
  { request, collectTimeoutMs }: Subject,
  format: CollectOptions['format'],
  redactor: Redactor,
): Promise<number> {
  const started = performance.now();
  const encoding = format === 'openmetrics' ? OPENMETRICS_ENCODING : TEXT_ENCODING;
  const reply = await lease.host.collect(request.id, collectTimeoutMs, [encoding]);
  const took = performance.now() - started;
  const exposition = Buffer.concat(merge(reply.fragments, encoding));
  process.stdout.write(format === 'json' ? asJson(reply) : exposition);
  const series = reply.fragments.reduce((sum, fragment) => sum + fragment.series, 0);
  const summary = `outcome ${reply.outcome}, ${series} series, ${took.toFixed(1)} ms`;
  const lines = [...reply.errors.map(errorLine), ...lintLines(exposition, encoding), summary];
  process.stderr.write(redactor.redact(`${lines.join('\n')}\n`));
  return EXIT[reply.outcome];
}

/** What the linter says of what was collected. */
function lintLines(exposition: Uint8Array, { format }: Encoding): string[] {
  const read = format === 'openmetrics' ? format : 'text';
  const { families, errors } = parseExposition(exposition, { format: read });
  return [...errors, ...lint(families)].map((problem) => `lint: ${problemLine(problem)}`);
}

function asJson({ outcome, errors, fragments }: CollectReply): string {
  const families = fragments.map(({ name, type, help, unit, bodies }) => ({
    name,
    type,
    help,
    unit,
    lines: Buffer.concat(bodies.get(encodingKey(TEXT_ENCODING)) ?? [])
      .toString('utf8')
      .trimEnd()
      .split('\n'),
  }));
  return `${JSON.stringify({ outcome, errors, families }, null, 2)}\n`;
}

const errorLine = ({ code, message, fix }: ErrorInfo): string => `${code}: ${message}${fix ? ` ${fix}` : ''}`;

async function configured(
  name: string | undefined,
  file: string | undefined,
  pool: HostPool,
  redactor: Redactor,
): Promise<Subject> {
  if (name === undefined) {
    throw configError('Nothing was named to collect.', { fix: 'name a resource, or a plugin with --plugin' });
  }
  const path = configFile(file);
  const { issues, config, desired, release } = await checkConfig(path, process.env, pool, redactor);
  release();
  const [issue] = issues;
  if (issue || !config) {
    throw configError(`${path} is not usable: ${issue?.message ?? ''}`, {
      fix: 'see all of it with "informer check"',
    });
  }
  const wanted = desired.find((resource) => resource.name === name);
  if (!wanted) {
    const names = desired.map((resource) => resource.name);
    throw configError(`There is no resource "${name}" in ${path}.`, {
      code: 'CONFIG_UNKNOWN_RESOURCE',
      fix: fixForUnknown(name, names, 'the resources are'),
    });
  }
  const { plugin, config: settings, substituted, directory, labels, relabel, maxSeries, maxBytes } = wanted;
  return {
    host: wanted.host,
    collectTimeoutMs: wanted.timeoutMs,
    request: {
      id: `${name}#1`,
      plugin,
      config: settings,
      substituted,
      directory,
      gather: { resource: name, labels, relabel, maxSeries, maxBytes },
      timeoutMs: wanted.openTimeoutMs,
    },
  };
}

async function adHoc(name: string, options: CollectOptions): Promise<Subject> {
  const entry = await findPlugin(name, options.config);
  return {
    host: { key: name, name, memoryBytes: OWN_HOST_MEMORY, nice: 0 },
    collectTimeoutMs: PLUGIN_TIMEOUT_MS,
    request: {
      id: `${name}#1`,
      plugin: sourceOf(entry),
      config: await settingsOf(options.set ?? []),
      substituted: [],
      directory: process.cwd(),
      gather: {
        resource: name,
        labels: {},
        relabel: [],
        maxSeries: Number.MAX_SAFE_INTEGER,
        maxBytes: MOST_BYTES,
      },
      timeoutMs: PLUGIN_TIMEOUT_MS,
    },
  };
}

/** `a.b=1` becomes `{a: {b: 1}}`; values are read as YAML. */
async function settingsOf(pairs: readonly string[]): Promise<Record<string, unknown>> {
  const { parse } = await import('yaml');
  const settings: Record<string, unknown> = {};
  for (const pair of pairs) {
    const [, key, value] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
    if (key === undefined || value === undefined) {
      throw configError(`--set ${pair} has no value.`, { fix: 'write --set KEY=VALUE' });
    }
    const path = key.split('.');
    const last = path.pop() as string;
    let at = settings;
    for (const step of path) {
      at[step] ??= {};
      at = at[step] as Record<string, unknown>;
    }
    at[last] = parse(value);
  }
  return settings;
}
