import type { ErrorClass } from '@dynamic-informer/sdk';

/** What a plugin may not use more of than it was given, and what comes of it when it does. */
export const LIMIT_ERRORS: readonly (readonly [
  code: string,
  errorClass: ErrorClass,
  message: string,
  fix: string,
])[] = [
  [
    'LIMIT_SERIES',
    'config',
    'More series than a limit allows; the first ones are kept.',
    'Raise max_series or limits.series, or drop what is not needed with relabel.',
  ],
  [
    'LIMIT_BYTES',
    'config',
    'A resource exposes more bytes than max_bytes allows; what is over it is dropped.',
    'Raise max_bytes, or drop what is not needed with relabel.',
  ],
  [
    'LIMIT_MEMORY',
    'plugin',
    'A host used more memory than it was given, and was ended.',
    'Raise plugins.NAME.memory or shared_host.memory, or let the plugin read less.',
  ],
  [
    'LIMIT_CPU',
    'plugin',
    'A host used more CPU than it was given: its collects are spaced out, and stopped if that is not enough.',
    'Raise plugins.NAME.cpu or shared_host.cpu, collect less often with every, or let the plugin read less.',
  ],
  [
    'LIMIT_LOG',
    'plugin',
    'A host logged more lines than it was given; the rest was dropped and counted.',
    'Raise plugins.NAME.log_lines or shared_host.log_lines, or let the plugin log less.',
  ],
  [
    'PLUGIN_QUARANTINED',
    'plugin',
    'A resource brought its host down again and again; it is left alone for a while.',
    'Mend the plugin. It is tried again by itself; "informer restart NAME" tries it now.',
  ],
  [
    'LIMIT_PLAN_TIME',
    'config',
    'The time of a plan was over before a resource had been tried out: its series are not known.',
    'Plan again with less to try out, or with --no-series.',
  ],
];
