import { Type } from '@dynamic-informer/sdk';
import { HOST_KINDS } from '../manifest.ts';
import { count, errorInfo, every, metric, needs, nullable, oneOf, text } from './parts.ts';

export const pluginSummary = Type.Object(
  {
    name: Type.String(),
    description: text('What it reads.'),
    version: text('Of its package; empty for one that is a single file.'),
    origin: oneOf(
      ['builtin', 'package', 'file'],
      'What it came as: with the agent, as a package by name, or as a file or folder.',
    ),
    host: oneOf(HOST_KINDS, 'Which process its resources run in.'),
    needs: nullable(needs, 'What it says that it needs; it is not enforced. null if it does not say.'),
    resources: count('How many resources of the configuration use it.'),
    problem: Type.Optional(errorInfo),
  },
  { description: 'A plugin that can be used; `problem` says why it can not, as far as that is known.' },
);

export const pluginList = Type.Object(
  { plugins: Type.Array(pluginSummary) },
  { description: 'Every plugin that the configuration can use, by name.' },
);

export const pluginDetails = Type.Object(
  {
    ...pluginSummary.properties,
    schema: Type.Unknown({ description: 'The JSON schema of its `config`; null if it can not be loaded.' }),
    metrics: Type.Array(Type.Object(metric), {
      description: 'The metrics that it always has; those that its configuration makes are not among them.',
    }),
  },
  { description: 'A plugin with what only its code says.' },
);

export const metricOwner = Type.Object(
  {
    name: Type.String(),
    plugin: Type.String(),
    every,
    host: text('The process that it is collected in.'),
  },
  { description: 'A resource that exposes a metric or may do so.' },
);

export const metricEntry = Type.Object(
  {
    ...metric,
    resources: Type.Array(metricOwner, {
      description: "Who brings it; empty if it is the agent's own.",
    }),
    series: count('How many series of it are exposed now.'),
  },
  {
    description:
      'A metric that the agent exposes or may expose. Of one that relabel rules have renamed, only the labels of its first series are known.',
  },
);

export const dataSource = Type.Object(
  { plugin: Type.String(), resources: count('How many resources it has.') },
  { description: 'A plugin that values come from.' },
);

export const metadataList = Type.Object(
  {
    agent: Type.Object({ version: Type.String() }),
    sources: Type.Array(dataSource),
    metrics: Type.Array(metricEntry),
    total: count('How many there are on all pages.'),
    next: Type.Optional(text('What to give as `after` for the next page; absent on the last one.')),
  },
  { description: 'The metrics that were asked for, by name.' },
);
