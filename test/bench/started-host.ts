import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { processHosts } from '@dynamic-informer/agent';
import { makeLogger } from '@dynamic-informer/sdk';
import { TEXT_ENCODING } from '@dynamic-informer/sdk/host';
import { temporaryFolder } from '../support/temp.ts';
import { BENCH_PLUGIN } from './bench-plugin.ts';
import { note } from './harness.ts';

const HOST_MEMORY_BYTES = 256 * 1024 * 1024;
export const TIMEOUT_MS = 10_000;

/** Where hosts find the bench's plugin and put their state. */
export interface Place extends AsyncDisposable {
  readonly folder: string;
}

export async function makePlace(): Promise<Place> {
  await using stack = new AsyncDisposableStack();
  const { path: folder } = stack.use(await temporaryFolder('bench'));
  await mkdir(join(folder, 'state'));
  await writeFile(join(folder, 'bench.mjs'), BENCH_PLUGIN);
  const owned = stack.move();
  return { folder, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** What a host opens: the bench's plugin, or one that comes with the agent. */
export interface Opened {
  /** Default: `bench`. */
  readonly plugin?: string;
  /** What `collect` calls it. Default: the plugin's name. */
  readonly id?: string;
  readonly config?: object;
}

/** A family of a collect's result. */
export interface CollectedFamily {
  readonly name: string;
  readonly series: number;
  /** The parts of its text. */
  readonly bodies: ReadonlyMap<string, readonly Uint8Array[]>;
}

export interface Started extends AsyncDisposable {
  readonly pid: number;
}

export interface StartedHost extends Started {
  /** Opens a resource, and collects it once unless that is not to come back. */
  open(opened: Opened, options?: { readonly collects?: boolean }): Promise<void>;
  /** @throws if it does not end well */
  collect(id?: string, timeoutMs?: number): Promise<readonly CollectedFamily[]>;
}

/** A host as the agent starts it. */
export async function startHost({ folder }: Pick<Place, 'folder'>, { nice = 0 } = {}): Promise<StartedHost> {
  const log = makeLogger((level, message) => {
    if (level === 'error') note(`hosts: ${message}`);
  });
  const group = { key: 'bench', name: 'bench', memoryBytes: HOST_MEMORY_BYTES, nice };
  const host = await processHosts(log)(group, () => undefined);
  const collect = async (id = 'bench', timeoutMs = TIMEOUT_MS) => {
    const { outcome, errors, fragments } = await host.collect(id, timeoutMs, [TEXT_ENCODING]);
    if (outcome !== 'ok') throw new Error(`The collect of ${id} ended as ${outcome}: ${errors[0]?.message}`);
    return fragments;
  };
  return {
    pid: host.pid ?? 0,
    collect,
    async open({ plugin = 'bench', id = plugin, config = {} }: Opened, { collects = true } = {}) {
      await host.open({
        id,
        plugin: { name: plugin, url: urlOf(plugin, folder), version: '1' },
        config,
        substituted: [],
        gather: { resource: id, labels: {}, relabel: [], maxSeries: 200_000, maxBytes: 2 ** 25 },
        directory: folder,
        stateFile: join(folder, 'state', id),
        timeoutMs: TIMEOUT_MS,
      });
      if (collects) await collect(id);
    },
    [Symbol.asyncDispose]: () => host.stop(),
  };
}

const AGENT = fileURLToPath(import.meta.resolve('@dynamic-informer/agent'));

function urlOf(plugin: string, folder: string): string {
  if (plugin === 'bench') return pathToFileURL(join(folder, 'bench.mjs')).href;
  // The built-in plugins are the agent's dependencies, nobody else's.
  return pathToFileURL(createRequire(AGENT).resolve(`@dynamic-informer/plugin-${plugin}`)).href;
}

/** A Node.js that does nothing at all. */
export async function startNode(): Promise<Started> {
  // It ends with its stdin, so with this process however that ends.
  const script = 'process.stdin.resume(); process.stdout.write("ready")';
  const child = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  await once(child.stdout, 'data');
  return {
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
