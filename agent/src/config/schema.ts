import { type Static, type TSchema, Type } from '@dynamic-informer/sdk';
import { RELABEL_ACTIONS, type RelabelConfig } from '@dynamic-informer/sdk/host';

const duration = (options: { default?: string; description: string }) =>
  Type.String({ format: 'duration', ...options });
const size = (options: { default?: string; description: string }) =>
  Type.String({ format: 'size', ...options });
const count = (options: { default?: number; description: string }) =>
  Type.Integer({ minimum: 1, maximum: 1_000_000_000, ...options });
const cpu = () =>
  Type.Optional(
    Type.Number({
      exclusiveMinimum: 0,
      maximum: 64,
      description:
        'Share of a core that its host may use, averaged over 5 minutes; over it, collects are first spaced, then stopped.',
    }),
  );
const text = (description: string) => Type.String({ minLength: 1, description });
const every = (options: { default?: string; description: string }) =>
  Type.Union([Type.Literal('scrape'), Type.String({ format: 'duration' })], options);

/** Keys that begin with x- are ignored: a place for YAML anchors. */
const WITH_EXTENSIONS = { additionalProperties: false, patternProperties: { '^x-': {} } };

/** A mapping whose keys are names of the operator's. */
const named = <S extends TSchema>(schema: S, pattern: string, rule: string, description: string) =>
  Type.Record(Type.String(), schema, { propertyNames: { pattern, description: rule }, description });

const NAME = '^[a-z0-9][a-z0-9._-]{0,62}$';
const NAME_RULE =
  'use lower-case letters, digits, ".", "_" and "-", beginning with a letter or a digit, 63 at most';

const HOST_NAME = '^[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9])?$';

const web = Type.Object(
  {
    listen: Type.Array(Type.String(), {
      default: ['127.0.0.1:19115'],
      minItems: 1,
      uniqueItems: true,
      description: 'Where to serve: host:port, [ipv6]:port or unix:/path.',
    }),
    metrics_path: Type.String({
      default: '/metrics',
      pattern: '^/(?!-/|api/|page/|plain$|probe$|openapi\\.json$)[A-Za-z0-9._~/-]+$',
      description: 'The path of the metrics.',
    }),
    scrape_timeout_offset: duration({
      default: '500ms',
      description:
        'How long before the scraper gives up a scrape is answered; at most half of what it allows.',
    }),
    openmetrics_created: Type.Boolean({
      default: false,
      description:
        'Whether OpenMetrics has the lines that tell when series began, each of them a series more.',
    }),
    config_file: Type.Optional(
      text("A file in the format of Prometheus' exporter-toolkit: TLS, client certificates, basic auth."),
    ),
    allow: Type.Optional(
      Type.Array(Type.String(), {
        minItems: 1,
        description: 'Networks that may connect over TCP, such as 10.0.0.0/8; everybody by default.',
      }),
    ),
    hosts: Type.Array(Type.String({ pattern: HOST_NAME, description: 'A host name without a port.' }), {
      default: [],
      description:
        "Names that this agent is reached by, as a proxy's; the machine's and those of listen are known.",
    }),
    admin: Type.Optional(
      Type.Object(
        { token_file: Type.Optional(text('A file with the token that changes need.')) },
        {
          description:
            'Who may change things. Without a token, changes are accepted on the unix socket only.',
        },
      ),
    ),
  },
  { default: {}, description: 'The HTTP server.' },
);

const settings = {
  timeout: { default: '5s', description: 'How long a collect may take.' },
  open_timeout: { default: '10s', description: 'How long opening may take.' },
  max_series: { default: 10_000, description: 'How many series a resource may have.' },
  max_bytes: {
    default: '16MiB',
    description: 'How many bytes of exposition a resource may have, in the text format.',
  },
  max_stale: {
    default: '0s',
    description: 'How long the last good series stay when a collect fails.',
  },
  every: {
    default: 'scrape',
    description: 'When to collect: at each scrape, or at an interval such as 30s.',
  },
} as const;

const defaults = Type.Object(
  {
    every: every(settings.every),
    timeout: duration(settings.timeout),
    open_timeout: duration(settings.open_timeout),
    max_series: count(settings.max_series),
    max_bytes: size(settings.max_bytes),
    max_stale: duration(settings.max_stale),
  },
  { default: {}, description: 'What holds for every resource that does not say otherwise.' },
);

const logLines = Type.Optional(
  Type.Integer({
    minimum: 1,
    maximum: 1000,
    description:
      'Lines that its host may log and print in a second, 20 by default; five times as many may come at once.',
  }),
);

const plugin = Type.Object({
  path: Type.Optional(
    text('Its code: a folder, a file (.js .mjs .ts) or a package name; built-ins need none.'),
  ),
  host: Type.Optional(
    Type.Union([Type.Literal('shared'), Type.Literal('own'), Type.Literal('dedicated')], {
      description: 'Which process its resources run in: with others, one for all of them, or one for each.',
    }),
  ),
  memory: Type.Optional(
    size({
      description:
        'Private memory (heap, Buffers, WebAssembly, native) that its host may use beyond what an empty host has; with own and dedicated.',
    }),
  ),
  cpu: cpu(),
  nice: Type.Optional(
    Type.Integer({ minimum: -20, maximum: 19, description: "Its host's priority; 19 is the lowest." }),
  ),
  user: Type.Optional(
    Type.Union([Type.String({ minLength: 1 }), Type.Integer({ minimum: 0, maximum: 2 ** 32 - 2 })], {
      description:
        'Who its hosts run as, a name or a number; with own and dedicated, where the agent runs as root.',
    }),
  ),
  log_lines: logLines,
});

const LABEL = '^(?!__|resource$)[A-Za-z_][A-Za-z0-9_]*$';
const LABEL_RULE =
  'use letters, digits and "_", not beginning with a digit or "__"; "resource" is set by the agent';

const relabelRule = Type.Object({
  source_labels: Type.Optional(Type.Array(Type.String(), { description: 'Labels whose values are joined.' })),
  separator: Type.Optional(Type.String({ description: 'What joins them; ";" by default.' })),
  target_label: Type.Optional(Type.String({ description: 'The label that is written.' })),
  regex: Type.Optional(Type.String({ description: 'RE2 syntax, anchored at both ends; "(.*)" by default.' })),
  modulus: Type.Optional(Type.Integer({ minimum: 1, description: 'For hashmod.' })),
  replacement: Type.Optional(Type.String({ description: 'What is written; "$1" by default.' })),
  action: Type.Optional(
    Type.Unsafe<NonNullable<RelabelConfig['action']>>({
      enum: [...RELABEL_ACTIONS],
      description: 'What to do; "replace" by default.',
    }),
  ),
});

const resource = Type.Object({
  plugin: text('The plugin that reads it.'),
  enabled: Type.Boolean({ default: true, description: 'Is it collected?' }),
  probe: Type.Boolean({
    default: false,
    description:
      'May /probe collect it for a target that the caller names? What it sends, credentials included, goes there.',
  }),
  every: Type.Optional(every({ description: settings.every.description })),
  timeout: Type.Optional(duration({ description: settings.timeout.description })),
  open_timeout: Type.Optional(duration({ description: settings.open_timeout.description })),
  max_series: Type.Optional(count({ description: settings.max_series.description })),
  max_bytes: Type.Optional(size({ description: settings.max_bytes.description })),
  max_stale: Type.Optional(duration({ description: settings.max_stale.description })),
  labels: Type.Optional(named(Type.String(), LABEL, LABEL_RULE, 'Labels that all its series get.')),
  relabel: Type.Optional(
    Type.Array(relabelRule, {
      description: "Prometheus' metric_relabel_configs, with the same semantics.",
    }),
  ),
  config: Type.Optional(Type.Unknown({ description: "The plugin's own configuration." })),
});

const parts = {
  plugins: Type.Optional(
    named(plugin, NAME, NAME_RULE, 'Plugins that are not built in, and how plugins run.'),
  ),
  resources: Type.Optional(named(resource, NAME, NAME_RULE, 'What is watched.')),
};

/** The main configuration file. */
export const configSchema = Type.Object(
  {
    web,
    state_dir: Type.Optional(text('What the agent keeps: state of resources, and its socket.')),
    limits: Type.Object(
      {
        concurrency: Type.Integer({
          default: 64,
          minimum: 1,
          maximum: 10_000,
          description: 'Collects at one time.',
        }),
        series: count({ default: 100_000, description: 'Series of the whole agent.' }),
      },
      { default: {}, description: 'What the agent may use.' },
    ),
    shared_host: Type.Object(
      {
        memory: size({
          default: '256MiB',
          description: 'Private memory that it may use beyond what an empty host has.',
        }),
        cpu: cpu(),
        log_lines: logLines,
      },
      { default: {}, description: 'The host process that plugins share.' },
    ),
    defaults,
    include: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description: 'Further files, as globs; they hold resources and plugins.',
    }),
    plugin_dirs: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description: 'Folders with plugins.',
    }),
    ...parts,
  },
  WITH_EXTENSIONS,
);

/** A file that `include` names. */
export const includedSchema = Type.Object(parts, WITH_EXTENSIONS);

export type RawConfig = Static<typeof configSchema>;
export type RawPlugin = Static<typeof plugin>;
export type RawResource = Static<typeof resource>;

/** Is this a part of the file that may have nothing under it, as when all of it is commented out? */
export function isSection(key: string): boolean {
  const schemas: Readonly<Record<string, { readonly type?: unknown }>> = configSchema.properties;
  const type = Object.hasOwn(schemas, key) ? schemas[key]?.type : undefined;
  return type === 'object' || type === 'array';
}

interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly patternProperties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly anyOf?: unknown;
  readonly type?: unknown;
  readonly enum?: unknown;
}

function nodeAt(path: readonly (string | number)[]): Node | undefined {
  let node: Node | undefined = configSchema as Node;
  for (const key of path) {
    if (typeof key === 'number') node = node.items;
    else if (node.properties) node = Object.hasOwn(node.properties, key) ? node.properties[key] : undefined;
    else node = Object.values(node.patternProperties ?? {})[0];
    if (!node) return undefined;
  }
  return node;
}

/** Is this a setting of the agent's own, and not part of a plugin's `config` or of an anchor for one? */
export function isOwnSetting(path: readonly (string | number)[]): boolean {
  const { type, anyOf, enum: values } = nodeAt(path) ?? {};
  return type !== undefined || anyOf !== undefined || values !== undefined;
}

/** The keys that are known at a path. */
export const keysOf = (path: readonly (string | number)[]): string[] =>
  Object.keys(nodeAt(path)?.properties ?? {});

/** What a key that is not known where it stands would belong under: `web.admin`, `resources.NAME`. */
export function placesOfKey(key: string): string[] {
  const found: string[] = [];
  const search = ({ properties = {}, patternProperties, items }: Node, at: string) => {
    if (at !== '' && Object.hasOwn(properties, key)) found.push(at);
    for (const [name, inner] of Object.entries(properties)) search(inner, at === '' ? name : `${at}.${name}`);
    const [entry] = at === '' ? [] : Object.values(patternProperties ?? {});
    if (entry) search(entry, `${at}.NAME`);
    if (items) search(items, at);
  };
  search(configSchema as Node, '');
  return found;
}
