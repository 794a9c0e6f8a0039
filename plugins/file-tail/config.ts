import { type Static, Type } from '@dynamic-informer/sdk';

const metric = Type.Object({
  name: Type.String({
    minLength: 1,
    description: 'The metric, as it is exposed; a counter ends in `_total`.',
  }),
  type: Type.Union([Type.Literal('counter'), Type.Literal('gauge'), Type.Literal('histogram')], {
    description:
      'A counter counts matching lines, or adds `value`; a gauge keeps the last `value`; a histogram observes `value`.',
  }),
  help: Type.Optional(Type.String({ description: 'What the metric measures.' })),
  value: Type.Optional(
    Type.String({
      minLength: 1,
      description: 'The named group that holds the number; needed for a gauge or a histogram.',
    }),
  ),
  labels: Type.Optional(
    Type.Record(Type.String(), Type.String({ minLength: 1 }), {
      description: 'Label names, each with the named group that holds its value.',
    }),
  ),
  buckets: Type.Optional(
    Type.Array(Type.Number(), {
      minItems: 1,
      description: 'Upper bounds of a histogram in ascending order; by default from 5 ms to 10 s.',
    }),
  ),
});

const pattern = Type.Object({
  match: Type.String({
    minLength: 1,
    description:
      'A JavaScript regular expression, tried on every line; `(?<name>…)` names what the metrics use.',
  }),
  metrics: Type.Array(metric, { minItems: 1, description: 'What a matching line changes.' }),
});

export const configSchema = Type.Object({
  files: Type.Array(Type.String({ minLength: 1 }), {
    minItems: 1,
    description: 'Files to follow, as globs; relative ones start at the folder of the configuration file.',
  }),
  exclude: Type.Array(Type.String({ minLength: 1 }), {
    default: [],
    description: 'Globs of files to leave out; one without a slash is matched against the name alone.',
  }),
  read_from: Type.Union([Type.Literal('beginning'), Type.Literal('end')], {
    default: 'beginning',
    description:
      'Where to start in files that are there when the resource is first opened, or its `files` changed; later ones are read whole.',
  }),
  patterns: Type.Array(pattern, {
    default: [],
    description: 'What to look for; every line is tried on every pattern.',
  }),
  max_label_values: Type.Integer({
    default: 100,
    minimum: 1,
    maximum: 10_000,
    description: 'How many values a label of a metric may take; a line with a further one counts as `other`.',
  }),
  max_line_length: Type.Integer({
    default: 65_536,
    minimum: 64,
    maximum: 16_777_216,
    description: 'Characters of a line that are looked at; what is beyond them is cut off.',
  }),
});

export type Config = Static<typeof configSchema>;
export type PatternConfig = Static<typeof pattern>;
export type MetricConfig = Static<typeof metric>;
