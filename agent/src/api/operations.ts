import { type LogLevel, Type } from '@dynamic-informer/sdk';
import { count, flag, oneOf, reportedDiagnostic, text, time } from './parts.ts';
import { outcome } from './resources.ts';

const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const satisfies readonly LogLevel[];

export const problem = Type.Object(
  {
    type: text('Always `about:blank`: the code says what it is.'),
    status: Type.Integer({ description: 'Of the answer.' }),
    code: text('What it is, from the table that `informer errors` prints. It stays the same.'),
    title: text('What it is, in a few words.'),
    detail: text('What is wrong with this request.'),
    fix: Type.Optional(text('What to do about it.')),
    errors: Type.Optional(
      Type.Array(Type.String(), {
        description: 'Of a configuration: one line each, in the form of `informer check`.',
      }),
    ),
    diagnostics: Type.Optional(
      Type.Array(reportedDiagnostic, { description: 'The same, one for each line.' }),
    ),
  },
  { description: 'What a request is refused with, as RFC 9457 has it.' },
);

export const auditEntry = Type.Object(
  {
    at: time('When it was'),
    action: oneOf(
      ['enable', 'disable', 'restart', 'collect', 'reload', 'expire'],
      'What was done; `expire`: the time of what had been switched was up.',
    ),
    resource: Type.Optional(text('What it was done to.')),
    by: text('Who has done it.'),
    reason: Type.Optional(text('Why.')),
    until: Type.Optional(time('When what was switched ends')),
    result: text('What came of it.'),
  },
  { description: 'Who did what to the running agent, when, why, and what came of it.' },
);

export const auditList = Type.Object(
  { entries: Type.Array(auditEntry) },
  { description: 'The last entries of the audit, newest first.' },
);

export const switchBody = Type.Object(
  {
    for: Type.Optional(text('How long it holds, such as `30m`; without it, until somebody undoes it.')),
    reason: Type.Optional(Type.String({ maxLength: 500, description: 'Why, for those who see it.' })),
  },
  { additionalProperties: false },
);

export const actionBody = Type.Object(
  { reason: Type.Optional(Type.String({ maxLength: 500, description: 'Why, for the audit.' })) },
  { additionalProperties: false },
);

export const collectedEvent = Type.Object(
  {
    name: text('The resource.'),
    at: Type.Optional(time('When it ended')),
    seconds: Type.Optional(Type.Number({ description: 'How long it took.' })),
    outcome: Type.Optional(outcome),
    series: count('Series that the resource exposes now.'),
    up: flag('It brought what it should, in time.'),
  },
  { description: 'A collect that has ended.' },
);

export const logLine = Type.Object(
  {
    at: time('When it was written'),
    level: oneOf(LOG_LEVELS, 'What it demands of the operator.'),
    message: text('What happened.'),
    fields: Type.Record(Type.String(), Type.Unknown(), { description: 'What belongs to it.' }),
  },
  { description: "A line of the agent's log, masked." },
);

export const logLines = Type.Object(
  { lines: Type.Array(logLine) },
  { description: 'The last lines of the log, the newest last.' },
);
