import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ErrorInfo, toErrorInfo } from '@dynamic-informer/sdk';
import { type Encoding, encodingKey, TEXT_ENCODING } from '@dynamic-informer/sdk/host';
import { lint, parseExposition } from '@dynamic-informer/sdk/lint';
import { formatDiagnostic } from '../config/diagnostic.ts';
import { configDiagnostic } from '../config/place.ts';
import type { CollectReply, HostAccount, Lease } from '../contract.ts';
import { HostPool } from '../hosts/pool.ts';
import { userStateFolder } from '../hosts/state-owner.ts';
import { createLog } from '../log.ts';
import { Redactor } from '../redactor.ts';
import { merge } from '../render/exposition.ts';
import { adHocSubject, configuredSubject, type Subject, uncheckedSubject } from './collect-subject.ts';
import { problemLine } from './lint.ts';
import { Interrupted, type Replayed, replay } from './replay.ts';
import { processHosts } from './start-host.ts';

interface CollectOptions {
  readonly config?: string;
  readonly plugin?: string;
  readonly set?: string[];
  readonly watch?: boolean;
  readonly replay?: string;
  readonly debug?: boolean;
  readonly format: 'text' | 'openmetrics' | 'json';
}

const EXIT = { ok: 0, partial: 0, limit: 0, target: 2, timeout: 3, crash: 4, plugin: 4 } as const;
/** As shells have it for what Ctrl-C has ended. */
const EXIT_INTERRUPTED = 130;
const OPENMETRICS_ENCODING: Encoding = { format: 'openmetrics', escaping: 'underscores' };
const WATCH_MS = 2_000;

/** Opens one resource in a host of its own, collects or replays, prints. The exit code tells who is at fault. */
export async function collect(resource: string | undefined, options: CollectOptions): Promise<void> {
  const redactor = new Redactor();
  const log = createLog({ level: options.debug ? 'debug' : 'info', format: 'logfmt', redactor });
  // A trial run must not touch the state that a running agent keeps.
  const stateDir = await mkdtemp(join(tmpdir(), 'informer-collect-'));
  const stateFolder = ({ uid }: HostAccount) => userStateFolder(stateDir, uid);
  const pool = new HostPool(processHosts(log, { stateFolder, redactor }));
  let lease: Lease | undefined;
  let subject: Subject | undefined;
  try {
    subject = await subjectOf(resource, options, pool, redactor);
    if (options.replay !== undefined) {
      const replayed = await replay(subject, options.replay, { pool, config: options.config });
      process.exitCode = print(replayed.reply, options.format, redactor, replayed);
      return;
    }
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
    if (error instanceof Interrupted) {
      process.exitCode = EXIT_INTERRUPTED;
      return;
    }
    const info = toErrorInfo(error);
    const overdue = (error as { death?: { reason: string } }).death?.reason === 'timeout';
    process.stderr.write(redactor.redact(`${placedLine(info, subject)}\n`));
    process.exitCode = overdue ? 3 : info.class === 'config' ? 1 : info.class === 'target' ? 2 : 4;
  } finally {
    lease?.release();
    await pool.stop();
    await rm(stateDir, { recursive: true, force: true });
    await log.close();
  }
}

function subjectOf(
  resource: string | undefined,
  { plugin, set = [], config, replay: input }: CollectOptions,
  pool: HostPool,
  redactor: Redactor,
): Promise<Subject> {
  if (plugin !== undefined) return adHocSubject(plugin, set, config);
  return input === undefined
    ? configuredSubject(resource, config, pool, redactor)
    : uncheckedSubject(resource, config, redactor);
}

async function collectOnce(
  lease: Lease,
  { request, collectTimeoutMs }: Subject,
  format: CollectOptions['format'],
  redactor: Redactor,
): Promise<number> {
  const started = performance.now();
  const reply = await lease.host.collect(request.id, collectTimeoutMs, [encodingFor(format)]);
  return print(reply, format, redactor, { seconds: (performance.now() - started) / 1000 });
}

const encodingFor = (format: CollectOptions['format']): Encoding =>
  format === 'openmetrics' ? OPENMETRICS_ENCODING : TEXT_ENCODING;

/** Gives the exit code. */
function print(
  reply: CollectReply,
  format: CollectOptions['format'],
  redactor: Redactor,
  replayed: { readonly seconds: number } & Partial<Replayed>,
): number {
  const encoding = encodingFor(format);
  const exposition = Buffer.concat(merge(reply.fragments, encoding));
  process.stdout.write(format === 'json' ? asJson(reply, replayed.report) : exposition);
  const series = reply.fragments.reduce((sum, fragment) => sum + fragment.series, 0);
  const summary = `outcome ${reply.outcome}, ${series} series, ${(replayed.seconds * 1000).toFixed(1)} ms`;
  const text = format === 'json' ? [] : (replayed.text ?? []);
  const lines = [...reply.errors.map(errorLine), ...lintLines(exposition, encoding), ...text, summary];
  process.stderr.write(redactor.redact(`${lines.join('\n')}\n`));
  return EXIT[reply.outcome];
}

/** What the linter says of what was collected. */
function lintLines(exposition: Uint8Array, { format }: Encoding): string[] {
  const read = format === 'openmetrics' ? format : 'text';
  const { families, errors } = parseExposition(exposition, { format: read });
  return [...errors, ...lint(families)].map((problem) => `lint: ${problemLine(problem)}`);
}

function asJson({ outcome, errors, fragments }: CollectReply, replay: unknown): string {
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
  return `${JSON.stringify({ outcome, errors, families, ...(replay !== undefined && { replay }) }, null, 2)}\n`;
}

/** With the place of what is wrong in a configuration, if that is known. */
function placedLine(info: ErrorInfo, subject: Subject | undefined): string {
  const { path } = info;
  if (path === undefined || path.length === 0) return errorLine(info);
  const { resource } = subject ?? {};
  if (resource) return formatDiagnostic(configDiagnostic(resource, info));
  return errorLine({ ...info, message: `${path.join('.')}: ${info.message}` });
}

const errorLine = ({ code, message, fix }: ErrorInfo): string => `${code}: ${message}${fix ? ` ${fix}` : ''}`;
