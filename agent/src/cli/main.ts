import { Command, Option } from 'commander';
import { LOG_FORMATS, LOG_LEVELS } from '../log.ts';
import { VERSION } from '../version.ts';

// Each command's code is loaded when it is asked for: `informer version` needs no web server.
const program = new Command('informer')
  .description('One process that turns many resources of a host into one truthful /metrics.')
  .showHelpAfterError()
  .enablePositionalOptions();

const configOption = () =>
  new Option(
    '-c, --config <file>',
    'the configuration (default: ./informer.yaml, then /etc/informer/informer.yaml)',
  );
/** A command that talks to a running agent. */
const talkingTo = (command: Command): Command =>
  command
    .addOption(configOption())
    .option('--url <url>', "the agent's address: http://HOST:PORT or unix:PATH (default: its socket)")
    .option('--token-file <file>', 'a file with the token of web.admin.token_file')
    .option(
      '--ca-file <file>',
      'certificates (PEM) to trust with https, instead of the well-known authorities',
    );
const collect = (value: string, before: string[] = []): string[] => [...before, value];

program
  .command('run')
  .description('run the agent')
  .addOption(configOption())
  .option(
    '--web.listen-address <address>',
    'listen here instead of web.listen; can be given several times',
    collect,
  )
  .option('--web.config.file <file>', 'TLS, client certificates and basic auth, instead of web.config_file')
  .addOption(
    new Option('--log.level <level>', 'the least severe lines that are logged')
      .choices(LOG_LEVELS)
      .default('info'),
  )
  .addOption(
    new Option('--log.format <format>', 'how lines are written').choices(LOG_FORMATS).default('logfmt'),
  )
  .addOption(new Option('--print-url', "print the page's URL on stdout when it can be opened").hideHelp())
  .action(async (options) => (await import('./run.ts')).run(options));

program
  .command('check')
  .description('validate a configuration and print every error')
  .addOption(configOption())
  .option('--json', 'print the errors as JSON, for editors')
  .option('--schema', 'print the JSON schema of everything, plugins included')
  .action(async (options) => (await import('./check.ts')).check(options));

talkingTo(program.command('plan'))
  .description(
    'say what the running agent would open, replace, adjust and close, and which series come and go',
  )
  .option('--json', "print the agent's answer as JSON")
  .option('--no-series', 'try nothing out: do not say which series come and go')
  .action(async (options) => (await import('./plan.ts')).plan(options));

program
  .command('collect')
  .description('open one resource, collect once, and print its exposition')
  .argument('[resource]', 'a resource of the configuration')
  .addOption(configOption())
  .option('--plugin <name>', 'a plugin instead of a configured resource')
  .option('--set <key=value>', "a key of the plugin's config; the value is read as YAML", collect)
  .option('--watch', 'collect again every two seconds')
  .option('--debug', "show the plugin's debug lines")
  .addOption(
    new Option(
      '--replay <file>',
      'run the configuration over a file (also gzipped; - is stdin) and say what matched and what did not',
    ).conflicts('watch'),
  )
  .addOption(
    new Option('--format <format>', 'how it is printed')
      .choices(['text', 'openmetrics', 'json'])
      .default('text'),
  )
  .action(async (resource, options) => (await import('./collect.ts')).collect(resource, options));

program
  .command('lint')
  .description(
    "say what is wrong with an exposition: mistakes of the format, and against Prometheus' conventions",
  )
  .argument('[file]', 'a file with an exposition; - or nothing is stdin')
  .addOption(
    new Option(
      '--format <format>',
      'how it is written (default: openmetrics if it has a line "# EOF")',
    ).choices(['text', 'openmetrics']),
  )
  .option('--json', 'print the problems as JSON')
  .action(async (file, options) => (await import('./lint.ts')).lint(file, options));

talkingTo(program.command('status'))
  .description('show how the resources of the running agent are, what is broken first')
  .argument('[name]', 'one resource, in full')
  .option('--json', "print the API's answer")
  .option('--watch', 'look again every two seconds, until Ctrl-C')
  .option('--failed', 'only what is not as it should be')
  .action(async (name, options) => (await import('./status.ts')).status(name, options));

for (const [operation, description] of [
  ['enable', 'enable resources of the running agent, whatever the configuration says'],
  ['disable', 'disable resources of the running agent: they are closed, and have no series'],
] as const) {
  talkingTo(program.command(operation))
    .description(description)
    .argument('<names...>', 'resources of the configuration')
    .option('--for <duration>', 'so long (30m, 2h); without it, until somebody undoes it')
    .option('--reason <text>', 'why, for whoever looks at it and for the audit')
    .action(async (names, options) => (await import('./change.ts'))[operation](names, options));
}

talkingTo(program.command('restart'))
  .description('open resources of the running agent anew; they leave quarantine')
  .argument('<names...>', 'resources of the configuration')
  .action(async (names, options) => (await import('./change.ts')).restart(names, options));

talkingTo(program.command('reload'))
  .description('let the running agent look again at its configuration, and print what came of it')
  .action(async (options) => (await import('./reload.ts')).reload(options));

talkingTo(program.command('support-bundle'))
  .description('write configuration, status, logs and metrics into one archive, with secrets masked')
  .option('-o, --output <file>', 'where to (default: informer-support-DATE-TIME.tar.gz, here)')
  .action(async (options) => (await import('./support-bundle.ts')).supportBundle(options));

const plugins = program.command('plugins').description('list the plugins that can be used');
plugins
  .command('list', { isDefault: true })
  .addOption(configOption())
  .action(async (options) => (await import('./plugins.ts')).listPlugins(options));
plugins
  .command('show')
  .description('show a plugin: its configuration, its metrics, a sample')
  .argument('<name>')
  .addOption(configOption())
  .option('--json', 'print it as JSON, with the JSON schema of its configuration')
  .action(async (name, options) => (await import('./plugins.ts')).showPlugin(name, options));

program
  .command('create')
  .description('write something new')
  .command('plugin')
  .description('write a plugin that works, with its schema, README, sample and test')
  .argument('<name>', 'lower case with dashes')
  .option('--dir <dir>', 'where to make its folder (default: here)')
  .addOption(configOption())
  .action(async (name, options) => (await import('./create.ts')).createPlugin(name, options));

program
  .command('init')
  .description('write a commented informer.yaml, and its JSON schema for editors')
  .argument('[file]', 'where to', 'informer.yaml')
  .action(async (file) => (await import('./init.ts')).init(file));

program
  .command('version')
  .description('print the version')
  .action(() => {
    process.stdout.write(
      `informer ${VERSION} (Node.js ${process.version}, ${process.platform}-${process.arch})\n`,
    );
  });

program
  .command('errors')
  .description('print the table of error codes, or one of them')
  .argument('[code]')
  .action(async (code) => (await import('./errors.ts')).printErrors(code));

try {
  await program.parseAsync();
} catch (error) {
  const { fail } = await import('./output.ts');
  fail(error);
}
