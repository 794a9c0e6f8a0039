import { TEXT_TYPES } from '@dynamic-informer/sdk/host';
import type { FastifyInstance } from 'fastify';
import type { metadataList } from '../../api/catalog.ts';
import type { Shown } from '../../api/shown.ts';
import type { MetricEntry } from '../../describe/metric-register.ts';
import { VERSION } from '../../version.ts';
import { pageOf } from '../pages.ts';
import type { HttpPorts, RouteContext } from '../ports.ts';
import { RequestError, unknownName } from '../problem.ts';
import { choicesOf, countOf, listOf, MAX_PAGE, readQuery, textOf } from '../query.ts';

const TYPES = Object.keys(TEXT_TYPES) as (keyof typeof TEXT_TYPES)[];

/** `/api/v1/metadata`: the register of every metric that is or may be exposed. */
export function metadataRoutes(app: FastifyInstance, { ports }: RouteContext): void {
  app.get('/api/v1/metadata', async (request, reply) => reply.send(await listMetrics(request.query, ports)));
}

async function listMetrics(rawQuery: unknown, ports: HttpPorts): Promise<Shown<typeof metadataList>> {
  const query = readQuery(rawQuery, ['search', 'resource', 'plugin', 'type', 'limit', 'after']);
  const search = textOf(query, 'search')?.toLowerCase();
  const types = choicesOf(query, 'type', TYPES);
  const resources = listOf(query, 'resource');
  const plugins = listOf(query, 'plugin');
  const page = { limit: countOf(query, 'limit', MAX_PAGE), after: textOf(query, 'after') };
  const all = ports.resources();
  mustBeAmong(
    'resource',
    resources,
    all.map(({ name }) => name),
  );
  mustBeAmong(
    'plugin in use named',
    plugins,
    all.map(({ plugin }) => plugin),
  );

  const isNarrowed = resources.length > 0 || plugins.length > 0;
  const isWanted = ({ name, plugin }: MetricEntry['resources'][number]) =>
    (resources.length === 0 || resources.includes(name)) &&
    (plugins.length === 0 || plugins.includes(plugin));
  const metrics = (await ports.metrics()).filter(
    (metric) =>
      (types.length === 0 || types.includes(metric.type)) &&
      (search === undefined || mentions(metric, search)) &&
      (!isNarrowed || metric.resources.some(isWanted)),
  );
  const { items, ...next } = pageOf(metrics, page);
  const uses = new Map<string, number>();
  for (const { plugin } of all) uses.set(plugin, (uses.get(plugin) ?? 0) + 1);
  return {
    agent: { version: VERSION },
    sources: [...uses].map(([plugin, count]) => ({ plugin, resources: count })),
    metrics: items,
    total: metrics.length,
    ...next,
  };
}

function mustBeAmong(what: string, names: readonly string[], known: readonly string[]): void {
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new RequestError(404, unknownName(`There is no ${what} "${unknown}".`));
}

/** By its name, its help or its labels. */
function mentions({ name, help, labels }: MetricEntry, search: string): boolean {
  return [name, help, ...labels].some((text) => text.toLowerCase().includes(search));
}
