import { Type } from '@dynamic-informer/sdk';
import { count, errorInfo, flag, nullable, oneOf, text, time } from './parts.ts';
import { overrideFields } from './resources.ts';

const names = (description: string) => Type.Array(Type.String(), { description });

export const planReason = Type.Object(
  {
    path: text(
      'As in the configuration: `config.targets[1]`, `labels.team`; or `plugin code`, `host`, `directory`.',
    ),
    from: Type.Optional(text('What it is now; absent if it is not there, or not to be shown.')),
    to: Type.Optional(text('What it would be.')),
  },
  { description: 'What differs. Secrets in it are masked, long texts are cut.' },
);

export const plannedSeries = Type.Object(
  {
    before: nullable<number>(
      { type: 'number' },
      'What is exposed now; null if nothing has been collected of it yet.',
    ),
    after: count('What would be exposed.'),
    added: count('Series that would come.'),
    removed: count('Series that would go.'),
    families: Type.Array(
      Type.Object({
        name: text('The name of the family.'),
        added: count('Series that would come.'),
        removed: count('Series that would go.'),
      }),
      { description: 'The families of which series come or go.' },
    ),
    moreFamilies: Type.Optional(count('How many more of them there are.')),
    samples: Type.Object(
      { added: names('Series that would come.'), removed: names('Series that would go.') },
      { description: 'A few of what comes and goes: `name{label="value"}`.' },
    ),
  },
  {
    description:
      "Series as Prometheus counts them: each line of a histogram is one. The agent's own are not counted.",
  },
);

export const plannedChange = Type.Object(
  {
    kind: oneOf(['open', 'replace', 'adjust', 'close'], 'What would be done with it.'),
    resource: text('Its name.'),
    plugin: text('The name of its plugin.'),
    reasons: Type.Array(planReason),
    moreReasons: Type.Optional(count('How many more reasons there are.')),
    series: Type.Optional(plannedSeries),
    problem: Type.Optional(errorInfo),
  },
  { description: 'What would be done with one resource; `problem` is what went wrong when it was tried.' },
);

export const plannedOverride = Type.Object(
  { ...overrideFields, resource: text('Its name.') },
  { description: "A resource for which the configuration's `enabled` does not count." },
);

export const planSummary = Type.Object({
  open: count('Resources that would be opened.'),
  replace: count('Resources that would get a new collector.'),
  adjust: count('Resources that would be changed without one.'),
  close: count('Resources that would be closed.'),
  unchanged: count('All others.'),
  seriesAdded: count('Of all changes whose series are known.'),
  seriesRemoved: count('Of all changes whose series are known.'),
  seriesUnknown: count('Changes whose series are not known: not asked for, or there is a problem.'),
  problems: count('Changes that have a problem.'),
});

export const changePlan = Type.Object(
  {
    at: time('When it was made'),
    configFile: text('The file, absolute.'),
    running: flag('It is compared with an agent that runs; else with nothing, as a start would be.'),
    summary: planSummary,
    settings: Type.Array(planReason, { description: 'Settings of the whole agent that differ.' }),
    hosts: Type.Object(
      { started: names('Names of hosts.'), ended: names('Names of hosts.') },
      { description: 'What would be started and ended. A host whose settings change is in both.' },
    ),
    changes: Type.Array(plannedChange, { description: 'In the order in which they would begin.' }),
    overridden: Type.Array(plannedOverride),
    problems: Type.Array(errorInfo, { description: 'What is wrong with all of it together.' }),
  },
  { description: 'What the agent would do if it looked at its configuration now.' },
);
