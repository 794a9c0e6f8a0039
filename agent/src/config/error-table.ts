/** What each code of a configuration's diagnostics means in general; a diagnostic itself says more. */
export const CONFIG_ERRORS: readonly {
  readonly code: string;
  readonly message: string;
  readonly fix: string;
}[] = [
  {
    code: 'CONFIG_UNREADABLE_FILE',
    message: "A file of the configuration, or one that it takes a value from, can't be read.",
    fix: 'Correct the path, or make the file readable for the agent.',
  },
  {
    code: 'CONFIG_EMPTY',
    message: 'A configuration file is empty.',
    fix: 'Write a configuration into it, or remove it.',
  },
  {
    code: 'CONFIG_BAD_YAML',
    message: 'A configuration file is not YAML 1.2 (or JSON) with one document.',
    fix: 'Correct it at the place that is named; often it is indentation or a missing quote.',
  },
  {
    code: 'CONFIG_DUPLICATE_KEY',
    message: 'A key, resource or plugin is there twice.',
    fix: 'Rename or remove one of the two.',
  },
  {
    code: 'CONFIG_UNKNOWN_KEY',
    message: 'A key is not known where it stands.',
    fix: 'Correct its spelling, move it to where it belongs, or remove it.',
  },
  {
    code: 'CONFIG_UNSUPPORTED_KEY',
    message: 'A key is part of the language, but this version does not carry it out.',
    fix: 'Remove it, or install a version that supports it.',
  },
  { code: 'CONFIG_MISSING_KEY', message: 'A key that is needed is missing.', fix: 'Add it.' },
  {
    code: 'CONFIG_BAD_NAME',
    message: 'A name of a resource, plugin or label has characters that it may not have.',
    fix: 'Keep to the rule that the message gives.',
  },
  {
    code: 'CONFIG_WRONG_TYPE',
    message: 'A value is of another type than is needed: text for a number, one value for a list.',
    fix: 'Write it as the message says; quotes make text of anything.',
  },
  {
    code: 'CONFIG_BAD_VALUE',
    message: 'A value is of the right type, but not one of those that are possible.',
    fix: 'Use one that the message names.',
  },
  {
    code: 'CONFIG_BAD_ADDRESS',
    message: 'An address to listen on is not host:port, [ipv6]:port or unix:/path.',
    fix: 'Write it as one of these.',
  },
  {
    code: 'CONFIG_BAD_REGEX',
    message: 'A regular expression of a relabel rule is not in the syntax of RE2.',
    fix: 'Write it as Prometheus reads it.',
  },
  {
    code: 'CONFIG_BAD_RELABEL',
    message: 'A relabel rule lacks what its action needs, or has what its action does not take.',
    fix: "Compare it with Prometheus' metric_relabel_configs.",
  },
  {
    code: 'CONFIG_MISSING_VARIABLE',
    message: 'An environment variable that the configuration refers to is not set.',
    fix: 'Set it for the agent, or give a default: ${NAME:-default}.',
  },
  {
    code: 'CONFIG_BAD_REFERENCE',
    message: 'Something that begins with ${ is no reference to a variable or a file.',
    fix: 'Write ${NAME}, ${NAME:-default} or ${file:PATH}; $${ stands for the characters ${.',
  },
  {
    code: 'CONFIG_BAD_DURATION',
    message: 'A duration lacks its unit or has an unknown one.',
    fix: 'Write it such as 250ms, 5s, 1m30s or 2h.',
  },
  {
    code: 'CONFIG_BAD_SIZE',
    message: 'A size lacks its unit or has an unknown one.',
    fix: 'Write it such as 64KiB or 128MiB.',
  },
  {
    code: 'CONFIG_INVALID',
    message: "A plugin's own check refuses its configuration.",
    fix: 'See the message; the plugin wrote it.',
  },
  {
    code: 'CONFIG_TIMEOUT',
    message: 'Reading and checking the configuration took too long.',
    fix: 'See whether its files are on a file system that answers.',
  },
  {
    code: 'CONFIG_NOT_LOADED',
    message: 'Loading the configuration failed in a way that it should not.',
    fix: 'Report it with the message.',
  },
];
