import { type ErrorClass, type ErrorInfo, type MetricType, Type } from '@dynamic-informer/sdk';
import type { Needs } from '@dynamic-informer/sdk/docs';
import type { ReportedDiagnostic } from '../config/types.ts';

// What the schemas of several answers are made of.

export const time = (description: string) =>
  Type.Number({ description: `${description}, in milliseconds since the epoch.` });
export const text = (description: string) => Type.String({ description });
export const flag = (description: string) => Type.Boolean({ description });
export const count = (description: string) => Type.Integer({ minimum: 0, description });
/** Of a kind of text that stands as a list somewhere, which is the one place that says what there is. */
export const oneOf = <T extends string>(values: readonly T[], description: string) =>
  Type.Unsafe<T>({ type: 'string', enum: [...values], description });
export const nullable = <T>(schema: object, description: string) =>
  Type.Unsafe<T | null>({ anyOf: [schema, { type: 'null' }], description });

export const every = Type.Unsafe<'scrape' | number>({
  anyOf: [
    { const: 'scrape', description: 'It is collected when the agent is scraped.' },
    { type: 'number', description: 'Milliseconds between two collects.' },
  ],
  description: 'When it is collected.',
});

const ERROR_CLASSES = ['config', 'target', 'plugin', 'internal'] as const satisfies readonly ErrorClass[];

const error = {
  code: text('What it is, from the table that `informer errors` prints. It stays the same.'),
  class: oneOf(
    ERROR_CLASSES,
    'Who has to act: the operator, whoever runs what is monitored, the author of the plugin, or the project.',
  ),
  message: text('What happened, for people.'),
  fix: Type.Optional(text('What to do, for people.')),
  path: Type.Optional(
    Type.Array(Type.Union([Type.String(), Type.Number()]), {
      description: "Where in the resource's `config` it lies, from the outside in.",
    }),
  ),
};

export const errorInfo = Type.Unsafe<ErrorInfo>(Type.Object(error, { description: 'What is wrong.' }));

const place = {
  file: text('The file.'),
  line: Type.Integer({ description: 'From 1.' }),
  column: Type.Integer({ description: 'From 1, in UTF-16 units.' }),
};

const diagnostic = {
  ...error,
  ...place,
  hidden: Type.Optional(Type.Boolean({ description: 'What stands there is a secret.' })),
  related: Type.Optional(
    Type.Array(Type.Object({ ...place, message: text('What is there.') }), {
      description: 'Other places that it is about.',
    }),
  ),
};

export const reportedDiagnostic = Type.Unsafe<ReportedDiagnostic>(
  Type.Object(
    {
      ...diagnostic,
      severity: oneOf(['error', 'warning'], 'How bad it is.'),
      endLine: Type.Integer({ description: 'Where the key or value ends that is wrong.' }),
      endColumn: Type.Integer({ description: 'Behind its last character.' }),
      excerpt: Type.Optional(text('The key or value and a line `^~~~` below it.')),
    },
    { description: 'What is wrong in a configuration file, for editors.' },
  ),
);

const METRIC_TYPES = [
  'counter',
  'gauge',
  'histogram',
  'summary',
  'info',
  'stateset',
  'untyped',
] as const satisfies readonly MetricType[];

/** What is known of a metric, whoever exposes it. */
export const metric = {
  name: text('As scrapers see it.'),
  help: text('What it says.'),
  type: oneOf(METRIC_TYPES, 'What it is.'),
  unit: Type.Optional(text('The base unit that its name ends in.')),
  labels: Type.Array(Type.String(), { description: 'The names of its labels.' }),
};

const needList = Type.Array(Type.String());
export const needs = Type.Unsafe<Needs>(
  Type.Object(
    { hosts: needList, paths: needList, programs: needList },
    { description: 'In words, with references to the keys of the configuration that decide it.' },
  ),
);
