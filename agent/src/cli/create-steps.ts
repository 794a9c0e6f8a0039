import { execFile } from 'node:child_process';
import { dirname, relative } from 'node:path';

/** What was written. */
interface Created {
  readonly name: string;
  readonly folder: string;
  readonly sample: string;
}

/** The first Node.js that runs TypeScript without a flag; the tests of a new plugin rely on it. */
const OLDEST_NODE = [22, 18] as const;
/** What the workspace is installed with; deploy/bootstrap.mjs pins the same. */
const PNPM = 'pnpm@12.21.0';

/** What to type next in a plugin of its own, and what to write into informer.yaml. */
export async function nextSteps(plugin: Created): Promise<string> {
  const folder = shown(plugin.folder);
  const node = await nodeOnPath();
  const tooOld = node === undefined || olderThan(node, OLDEST_NODE);
  const ownNode = `  export PATH=${quoted(dirname(process.execPath))}:"$PATH"  # its tests need Node.js ${OLDEST_NODE.join('.')} or newer; the informer runs on this one\n`;
  return `${folder} is written. Its test passes as it is:

  cd ${quoted(folder)}
${tooOld ? ownNode : ''}  npm install
  npm test

${configurationLines(plugin)}`;
}

/** What to type next in a plugin of the project's own workspace. */
export function workspaceSteps(plugin: Created): string {
  const { name, folder } = plugin;
  return `${shown(folder)} is written, as a package of this workspace, and listed in plugins/tsconfig.json.
To ship it with the agent, first add "@dynamic-informer/plugin-${name}": "workspace:*" to agent/package.json.
Then, at the workspace's root:

  npx ${PNPM} install  # links it, and writes it into pnpm-lock.yaml
  npm test -- plugins/${name}

${configurationLines(plugin)}`;
}

function configurationLines({ name, folder, sample }: Created): string {
  return `The agent loads it at once, and new code of it at a reload (SIGHUP). In informer.yaml:

plugins:
  ${name}:
    path: ${JSON.stringify(folder)}
${sample}`;
}

function shown(folder: string): string {
  const path = relative('', folder) || '.';
  return path.startsWith('..') ? folder : path;
}

/** For a shell. */
const quoted = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** The version of the Node.js that npm will run scripts with. */
function nodeOnPath(): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile('node', ['--version'], (error, stdout) => resolve(error ? undefined : stdout.trim()));
  });
}

function olderThan(version: string, [major, minor]: readonly [number, number]): boolean {
  const [, had = 0, hadMinor = 0] = (/^v(\d+)\.(\d+)/.exec(version) ?? []).map(Number);
  return had < major || (had === major && hadMinor < minor);
}
