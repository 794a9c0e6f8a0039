import { opendir, stat } from 'node:fs/promises';
import {
  arch,
  availableParallelism,
  freemem,
  loadavg,
  machine,
  platform,
  release,
  totalmem,
  uptime,
  version,
} from 'node:os';
import { join } from 'node:path';
import { VERSION } from '../version.ts';
import { readRegular } from './read-regular.ts';

const MAX_ENTRIES = 5_000;
const CGROUP_FILES = [
  'memory.max',
  'memory.high',
  'memory.current',
  'memory.events',
  'cpu.max',
  'cpu.stat',
  'pids.max',
  'pids.current',
];

const textOf = (file: string): Promise<string | undefined> =>
  readRegular(file).then(
    (text) => text.trim(),
    () => undefined,
  );

/** The machine, and what it allows the agent, if its process is known. */
export async function describeSystem(agentPid: number | undefined): Promise<object> {
  const pid = agentPid ?? process.pid;
  const [osRelease, limits, status, cgroup] = await Promise.all([
    textOf('/etc/os-release'),
    textOf(`/proc/${pid}/limits`),
    textOf(`/proc/${pid}/status`),
    textOf(`/proc/${pid}/cgroup`),
  ]);
  return {
    informer: VERSION,
    node: process.version,
    os: { platform: platform(), release: release(), version: version(), machine: machine(), arch: arch() },
    osRelease: osRelease?.split('\n'),
    uptimeSeconds: uptime(),
    cpus: availableParallelism(),
    loadAverage: loadavg(),
    memory: { totalBytes: totalmem(), freeBytes: freemem() },
    limitsOf:
      agentPid === undefined
        ? 'this command, since the agent is not known'
        : `the agent, process ${agentPid}`,
    limits: limits?.split('\n'),
    process: status
      ?.split('\n')
      .filter((line) =>
        /^(?:Name|State|PPid|Uid|Gid|FDSize|Vm\w+|Rss\w+|Threads|Cap\w+|NoNewPrivs|Seccomp):/.test(line),
      ),
    cgroup: await describeCgroup(cgroup),
  };
}

/** The limits of the cgroup and of those above it, of version 2. */
async function describeCgroup(text: string | undefined): Promise<object | undefined> {
  const path = /^0::(\/.*)$/m.exec(text ?? '')?.[1];
  if (path === undefined) return undefined;
  const found: Record<string, Record<string, string>> = {};
  const steps = path.split('/').filter(Boolean);
  for (let depth = steps.length; depth >= 0; depth--) {
    const folder = join('/sys/fs/cgroup', ...steps.slice(0, depth));
    const values: Record<string, string> = {};
    for (const name of CGROUP_FILES) {
      const value = await textOf(join(folder, name));
      if (value !== undefined) values[name] = value;
    }
    if (Object.keys(values).length > 0) found[folder] = values;
  }
  return found;
}

/** Who has started a process; `undefined` where that can't be told. */
export async function parentOf(pid: number): Promise<number | undefined> {
  const parent = /^PPid:\s*(\d+)$/m.exec((await textOf(`/proc/${pid}/status`)) ?? '')?.[1];
  return parent === undefined ? undefined : Number(parent);
}

/** The names of a process's environment variables, never what they hold. */
export async function variableNames(agentPid: number | undefined): Promise<string> {
  const raw = agentPid === undefined ? undefined : await textOf(`/proc/${agentPid}/environ`);
  const names =
    raw === undefined ? Object.keys(process.env) : raw.split('\0').map((pair) => pair.split('=', 1)[0] ?? '');
  const whose = raw === undefined ? 'this command; those of the agent can not be read' : 'the agent';
  return [`Environment variables of ${whose}, names only:`, ...names.filter(Boolean).sort(), ''].join('\n');
}

/** What is in the state folder: sizes, times and names, not what the files hold. */
export async function listFolder(folder: string): Promise<string> {
  const lines: string[] = [folder];
  const walk = async (path: string): Promise<void> => {
    for await (const entry of await opendir(join(folder, path))) {
      if (lines.length > MAX_ENTRIES) return;
      const name = join(path, entry.name);
      const stats = await stat(join(folder, name)).catch(() => undefined);
      lines.push(
        `${stats?.mtime.toISOString() ?? '-'} ${String(stats?.size ?? '-').padStart(12)} ${entry.isDirectory() ? `${name}/` : name}`,
      );
      if (entry.isDirectory()) await walk(name);
    }
  };
  await walk('');
  if (lines.length > MAX_ENTRIES) lines.push('and more');
  return `${lines.join('\n')}\n`;
}
