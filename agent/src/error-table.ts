import type { ErrorClass } from '@dynamic-informer/sdk';

export interface ErrorEntry {
  readonly code: string;
  readonly class: ErrorClass;
  readonly message: string;
  readonly fix: string;
}

const entry = (code: string, errorClass: ErrorClass, message: string, fix: string): ErrorEntry => ({
  code,
  class: errorClass,
  message,
  fix,
});

/** Every code that a log line, a status, an answer or `informer check` can carry. */
export const errorTable: readonly ErrorEntry[] = [
  entry(
    'TARGET_FAILED',
    'target',
    'What is watched did not answer, or not as it should.',
    'See whether it runs and can be reached from this host; it is tried again at the next turn.',
  ),
  entry(
    'TARGET_TIMEOUT',
    'target',
    'A collect took longer than its timeout.',
    'Look at what the resource reads, or raise its timeout.',
  ),
  entry(
    'PLUGIN_FAILED',
    'plugin',
    'The plugin threw an error that it does not explain.',
    "Report it to the plugin's author with the message.",
  ),
  entry(
    'PLUGIN_HOST_DIED',
    'plugin',
    'The process that ran the collector ended.',
    'See the log for its last words; the agent starts it again.',
  ),
  entry(
    'PLUGIN_NOT_FOUND',
    'plugin',
    "There is no code where the plugin's path points.",
    'Correct plugins.NAME.path, or install the plugin.',
  ),
  entry(
    'PLUGIN_NOT_LOADED',
    'plugin',
    "Importing the plugin's code failed.",
    'See whether the file is there and what it imports is installed.',
  ),
  entry(
    'PLUGIN_BAD_MODULE',
    'plugin',
    'The module has no plugin as its default export.',
    'Write "export default definePlugin({name, config, open})".',
  ),
  entry(
    'PLUGIN_BAD_CONTRACT',
    'plugin',
    'The plugin was written for another version of the contract.',
    'Install versions of agent and SDK that belong together.',
  ),
  entry(
    'PLUGIN_BAD_COLLECTOR',
    'plugin',
    'What open() returned has no collect function.',
    'Return {collect} from open().',
  ),
  entry(
    'PLUGIN_BAD_NAME',
    'plugin',
    'A metric has a name that Prometheus does not accept.',
    'Use letters, digits, "_" and ":".',
  ),
  entry(
    'PLUGIN_BAD_TYPE',
    'plugin',
    'A metric has a type that does not exist.',
    'Use counter, gauge, histogram, info or untyped.',
  ),
  entry(
    'PLUGIN_BAD_DESCRIPTOR',
    'plugin',
    'A descriptor lacks something.',
    'Make descriptors with counter(), gauge(), histogram(), info() or untyped().',
  ),
  entry(
    'PLUGIN_BAD_LABEL',
    'plugin',
    'A label is missing, unknown, badly named, or no string.',
    "Give every label of the metric's descriptor a string, and no other.",
  ),
  entry(
    'PLUGIN_BAD_BUCKETS',
    'plugin',
    "A histogram's bounds are not finite numbers in ascending order.",
    'Correct the bounds.',
  ),
  entry(
    'PLUGIN_BAD_HISTOGRAM',
    'plugin',
    "A histogram's value does not fit its bounds.",
    'Return {counts, sum} with one count more than there are bounds.',
  ),
  entry('PLUGIN_NOT_A_NUMBER', 'plugin', "A sample's value is not a number.", 'Return a number.'),
  entry(
    'PLUGIN_NAN',
    'plugin',
    'A value is NaN.',
    'Return no sample where there is no value, or set allowNaN on the descriptor.',
  ),
  entry('PLUGIN_NEGATIVE_COUNTER', 'plugin', 'A counter is below zero.', 'Use a gauge.'),
  entry(
    'PLUGIN_COUNTER_DECREASED',
    'plugin',
    'A counter was increased by less than zero.',
    'A counter only goes up; use a gauge.',
  ),
  entry(
    'PLUGIN_DUPLICATE_METRIC',
    'plugin',
    'A metric is described or registered twice.',
    'Create each metric once.',
  ),
  entry(
    'PLUGIN_DUPLICATE_SERIES',
    'plugin',
    'A series was returned twice in one collect; the first one is kept.',
    'Return each set of labels once, or add the label that tells them apart.',
  ),
  entry(
    'PLUGIN_UNDESCRIBED_METRIC',
    'plugin',
    'A metric was collected that describe() does not name.',
    "Return its descriptor from describe(), or list it in the plugin's metrics.",
  ),
  entry(
    'PLUGIN_TYPE_CONFLICT',
    'plugin',
    'Two metrics of one resource end up with one name and two types.',
    'Rename one of them, in the plugin or with relabel.',
  ),
  entry(
    'PLUGIN_BAD_FRAGMENT',
    'plugin',
    'A host sent an exposition that is not one.',
    'The plugin tampers with its host; give it a host of its own and look at its code.',
  ),
  entry(
    'CONFLICT_FAMILY',
    'config',
    'Two resources expose one name with two types; the one that was there first keeps it.',
    'Rename one of them with relabel.',
  ),
  entry(
    'LIMIT_SERIES',
    'config',
    'More series than a limit allows; the first ones are kept.',
    'Raise max_series or limits.series, or drop what is not needed with relabel.',
  ),
  entry(
    'HTTP_NOT_FOUND',
    'config',
    'There is nothing at this path.',
    'Metrics are at web.metrics_path, the page at /.',
  ),
  entry(
    'HTTP_UNKNOWN_NAME',
    'config',
    'A resource or plugin was named that is not configured.',
    'GET /api/v1/resources lists the names.',
  ),
  entry(
    'HTTP_NOT_ALLOWED',
    'config',
    'The request may not change anything.',
    'Use the unix socket on the host itself, or send the token of web.admin.token_file.',
  ),
  entry('HTTP_BAD_REQUEST', 'config', 'The request can not be read.', 'See its detail.'),
  entry('INTERNAL_FAILED', 'internal', 'The agent failed where it should not.', 'Report it with the log.'),
];
