import type { resourceList } from '../api/resources.ts';
import type { Shown } from '../api/shown.ts';
import { SHOWN_STATES } from '../contract.ts';
import type { ResourceStatus } from '../status.ts';
import { pageOf } from './pages.ts';
import type { HttpPorts } from './ports.ts';
import { RequestError, unknownName } from './problem.ts';
import { choicesOf, countOf, listOf, MAX_PAGE, readQuery, textOf } from './query.ts';

/**
 * The resources that a query asks for: all of them in the configuration's order, or a page of them by name.
 * @throws RequestError
 */
export function listResources(rawQuery: unknown, ports: HttpPorts): Shown<typeof resourceList> {
  const query = readQuery(rawQuery, ['state', 'plugin', 'search', 'limit', 'after', 'include']);
  const states = choicesOf(query, 'state', SHOWN_STATES);
  const search = textOf(query, 'search')?.toLowerCase();
  const withHistory = choicesOf(query, 'include', ['history'] as const).length > 0;
  const limit = countOf(query, 'limit', MAX_PAGE);
  const after = textOf(query, 'after');
  const ofPlugin = namesOfPlugins(listOf(query, 'plugin'), ports);

  const found = ports
    .status(ofPlugin && ((name) => ofPlugin.has(name)))
    .resources.filter(
      (resource) =>
        (states.length === 0 || states.includes(resource.state)) &&
        (search === undefined || mentions(resource, search)),
    );
  const { items, ...rest } =
    limit === undefined && after === undefined ? { items: found } : pageOf(found, { limit, after });
  const resources = withHistory
    ? items.map((resource) => ({ ...resource, history: ports.historyOf(resource.name) }))
    : items;
  return { resources, total: found.length, ...rest };
}

/** `undefined` if none are named. */
function namesOfPlugins(plugins: readonly string[], ports: HttpPorts): Set<string> | undefined {
  if (plugins.length === 0) return undefined;
  const resources = ports.resources();
  for (const name of plugins) {
    if (!resources.some(({ plugin }) => plugin === name))
      throw new RequestError(404, unknownName(`There is no plugin in use named "${name}".`));
  }
  return new Set(resources.filter(({ plugin }) => plugins.includes(plugin)).map(({ name }) => name));
}

/** By its name, its plugin, or what is wrong with it. */
function mentions({ name, plugin, errors }: ResourceStatus, search: string): boolean {
  const texts = [name, plugin, ...errors.flatMap(({ code, message }) => [code, message])];
  return texts.some((text) => text.toLowerCase().includes(search));
}
