import { fixForUnknown, negotiate } from '@dynamic-informer/sdk/host';
import type { Compressor } from '@dynamic-informer/sdk/http';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ResourceSettings } from '../../describe/settings.ts';
import type { ProbeResult } from '../../probes.ts';
import type { DesiredResource } from '../../resources/desired.ts';
import type { RouteContext } from '../ports.ts';
import { sendProblem } from '../problem.ts';
import { scrapeBudgetMs } from '../scrape-budget.ts';
import { sendExposition } from './scrape.ts';

type ProbeQuery = Readonly<Record<'plugin' | 'resource' | 'target' | 'debug', string | string[] | undefined>>;

const MAX_TARGET = 4096;

/** `/probe`: the pattern of multi-target exporters, with the settings of a resource that says `probe: true`. */
export function probeRoutes(app: FastifyInstance, { ports }: RouteContext, compressor: Compressor): void {
  app.get<{ Querystring: ProbeQuery }>('/probe', async (request, reply) => {
    const { target, debug } = request.query;
    if (typeof target !== 'string' || target === '' || target.length > MAX_TARGET) {
      return refuse(
        reply,
        400,
        'HTTP_BAD_REQUEST',
        'No target is named, or several are.',
        'Add one target=TARGET.',
      );
    }
    const found = findResource(ports.probes.resources(), request.query);
    if (typeof found === 'string') {
      const fix = 'Name a resource with "probe: true" as resource=NAME.';
      return refuse(reply, 404, 'HTTP_UNKNOWN_NAME', found, fix);
    }
    if (ports.probes.isFull) {
      const detail = 'Too many probes wait for their turn.';
      return refuse(
        reply.header('retry-after', '1'),
        429,
        'HTTP_TOO_MANY',
        detail,
        'Probe less at one time.',
      );
    }
    const budget = scrapeBudgetMs(
      request.headers['x-prometheus-scrape-timeout-seconds'],
      ports.settings().scrapeTimeoutOffsetMs,
    );
    const isDebug = debug === 'true';
    const accept = isDebug ? undefined : request.headers.accept;
    const wanted = negotiate(accept, { created: ports.settings().openmetricsCreated });
    const timeoutMs = Math.min(budget, found.timeoutMs);
    const result = await ports.probes.probe(found, target, timeoutMs, wanted);
    if (isDebug) {
      const settings = await ports.settingsOf(found.name);
      const text = ports.probes.redact(debugText(found, target, result, settings));
      return reply.type('text/plain; charset=utf-8').send(text);
    }
    const isThere = result.series > 0 || ['ok', 'partial', 'limit'].includes(result.outcome);
    if (isThere) return sendExposition(compressor, request, reply, wanted, result.exposition);
    const [{ code, class: errorClass, message, fix } = UNSAID] = result.errors;
    const status = errorClass === 'config' ? 400 : result.outcome === 'timeout' ? 504 : 502;
    return refuse(
      reply,
      status,
      code,
      ports.probes.redact(message),
      fix ?? 'Add debug=true to see what it did.',
    );
  });
}

const UNSAID = {
  code: 'TARGET_FAILED',
  class: 'target',
  message: 'The probe brought nothing.',
  fix: undefined,
};

function refuse(
  reply: FastifyReply,
  status: number,
  code: string,
  detail: string,
  fix: string,
): FastifyReply {
  return sendProblem(reply, status, { code, title: 'Not probed', detail, fix });
}

/** The resource that is meant, or why it is not known which. */
function findResource(
  all: readonly DesiredResource[],
  { resource, plugin }: ProbeQuery,
): DesiredResource | string {
  const ofPlugin = all.filter((each) => plugin === undefined || each.plugin.name === plugin);
  if (typeof resource === 'string') {
    const found = ofPlugin.find(({ name }) => name === resource);
    const names = ofPlugin.map(({ name }) => name);
    const of = plugin === undefined ? '' : ` of the plugin "${String(plugin)}"`;
    return (
      found ??
      `There is no enabled resource "${resource}"${of} with "probe: true"; ${fixForUnknown(resource, names, 'there are')}.`
    );
  }
  const [first, ...others] = ofPlugin;
  if (first && others.length === 0) return first;
  const names = ofPlugin.map(({ name }) => name).join(', ');
  return first ? `Several resources can be probed: ${names}.` : 'No enabled resource says "probe: true".';
}

/** What one probe did, for people. */
function debugText(
  { name, plugin }: DesiredResource,
  target: string,
  result: ProbeResult,
  settings: ResourceSettings | undefined,
): string {
  const lines = result.lines.map(
    ({ level, message, fields }) =>
      `${level} ${message}${Object.keys(fields).length > 0 ? ` ${JSON.stringify(fields)}` : ''}`,
  );
  const errors = result.errors.map(({ code, message, fix }) => `${code}: ${message}${fix ? ` ${fix}` : ''}`);
  return [
    `Probe of ${target} with the resource "${name}" (${plugin.name})`,
    `outcome ${result.outcome}, ${result.series} series, ${(result.seconds * 1000).toFixed(1)} ms`,
    ...section('Errors', errors),
    ...section('Log', lines),
    ...section('Metrics', [Buffer.concat(result.exposition.parts).toString('utf8').trimEnd()]),
    ...section('Settings of the resource', [JSON.stringify(settings, null, 2)]),
    '',
  ].join('\n');
}

const section = (title: string, lines: readonly string[]): string[] => [
  '',
  `${title}:`,
  ...(lines.length > 0 ? lines : ['(none)']),
];
