/** Which resources a scrape asks for; `undefined` stands for all. */
export interface Selection {
  readonly names: ReadonlySet<string>;
  /** The caller named what it wants: what belongs to no resource is left out then. */
  readonly narrowed: boolean;
}

export type SelectionQuery = Readonly<Record<string, string | readonly string[] | undefined>>;

export class UnknownNameError extends Error {
  override readonly name = 'UnknownNameError';
}

const valuesOf = (query: SelectionQuery, key: string): readonly string[] => {
  const value = query[key];
  return value === undefined ? [] : typeof value === 'string' ? [value] : value;
};

/**
 * Reads `resource`, `plugin`, `collect[]` and `exclude[]`, each of which can stand several times.
 * @throws UnknownNameError for a resource or plugin that is not configured
 */
export function selectResources(
  query: SelectionQuery,
  resources: readonly { readonly name: string; readonly plugin: string }[],
): Selection {
  const known = new Set(resources.map(({ name }) => name));
  const plugins = new Set(resources.map(({ plugin }) => plugin));
  const check = (what: string, names: readonly string[], among: ReadonlySet<string>) => {
    for (const name of names)
      if (!among.has(name)) throw new UnknownNameError(`There is no ${what} "${name}".`);
  };
  const wanted = [...valuesOf(query, 'resource'), ...valuesOf(query, 'collect[]')];
  const wantedPlugins = valuesOf(query, 'plugin');
  const excluded = valuesOf(query, 'exclude[]');
  check('resource', [...wanted, ...excluded], known);
  check('plugin in use named', wantedPlugins, plugins);

  const narrowed = wanted.length > 0 || wantedPlugins.length > 0;
  const names = resources
    .filter(({ name, plugin }) => !narrowed || wanted.includes(name) || wantedPlugins.includes(plugin))
    .map(({ name }) => name);
  return { names: new Set(names.filter((name) => !excluded.includes(name))), narrowed };
}
