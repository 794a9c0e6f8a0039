/** A plugin's sample configuration: a `resources:` section, with comments. */
export interface Sample {
  readonly plugin: string;
  readonly description: string;
  readonly text: string;
}

const head = (schemaFile: string) => `# yaml-language-server: $schema=${schemaFile}
# With this line, editors complete and check what you write; "informer check --schema > ${schemaFile}" renews the schema,
# as when there are other plugins.

# Dynamic informer: what is watched on this host, and how.
# Check it with "informer check"; while the agent runs, a change takes effect when it is saved.
# Durations are written 250ms, 5s, 1m30s, 2h; sizes 64KiB, 128MiB. Values may hold \${NAME},
# \${NAME:-default} and \${file:/run/secrets/x}; $$ stands for $.

web:
  # Where to serve: host:port, [ipv6]:port or unix:/path.
  listen: [127.0.0.1:19115]
  # metrics_path: /metrics
  # admin:
  #   # Who has this token may change things over HTTP; without it only the unix socket allows that.
  #   token_file: /etc/informer/token

# State of resources and the agent's socket.
# state_dir: /var/lib/informer

# What holds for every resource that does not say otherwise.
defaults:
  every: scrape # collect when Prometheus scrapes, or at an interval: 30s
  timeout: 5s
  # open_timeout: 10s
  # max_series: 10000
  # max_bytes: 16MiB # of exposition
  # max_stale: 0s # how long the last good series stay when a collect fails

# Further files with resources and plugins.
# include: [conf.d/*.yaml]

# Plugins of your own.
# plugin_dirs: [plugins]
# plugins:
#   acme-queue: {path: ./plugins/acme-queue}
`;

const NO_SAMPLES = '\nresources: {}\n';

/**
 * The text of a first informer.yaml: valid, commented, with each plugin's sample present but not enabled.
 * `schemaFile` is the file with its JSON schema, as seen from its folder.
 */
export function initText(samples: readonly Sample[], schemaFile: string): string {
  const start = head(schemaFile);
  const sections = samples.flatMap(({ plugin, description, text }) => {
    const body = disabled(text);
    return body === '' ? [] : [`  # ${plugin}: ${description}\n${body}\n`];
  });
  if (sections.length === 0) return start + NO_SAMPLES;
  const intro = '\n# These are samples: change what does not fit, and remove "enabled: false".\nresources:\n';
  return start + intro + sections.join('\n');
}

/** What stands below `resources:` of a sample, each resource not enabled. */
function disabled(sample: string): string {
  const [, below = ''] = sample.split(/^resources:[ \t]*\r?\n/m);
  return below.replace(/^( +)plugin: .*$/gm, '$&\n$1enabled: false').trimEnd();
}
