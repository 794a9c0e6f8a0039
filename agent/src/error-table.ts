import type { ErrorClass } from '@dynamic-informer/sdk';
import { AUTHOR_ERRORS } from './author-error-table.ts';
import { CONFIG_ERRORS } from './config/error-table.ts';
import { EXPOSITION_ERRORS } from './exposition-error-table.ts';
import { LIMIT_ERRORS } from './limit-error-table.ts';

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
  ...CONFIG_ERRORS.map(({ code, message, fix }) => entry(code, 'config', message, fix)),
  entry(
    'TARGET_UNREACHABLE',
    'target',
    'The server is down, the address is wrong, or something else answers there.',
    'Start the server, or correct the address.',
  ),
  entry(
    'TARGET_TLS',
    'target',
    "The server's certificate is not trusted, or a file of tls can not be read.",
    'Name the authority with tls.ca_file, or make the file readable.',
  ),
  entry('TARGET_AUTH', 'target', 'User or password are refused.', 'Correct them where they are kept.'),
  entry(
    'TARGET_REFUSED',
    'target',
    'The server answers, but not for this user, database, virtual host or path.',
    'Give the user the right, or correct the name.',
  ),
  entry(
    'TARGET_NOT_READY',
    'target',
    'The server is starting, busy or without its master.',
    "Wait, or see the server's own log.",
  ),
  entry(
    'TARGET_LATE',
    'target',
    'A scrape had to be answered before the resource was collected; its values are not in it.',
    'Look at what it reads, give it a clock of its own with "every", or let the scraper wait longer.',
  ),
  entry(
    'TARGET_QUEUE',
    'target',
    'One queue does not exist, is of another kind, or may not be read; the others are there.',
    'Correct its name or kind, or give the right.',
  ),
  entry(
    'SQL_UNREACHABLE',
    'target',
    'There is no database server at the address, or the connection broke.',
    'Start the server, or correct host and port in url.',
  ),
  entry(
    'SQL_UNAVAILABLE',
    'target',
    'The database server is starting or shutting down.',
    "Wait, or see the server's own log.",
  ),
  entry(
    'SQL_AUTH_FAILED',
    'target',
    'The database refuses the user or the password, or none is configured.',
    'Correct user and password, or pg_hba.conf.',
  ),
  entry('SQL_NO_DATABASE', 'target', 'The database does not exist.', 'Correct its name in url.'),
  entry(
    'SQL_TOO_MANY_CONNECTIONS',
    'target',
    'The server, the role or the pooler has no connection left.',
    'Keep one in reserve for monitoring, or raise the limit.',
  ),
  entry('SQL_TLS_REQUIRED', 'target', 'The database insists on TLS.', 'Set tls.'),
  entry(
    'SQL_TLS_FAILED',
    'target',
    'The database offers no TLS, or its certificate is not accepted.',
    'Turn TLS on in the server, or name its authority with tls.ca_file.',
  ),
  entry('SQL_PERMISSION_DENIED', 'target', 'The user may not read this.', 'Grant it; the message says what.'),
  entry(
    'SQL_READ_ONLY',
    'target',
    'The statement would have changed something.',
    'Write a statement that only reads.',
  ),
  entry(
    'SQL_CANCELLED',
    'target',
    'Somebody cancelled the statement.',
    'See who did; it is tried again at the next turn.',
  ),
  entry(
    'SQL_WRONG_SERVER',
    'target',
    "A database stands where pgbouncer's console should be, or the other way round.",
    'Correct engine or url.',
  ),
  entry(
    'SQL_FILE_UNREADABLE',
    'target',
    'password_file or a file of tls can not be read.',
    'Correct the path, or make the file readable for the agent.',
  ),
  entry(
    'SQL_FAILED',
    'target',
    'The database server answered with an error.',
    'See the SQLSTATE in the message.',
  ),
  entry(
    'DB_POOL_HIDDEN_CONNECTIONS',
    'target',
    'The user does not see the connections of others.',
    'GRANT pg_monitor to the user.',
  ),
  entry('DB_POOL_UNSUPPORTED_VERSION', 'target', 'PostgreSQL is older than 12.', 'Upgrade it.'),
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
    'PLUGIN_BAD_MANIFEST',
    'plugin',
    'A plugin\'s package.json does not parse, or what it says under "informer" is malformed.',
    'Correct what the message names; informer.needs holds lists of texts under hosts, paths and programs.',
  ),
  entry(
    'PLUGIN_NOT_LOADED',
    'plugin',
    "Importing the plugin's code failed.",
    'See whether the file is there and what it imports is installed.',
  ),
  entry(
    'PLUGIN_NOT_READABLE',
    'plugin',
    'The user that a host runs as may not read the code that it is to run.',
    'Make the path that is named readable for that user, or move the code to where it is.',
  ),
  entry(
    'PLUGIN_BAD_SCHEMA',
    'plugin',
    "The plugin's configuration schema is not one.",
    'Report it to the author of the plugin.',
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
    'PLUGIN_BAD_QUANTILES',
    'plugin',
    "A summary's quantiles are not numbers from 0 to 1 in ascending order.",
    'Correct the quantiles.',
  ),
  entry(
    'PLUGIN_BAD_STATES',
    'plugin',
    'A stateset has no states, or a state that it does not name.',
    'Name every state in the descriptor, and return those.',
  ),
  entry(
    'PLUGIN_BAD_SUMMARY',
    'plugin',
    "A summary's value does not fit its quantiles.",
    'Return {count, sum, quantiles} with the quantiles of the descriptor.',
  ),
  entry(
    'PLUGIN_BAD_TIME',
    'plugin',
    "A sample's timestamp or creation time is not a time.",
    'Give milliseconds since the epoch, or nothing.',
  ),
  entry(
    'PLUGIN_BAD_EXEMPLAR',
    'plugin',
    'An exemplar has labels that can not be used, or too long ones.',
    'Give names with strings, at most 128 characters together.',
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
    'PLUGIN_BAD_CONTENT_TYPE',
    'plugin',
    "A registry of prom-client's API has a format that does not exist, or another than the one it is merged with.",
    'Use Registry.PROMETHEUS_CONTENT_TYPE or Registry.OPENMETRICS_CONTENT_TYPE.',
  ),
  entry(
    'PLUGIN_UNKNOWN_METRIC',
    'plugin',
    'A registry was asked for a metric that it does not have.',
    'Correct the name, or register the metric first.',
  ),
  entry(
    'PLUGIN_ASYNC_COLLECT',
    'plugin',
    "A metric's collect callback gave a promise to a registry that can not wait.",
    "Return asCollector(registry) from the plugin's open(), which waits for it.",
  ),
  entry(
    'PLUGIN_DUPLICATE_METRIC',
    'plugin',
    'A metric is described or registered twice.',
    'Create each metric once.',
  ),
  entry(
    'PLUGIN_BAD_SAMPLE',
    'plugin',
    'What a collect returned is no list of samples, or one of them can not be read.',
    'Return an array of what the sample() of descriptors makes.',
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
  ...LIMIT_ERRORS.map(([code, errorClass, message, fix]) => entry(code, errorClass, message, fix)),
  ...EXPOSITION_ERRORS.map(([code, message, fix]) => entry(code, 'target', message, fix)),
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
  entry(
    'HTTP_FORBIDDEN',
    'config',
    'The address, the Host or the Origin of the request is not one that the agent accepts.',
    'See its detail; web.allow names networks, web.hosts the names that the agent is reached by.',
  ),
  entry(
    'HTTP_TOO_MANY',
    'config',
    'Too many requests came, or too many wrong credentials from this address.',
    'Wait as long as Retry-After says; correct the credentials.',
  ),
  entry(
    'HTTP_NOT_ENABLED',
    'config',
    'The resource is configured but not enabled.',
    '"informer enable NAME" enables it now; enabled: true in the configuration for good.',
  ),
  entry(
    'HTTP_BUSY',
    'config',
    'As much of that as the agent allows at one time is under way, or it is ending.',
    'Ask again later; close pages and programs that read events.',
  ),
  entry(
    'HTTP_LOCAL_ONLY',
    'config',
    "A plan for another file than the agent's own configuration was asked for over the network.",
    'Run "informer plan --config FILE" on the host itself.',
  ),
  entry('HTTP_BAD_REQUEST', 'config', 'The request can not be read.', 'See its detail.'),
  ...AUTHOR_ERRORS.map(([code, errorClass, message, fix]) => entry(code, errorClass, message, fix)),
  entry('INTERNAL_FAILED', 'internal', 'The agent failed where it should not.', 'Report it with the log.'),
];
