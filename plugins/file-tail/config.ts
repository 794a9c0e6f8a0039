import { type Static, Type } from '@dynamic-informer/sdk';
import type { FormatName } from './formats/format.ts';
import type { UnitName } from './patterns/quantity.ts';

const scalar = Type.Union([Type.String(), Type.Number(), Type.Boolean()]);
const scalars = Type.Array(scalar, { minItems: 1 });
const bound = (description: string) =>
  Type.Optional(Type.Union([Type.Number(), Type.String({ minLength: 1 })], { description }));

const tests = {
  matches: Type.Optional(
    Type.String({ minLength: 1, description: 'A regular expression that is found in the text.' }),
  ),
  min: bound('The least number, such as `0`, `500ms` or `1MiB`.'),
  max: bound('The greatest number.'),
  present: Type.Optional(
    Type.Boolean({ description: 'Whether there is a text at all: the group took part and is not empty.' }),
  ),
};

const condition = Type.Union([
  Type.String(),
  Type.Number(),
  Type.Boolean(),
  scalars,
  Type.Object({
    ...tests,
    not: Type.Optional(
      Type.Union([Type.String(), Type.Number(), Type.Boolean(), scalars, Type.Object(tests)], {
        description: 'What must not hold, written like a condition.',
      }),
    ),
  }),
]);

const when = (what: string) =>
  Type.Optional(
    Type.Record(Type.String(), condition, {
      description: `Groups, each with what its text must be for the ${what}: a text or number, a list of them, or tests. All must hold.`,
    }),
  );

const label = Type.Union([
  Type.String({ minLength: 1 }),
  Type.Object({
    group: Type.String({ minLength: 1, description: 'The group that holds the value.' }),
    map: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        description:
          'Texts, each with what the label is instead. `/…/` is a regular expression for the whole text; `$1` is its first group.',
      }),
    ),
    default: Type.Optional(
      Type.String({
        description: 'The label for a text that `map` does not name; without a `map`, for no text.',
      }),
    ),
    max_values: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 10_000,
        description: 'In place of `max_label_values`. Labels that the configuration names do not count.',
      }),
    ),
  }),
  Type.Object({
    value: Type.String({ description: 'A constant.' }),
  }),
]);

const unit = <N extends UnitName | 'timestamp'>(name: N) => Type.Literal(name);

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
  unit: Type.Optional(
    Type.Union(
      [
        unit('ns'),
        unit('us'),
        unit('ms'),
        unit('s'),
        unit('m'),
        unit('h'),
        unit('d'),
        unit('B'),
        unit('KB'),
        unit('MB'),
        unit('GB'),
        unit('TB'),
        unit('KiB'),
        unit('MiB'),
        unit('GiB'),
        unit('TiB'),
        unit('%'),
        unit('timestamp'),
      ],
      {
        description:
          'What a number without a unit is in; the metric is in seconds, bytes or a ratio. `timestamp`: a time, as Unix seconds.',
      },
    ),
  ),
  labels: Type.Optional(
    Type.Record(Type.String(), label, {
      description: 'Label names, each with the named group that holds its value, or more about it.',
    }),
  ),
  buckets: Type.Optional(
    Type.Array(Type.Number(), {
      minItems: 1,
      description: 'Upper bounds of a histogram in ascending order; by default from 5 ms to 10 s.',
    }),
  ),
  when: when('metric to change'),
});

/** One pattern, in a configuration or in a file of patterns. */
export const patternSchema = Type.Object({
  name: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 100,
      description: 'What messages call the pattern; by default its place, such as `patterns[0]`.',
    }),
  ),
  match: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        'A JavaScript regular expression, tried on every line; `(?<name>…)` names what the metrics use. A pattern without one is for every record of the log format.',
    }),
  ),
  field: Type.Optional(
    Type.String({ minLength: 1, description: 'The field of the log format that `match` is tried on.' }),
  ),
  when: when('pattern to apply'),
  metrics: Type.Array(metric, { minItems: 1, description: 'What a matching line changes.' }),
});

const multiline = Type.Object(
  {
    start: Type.Optional(Type.String({ minLength: 1, description: 'A line that matches begins a record.' })),
    continue: Type.Optional(
      Type.String({ minLength: 1, description: 'A line that matches belongs to the record before it.' }),
    ),
    end: Type.Optional(Type.String({ minLength: 1, description: 'A line that matches ends a record.' })),
    max_lines: Type.Integer({
      default: 500,
      minimum: 2,
      maximum: 100_000,
      description: 'A record of so many lines is complete; the next line begins another.',
    }),
    timeout: Type.String({
      format: 'duration',
      default: '1s',
      description: 'A record is complete when its file got nothing for so long.',
    }),
  },
  { description: 'Makes one record of several lines, as exactly one of `start`, `continue` and `end` says.' },
);

const format = <N extends FormatName>(name: N) => Type.Literal(name);

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
  format: Type.Optional(
    Type.Union(
      [
        format('combined'),
        format('common'),
        format('nginx-error'),
        format('syslog'),
        format('syslog-rfc3164'),
        format('syslog-rfc5424'),
        format('json'),
        format('logfmt'),
        format('llm-gateway'),
      ],
      { description: 'The form of the lines, of which patterns then can use the fields; see below.' },
    ),
  ),
  ready_metrics: Type.Boolean({
    default: true,
    description: "Whether there are the format's own metrics, beside those of `patterns`.",
  }),
  ignore_older: Type.Optional(
    Type.String({
      format: 'duration',
      description:
        'Files that have not changed for so long are not opened until they change, and then read from where they ended; what is left of files that were followed before is read all the same.',
    }),
  ),
  patterns: Type.Array(patternSchema, {
    default: [],
    description: 'What to look for; every line is tried on every pattern.',
  }),
  pattern_files: Type.Array(
    Type.String({ minLength: 1, watchedFiles: true, description: 'A path or a glob.' }),
    {
      default: [],
      description:
        'YAML files with a list of patterns each, as globs; relative ones start at the folder of the configuration file.',
    },
  ),
  else: Type.Array(metric, {
    default: [],
    description: 'What a line changes that no pattern matches.',
  }),
  timezone: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        "The zone of times that name none, such as `UTC` or `Europe/Berlin`; by default this machine's.",
    }),
  ),
  pattern_timeout: Type.String({
    format: 'duration',
    default: '100ms',
    description:
      'CPU time that a pattern may take on a line, up to 2s; one that takes longer on 3 lines in 5 minutes is switched off.',
  }),
  max_label_values: Type.Integer({
    default: 100,
    minimum: 1,
    maximum: 10_000,
    description: 'How many values a label of a metric may take; a line with a further one counts as `other`.',
  }),
  max_file_series: Type.Integer({
    default: 500,
    minimum: 1,
    maximum: 100_000,
    description:
      'How many files have metrics of their own; what happens to further ones is summed up under `path="other"`.',
  }),
  max_line_length: Type.Integer({
    default: 65_536,
    minimum: 64,
    maximum: 16_777_216,
    description: 'Characters of a line or record that are looked at; what is beyond them is cut off.',
  }),
  encoding: Type.Union(
    [
      Type.Literal('auto'),
      Type.Literal('utf-8'),
      Type.Literal('utf-16le'),
      Type.Literal('utf-16be'),
      Type.Literal('latin1'),
    ],
    { default: 'auto', description: 'Of the files; `auto`: as the byte order mark says, or UTF-8.' },
  ),
  multiline: Type.Optional(multiline),
  max_buffered: Type.String({
    format: 'size',
    default: '16MiB',
    description:
      'What is kept of the unfinished lines and records of all files; beyond it the largest are cut.',
  }),
});

export type Config = Static<typeof configSchema>;
export type PatternConfig = Static<typeof patternSchema>;
export type MultilineConfig = Static<typeof multiline>;
export type MetricConfig = Static<typeof metric>;
export type LabelConfig = Static<typeof label>;
export type ConditionConfig = Static<typeof condition>;
