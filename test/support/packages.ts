import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, globSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

/** The Debian package that brings each program that the tests run. */
const PACKAGES = {
  prometheus: 'prometheus',
  promtool: 'prometheus',
  'prometheus-node-exporter': 'prometheus-node-exporter',
  postgres: 'postgresql',
  initdb: 'postgresql',
  psql: 'postgresql',
  pgbouncer: 'pgbouncer',
  'redis-server': 'redis-server',
  'redis-cli': 'redis-server',
  'rabbitmq-server': 'rabbitmq-server',
  epmd: 'rabbitmq-server',
  'nats-server': 'nats-server',
  nginx: 'nginx',
  openssl: 'openssl',
  curl: 'curl',
  chromium: 'chromium',
  mtail: 'mtail',
  go: 'golang-go',
  bindfs: 'bindfs',
  fusermount3: 'fuse3',
} as const;

/** Where Debian keeps the source of Go libraries, as a GOPATH. */
const DEBIAN_GOPATH = '/usr/share/gocode';

/** The Debian package that brings each Go library that the tests compile against. */
const GO_LIBRARIES = {
  'github.com/prometheus/client_golang': 'golang-github-prometheus-client-golang-dev',
  'github.com/VictoriaMetrics/metrics': 'golang-github-victoriametrics-metrics-dev',
} as const;

export type Program = keyof typeof PACKAGES;
export type GoLibrary = keyof typeof GO_LIBRARIES;

const ALL_PACKAGES: readonly string[] = [...new Set(Object.values(PACKAGES)), ...Object.values(GO_LIBRARIES)];

/** What file-tail is compared with. */
export const MTAIL_PACKAGE: string = PACKAGES.mtail;

/** The compiler, and the libraries that we are compared with. */
export const GO_PACKAGES: readonly string[] = [PACKAGES.go, ...Object.values(GO_LIBRARIES)];

/** Full path of a program; when it is missing, an error that says what to install. */
export function program(name: Program): string {
  const path = find(name);
  if (path === undefined)
    throw new Error(`${name} is not installed on this machine; ${advice([PACKAGES[name]])}`);
  return path;
}

/** The GOPATH with a Go library's source; when it is missing, an error that says what to install. */
export function goPath(library: GoLibrary): string {
  if (!hasLibrary(library)) {
    throw new Error(`Go's ${library} is not installed on this machine; ${advice([GO_LIBRARIES[library]])}`);
  }
  return DEBIAN_GOPATH;
}

/**
 * Installs what is missing of the packages when it is root; else gives the sentence that says what to
 * install, or undefined.
 */
export async function installPackages(
  report: (line: string) => void,
  wanted: readonly string[] = ALL_PACKAGES,
): Promise<string | undefined> {
  const missing = missingOf(wanted);
  if (missing.length === 0) return undefined;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    return `Programs or libraries are not installed; ${advice(missing)}`;
  }
  report(`Installing Debian packages: ${missing.join(' ')}`);
  await install(missing);
  const still = missingOf(wanted);
  if (still.length > 0) {
    throw new Error(`apt-get ended well but brought nothing of ${still.join(', ')}; ${advice(still)}`);
  }
  return undefined;
}

/** Those of the packages of which something is not there. */
export function missingOf(packages: readonly string[]): string[] {
  const programs = (Object.keys(PACKAGES) as Program[]).filter((name) => find(name) === undefined);
  const libraries = (Object.keys(GO_LIBRARIES) as GoLibrary[]).filter((name) => !hasLibrary(name));
  const missing = new Set<string>([
    ...programs.map((name) => PACKAGES[name]),
    ...libraries.map((name) => GO_LIBRARIES[name]),
  ]);
  return packages.filter((name) => missing.has(name));
}

const hasLibrary = (library: string): boolean => existsSync(join(DEBIAN_GOPATH, 'src', library));

function advice(packages: readonly string[]): string {
  const names = packages.join(' ');
  return existsSync('/usr/bin/apt-get')
    ? `type: sudo apt-get install -y --no-install-recommends ${names}`
    : `install the programs of Debian's packages ${names} and put them on PATH.`;
}

function find(name: Program): string | undefined {
  const inPath = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/sbin', '/usr/local/bin'];
  // Debian keeps the servers of PostgreSQL, and RabbitMQ's script that works under any account, off PATH.
  const versions = globSync('/usr/lib/postgresql/*/bin').sort((a, b) => version(b) - version(a));
  const folders = [...versions, '/usr/lib/rabbitmq/bin', ...inPath.filter((folder) => folder !== '')];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

const version = (folder: string) => Number(folder.split('/').at(-2));

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

// One at a time, and what another process installed meanwhile is left alone. Packages start their services
// when they are installed; a policy-rc.d forbids it, and a machine that has its own keeps it.
const SCRIPT = `
set -eu
missing=
for name; do
  [ "$(dpkg-query -W -f='\${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || missing="$missing $name"
done
[ -n "$missing" ] || exit 0
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 1' HUP INT TERM
  printf '#!/bin/sh\\n# Only while the tests of dynamic-informer install packages.\\nexit 101\\n' >"$policy"
  chmod 755 "$policy"
fi
apt-get -o DPkg::Lock::Timeout=300 update
apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends $missing
`;

async function install(packages: readonly string[]): Promise<void> {
  try {
    await promisify(execFile)(
      'flock',
      ['/var/cache/apt/dynamic-informer.lock', 'sh', '-c', SCRIPT, 'sh', ...packages],
      { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, maxBuffer: 64 * 1024 * 1024 },
    );
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    const output = `${stdout}\n${stderr}`.trim().split('\n').slice(-30).join('\n');
    throw new Error(
      `apt-get could not install ${packages.join(' ')}; ${advice(packages)}\nIts last output:\n${output}`,
      { cause: error },
    );
  }
}
