import { type Static, Type } from '@dynamic-informer/sdk';
import { RELABEL_ACTIONS, type RelabelConfig } from '@dynamic-informer/sdk/host';
import { COLLECT_OUTCOMES, SHOWN_STATES } from '../contract.ts';
import { count, errorInfo, every, flag, nullable, oneOf, reportedDiagnostic, text, time } from './parts.ts';

export const outcome = oneOf(COLLECT_OUTCOMES, 'How a collect ended; `crash` is the death of its host.');

export const overrideFields = {
  enabled: flag('What counts now.'),
  configured: flag('What the configuration says.'),
  at: time('When it was switched'),
  by: text('Who has switched it.'),
  reason: Type.Optional(text('Why.')),
  until: Type.Optional(time("When the configuration's wish counts again; absent: when somebody undoes it")),
};

export const override = Type.Object(
  {
    ...overrideFields,
    unsaved: Type.Optional(text('Why it would be forgotten at a restart; absent when it is on disk.')),
  },
  { description: "What counts instead of the configuration's `enabled`." },
);

export const budgets = Type.Object(
  {
    memoryBytes: Type.Number({ description: 'Private memory of the host beyond what an empty one has.' }),
    cpu: Type.Optional(
      Type.Number({ description: 'Share of a core for the host, averaged over five minutes.' }),
    ),
    maxSeries: Type.Number({ description: 'Series that the resource may expose.' }),
    maxBytes: Type.Number({ description: 'Bytes of exposition, in the text format.' }),
  },
  { description: 'What a resource and its host may use.' },
);

export const hostUsage = Type.Object(
  {
    residentBytes: Type.Number({ description: 'Resident memory.' }),
    memoryBytes: Type.Number({
      description: 'Private memory beyond what an empty host has: what the budget is compared with.',
    }),
    cpuShare: Type.Number({ description: 'Share of a core over the last five minutes.' }),
  },
  { description: 'What the hosts of one name use that run now.' },
);

export const resourceStatus = Type.Object(
  {
    name: Type.String(),
    plugin: text('The name of its plugin.'),
    state: oneOf(SHOWN_STATES, '`failed` can still collect as before: then a change could not be applied.'),
    override: Type.Optional(override),
    since: time('When it came into this state'),
    retryAt: Type.Optional(time('When opening is tried again by itself')),
    up: flag('Its last collect brought what it should, in time.'),
    late: flag('The last scrape that asked for it did not wait for it.'),
    every,
    host: text('The process that it is collected in; empty while it is disabled.'),
    hostPid: Type.Optional(Type.Number({ description: 'The id of that process.' })),
    budgets: Type.Optional(budgets),
    hostUsage: Type.Optional(hostUsage),
    series: count('Series that it exposes now.'),
    bytes: count('Of its exposition in the text format.'),
    outcome: Type.Optional(outcome),
    errors: Type.Array(errorInfo, { description: 'Why it failed, or what is wrong with its last collect.' }),
    lastCollectSeconds: Type.Optional(Type.Number({ description: 'How long the last collect took.' })),
    lastCollectAt: Type.Optional(time('When the last collect ended')),
    lastSuccessAt: Type.Optional(time('When the last successful collect ended')),
    snapshotAt: Type.Optional(time('When the values that are exposed now were collected')),
  },
  { description: 'One resource of the configuration.' },
);

export const collectHistory = Type.Object(
  {
    at: Type.Array(Type.Number(), { description: 'When each ended, in milliseconds since the epoch.' }),
    seconds: Type.Array(Type.Number(), { description: 'How long each took.' }),
    outcome: Type.Array(outcome),
  },
  {
    description: 'The last collects of a resource, 60 at most, oldest first: three lists of the same length.',
  },
);

const relabelRule = Type.Unsafe<RelabelConfig>(
  Type.Object(
    {
      source_labels: Type.Optional(Type.Array(Type.String())),
      separator: Type.Optional(Type.String()),
      target_label: Type.Optional(Type.String()),
      regex: Type.Optional(Type.String()),
      modulus: Type.Optional(Type.Number()),
      replacement: Type.Optional(Type.String()),
      action: Type.Optional(oneOf(RELABEL_ACTIONS, "Prometheus' actions.")),
    },
    { description: "One of Prometheus' relabel rules." },
  ),
);

export const resourceSettings = Type.Object(
  {
    place: Type.Object(
      { file: Type.String(), line: Type.Integer(), column: Type.Integer() },
      { description: 'Where it is written; line and column from 1.' },
    ),
    every,
    timeoutMs: Type.Number({ description: 'What a collect may take.' }),
    openTimeoutMs: Type.Number({ description: 'What opening it may take.' }),
    maxStaleMs: Type.Number({ description: 'How long its last good values stay when it fails.' }),
    maxSeries: Type.Number({ description: 'Series that it may expose.' }),
    maxBytes: Type.Number({ description: 'Bytes of exposition, in the text format.' }),
    labels: Type.Record(Type.String(), Type.String(), { description: 'Labels that all its series get.' }),
    relabel: Type.Array(relabelRule),
    fromDefaults: Type.Array(Type.String(), {
      description: 'Which of the keys before this one the resource does not set itself.',
    }),
    config: Type.Unknown({
      description:
        "The plugin's own configuration with its defaults, secrets masked; null if its schema is not known, without which nobody can tell what is secret.",
    }),
    problem: Type.Optional(errorInfo),
  },
  { description: 'What a resource is configured to do.' },
);

export const resourceDetails = Type.Object(
  { ...resourceStatus.properties, history: collectHistory, settings: resourceSettings },
  { description: 'A resource with all that is known of it.' },
);

export const resourceList = Type.Object(
  {
    resources: Type.Array(
      Type.Object({ ...resourceStatus.properties, history: Type.Optional(collectHistory) }),
    ),
    total: count('How many there are on all pages.'),
    next: Type.Optional(text('What to give as `after` for the next page; absent on the last one.')),
  },
  { description: 'The resources that were asked for.' },
);

export const reloadResult = Type.Object(
  {
    successful: flag('The configuration is valid, and is in effect.'),
    errors: Type.Array(Type.String(), { description: 'One line each, in the form of `informer check`.' }),
    diagnostics: Type.Array(reportedDiagnostic, { description: 'The same, one for each line.' }),
    warnings: Type.Array(Type.String(), {
      description:
        'One line for each thing that plugins advise against in what is new; it is used all the same.',
    }),
    opened: Type.Array(Type.String(), { description: 'Names of resources.' }),
    replaced: Type.Array(Type.String()),
    adjusted: Type.Array(Type.String()),
    closed: Type.Array(Type.String()),
  },
  { description: 'What a look at the configuration came to.' },
);

export const lastReload = Type.Object({ at: time('When it was'), result: reloadResult });

export const agentSummary = Type.Object(
  {
    version: text('Of the agent.'),
    node: text('The version of Node.js.'),
    configFile: text('The configuration that it was started with.'),
    startedAt: time('When it was started'),
    metricsPath: text('Where scrapers find the metrics.'),
    ready: flag('Every resource has opened or failed.'),
    lastReload: nullable<Static<typeof lastReload>>(lastReload, 'The last look at the configuration.'),
    resources: Type.Object(
      {
        total: Type.Integer(),
        up: Type.Integer(),
        down: Type.Integer(),
        disabled: Type.Integer(),
        overridden: count('Those that somebody has switched at run time.'),
      },
      {
        description:
          'How many there are: each is up, down or disabled. One that has not been collected yet is down.',
      },
    ),
    mayChange: flag('Changes are accepted over this connection with the credentials of this request.'),
    acceptsToken: flag(
      'There is a token that changes are accepted with; if not, they are made over the unix socket.',
    ),
  },
  { description: 'The agent as a whole, as whoever asks sees it.' },
);
