import type { ErrorClass } from '@dynamic-informer/sdk';

type Entry = {
  readonly code: string;
  readonly class: ErrorClass;
  readonly message: string;
  readonly fix: string;
};

/** What each code that begins with CONFIG_ means in general; a diagnostic itself says more. */
export const CONFIG_ERRORS: readonly Entry[] = [
  {
    code: 'CONFIG_UNREADABLE_FILE',
    class: 'config',
    message: "A file of the configuration, or one that it takes a value from, can't be read.",
    fix: 'Correct the path, or make the file readable for the agent.',
  },
  {
    code: 'CONFIG_EMPTY',
    class: 'config',
    message: 'A configuration file is empty.',
    fix: 'Write a configuration into it, or remove it.',
  },
  {
    code: 'CONFIG_BAD_YAML',
    class: 'config',
    message: 'A configuration file is not YAML 1.2 (or JSON) with one document.',
    fix: 'Correct it at the place that is named; often it is indentation or a missing quote.',
  },
  {
    code: 'CONFIG_DUPLICATE_KEY',
    class: 'config',
    message: 'A key, resource or plugin is there twice.',
    fix: 'Rename or remove one of the two.',
  },
  {
    code: 'CONFIG_UNKNOWN_KEY',
    class: 'config',
    message: 'A key is not known where it stands.',
    fix: 'Correct its spelling, move it to where it belongs, or remove it.',
  },
  {
    code: 'CONFIG_UNSUPPORTED_KEY',
    class: 'config',
    message: 'A key is part of the format, but the agent does not carry out what it says.',
    fix: 'Remove it, or write what the message names.',
  },
  {
    code: 'CONFIG_MISSING_KEY',
    class: 'config',
    message: 'A key that is needed is missing.',
    fix: 'Add it.',
  },
  {
    code: 'CONFIG_BAD_NAME',
    class: 'config',
    message: 'A name of a resource, plugin or label has characters that it may not have.',
    fix: 'Keep to the rule that the message gives.',
  },
  {
    code: 'CONFIG_WRONG_TYPE',
    class: 'config',
    message: 'A value is of another type than is needed: text for a number, one value for a list.',
    fix: 'Write it as the message says; quotes make text of anything.',
  },
  {
    code: 'CONFIG_BAD_VALUE',
    class: 'config',
    message: 'A value is of the right type, but not one of those that are possible.',
    fix: 'Use one that the message names.',
  },
  {
    code: 'CONFIG_BAD_ADDRESS',
    class: 'config',
    message: 'An address to listen on is not host:port, [ipv6]:port or unix:/path.',
    fix: 'Write it as one of these.',
  },
  {
    code: 'CONFIG_BAD_NETWORK',
    class: 'config',
    message: 'A network of web.allow is not an address with a number of bits.',
    fix: 'Write it such as 10.0.0.0/8 or fd00::/8.',
  },
  {
    code: 'CONFIG_BAD_REGEX',
    class: 'config',
    message: 'A regular expression of a relabel rule is not in the syntax of RE2.',
    fix: 'Write it as Prometheus reads it.',
  },
  {
    code: 'CONFIG_BAD_RELABEL',
    class: 'config',
    message: 'A relabel rule lacks what its action needs, or has what its action does not take.',
    fix: "Compare it with Prometheus' metric_relabel_configs.",
  },
  {
    code: 'CONFIG_MISSING_VARIABLE',
    class: 'config',
    message: 'An environment variable that the configuration refers to is not set.',
    fix: 'Set it for the agent, or give a default: ${NAME:-default}.',
  },
  {
    code: 'CONFIG_BAD_REFERENCE',
    class: 'config',
    message: 'Something that begins with ${ is no reference to a variable or a file.',
    fix: 'Write ${NAME}, ${NAME:-default} or ${file:PATH}; $${ stands for the characters ${.',
  },
  {
    code: 'CONFIG_BAD_DURATION',
    class: 'config',
    message: 'A duration lacks its unit or has an unknown one.',
    fix: 'Write it such as 250ms, 5s, 1m30s or 2h.',
  },
  {
    code: 'CONFIG_BAD_SIZE',
    class: 'config',
    message: 'A size lacks its unit or has an unknown one.',
    fix: 'Write it such as 64KiB or 128MiB.',
  },
  {
    code: 'CONFIG_MORE_ERRORS',
    class: 'config',
    message: 'There are more errors than are listed.',
    fix: 'Correct those that are listed; the others are shown then.',
  },
  {
    code: 'CONFIG_INVALID',
    class: 'config',
    message: "A plugin's own check refuses its configuration.",
    fix: 'See the message; the plugin wrote it.',
  },
  {
    code: 'CONFIG_TIMEOUT',
    class: 'config',
    message: 'Reading and checking the configuration took too long.',
    fix: 'See whether its files are on a file system that answers.',
  },
  {
    code: 'CONFIG_STATE_REFUSED',
    class: 'config',
    message: "What lies in another user's state folder is not a file of that user.",
    fix: 'Remove it; the resource begins anew.',
  },
  {
    code: 'CONFIG_STATE_DAMAGED',
    class: 'config',
    message: 'The file that keeps what was switched at run time can not be read, or holds something else.',
    fix: 'See with "informer status" whether anything has to be switched again; the damaged file was set aside.',
  },
  {
    code: 'CONFIG_STATE_UNSAVED',
    class: 'config',
    message: 'What was switched at run time, or the audit of it, can not be written to the state folder.',
    fix: 'Make room, or let the user that the agent runs as write there. Until then it is forgotten at a restart.',
  },
  {
    code: 'CONFIG_NOT_LOADED',
    class: 'internal',
    message: 'Loading the configuration failed in a way that it should not.',
    fix: 'Report it with the message.',
  },
  {
    code: 'CONFIG_UNKNOWN_PLUGIN',
    class: 'config',
    message: 'A resource names a plugin that is not there.',
    fix: 'Correct its name, or say where it is under plugins or plugin_dirs; "informer plugins" lists them.',
  },
  {
    code: 'CONFIG_NOT_PROBED',
    class: 'config',
    message: 'A probe was asked for that the configuration does not allow, or that the plugin can not make.',
    fix: 'Write "probe: true" at a resource whose plugin can be asked for one target, such as http-probe.',
  },
  {
    code: 'CONFIG_NOT_REPLAYED',
    class: 'config',
    message: 'A replay was asked for of a plugin that has none, or of a file that can not be opened.',
    fix: 'Name one of the plugins that the message gives, and a file that can be read; "-" is stdin.',
  },
  {
    code: 'CONFIG_UNKNOWN_RESOURCE',
    class: 'config',
    message: 'A resource was named that is not configured and enabled.',
    fix: 'Use one of the names that the message gives.',
  },
  {
    code: 'CONFIG_NOT_FOUND',
    class: 'config',
    message: 'There is no configuration file.',
    fix: 'Name one with --config, or write one with "informer init".',
  },
  {
    code: 'CONFIG_LISTEN_FAILED',
    class: 'config',
    message: "An address can't be listened on.",
    fix: 'Free the port, or change web.listen.',
  },
  {
    code: 'CONFIG_REJECTED',
    class: 'config',
    message: 'A changed configuration was rejected; the agent goes on with the last one.',
    fix: 'Correct what the errors name.',
  },
];
