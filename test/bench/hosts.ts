import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { processHosts } from '@dynamic-informer/agent';
import { makeLogger } from '@dynamic-informer/sdk';
import { TEXT_ENCODING } from '@dynamic-informer/sdk/host';
import { temporaryFolder } from '../support/temp.ts';
import { BENCH_PLUGIN } from './bench-plugin.ts';
import {
  type Bench,
  compare,
  median,
  millisecondsOf,
  note,
  OURS,
  type Peer,
  type Result,
  type Running,
  resultOf,
} from './harness.ts';
import { hasProc, MEMORY_FIELDS, memoryOf } from './processes.ts';

const HOST_MEMORY_BYTES = 256 * 1024 * 1024;
const TIMEOUT_MS = 10_000;
/** Of the collect that never ends. */
const SHORT_TIMEOUT_MS = 200;
/** Hosts that live at one time while memory is measured. */
const HOSTS = 4;

/** What it costs to keep plugins in processes of their own. The peer is a Node.js that does nothing at all. */
export const hosts: Bench = {
  name: 'hosts',
  async *run({ quick }) {
    await using folder = await temporaryFolder('bench');
    const place = { folder: folder.path };
    const rounds = (count: number) => (quick ? { warmUp: 0, rounds: 1 } : { warmUp: 1, rounds: count });
    await mkdir(join(place.folder, 'state'));
    await writeFile(join(place.folder, 'bench.mjs'), BENCH_PLUGIN);

    yield resultOf(await compare(place, [STARTED_HOST, STARTED_NODE], rounds(15)), median, about('start'));

    if (hasProc) yield* memoryCases(place, quick ? 1 : HOSTS);
    for (const [label, series] of quick ? [['100', 100] as const] : SIZES) {
      const measured = await compare({ ...place, series }, [COLLECT], {
        warmUp: quick ? 0 : 20,
        rounds: quick ? 1 : 60,
      });
      yield resultOf(measured, median, about(`collect/${label}`));
    }
    yield resultOf(await compare(place, [DEADLINE], rounds(5)), median, about('deadline-to-dead'));
  },
};

const about = (name: string, unit = 'ms') => ({ bench: 'hosts', case: name, unit });

const SIZES = [
  ['100', 100],
  ['10k', 10_000],
] as const;

interface Place {
  readonly folder: string;
}

const available = () => true;
const nothing = async () => undefined;

/** From the fork until the host can be asked. */
const STARTED_HOST: Peer<Place> = {
  name: OURS,
  available,
  run: async () => ({
    async round() {
      await using started = await timed(startHost);
      return started.milliseconds;
    },
    [Symbol.asyncDispose]: nothing,
  }),
};

const STARTED_NODE: Peer<Place> = {
  name: 'node',
  available,
  run: async () => ({
    async round() {
      await using started = await timed(startNode);
      return started.milliseconds;
    },
    [Symbol.asyncDispose]: nothing,
  }),
};

/** A collect's way to the host and back, gathering and encoding of mix A included. */
const COLLECT: Peer<Place & { series: number }> = {
  name: OURS,
  available,
  async run({ folder, series }): Promise<Running> {
    const host = await startHost();
    await host.open(folder, { series });
    const got = await host.collect(TIMEOUT_MS);
    if (got <= series) throw new Error(`A collect of ${series} series gave ${got}.`);
    return {
      round: () => millisecondsOf(() => host.collect(TIMEOUT_MS)),
      [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
    };
  },
};

/** From the deadline of a collect that never ends until its host is dead; 250 ms of it are the grace. */
const DEADLINE: Peer<Place> = {
  name: OURS,
  available,
  run: async ({ folder }) => ({
    async round() {
      await using host = await startHost();
      await host.open(folder, { spin: true });
      const died = () => host.collect(SHORT_TIMEOUT_MS).then(neverEnds, () => undefined);
      return (await millisecondsOf(died)) - SHORT_TIMEOUT_MS;
    },
    [Symbol.asyncDispose]: nothing,
  }),
};

function neverEnds(): never {
  throw new Error('A collect that spins came back.');
}

/** Hosts with one opened and collected resource each, and as many idle Node.js. */
async function* memoryCases({ folder }: Place, count: number): AsyncGenerator<Result> {
  await using stack = new AsyncDisposableStack();
  const ours: number[] = [];
  const bare: number[] = [];
  for (let i = 0; i < count; i++) {
    const host = stack.use(await startHost());
    await host.open(folder, {});
    await host.collect(TIMEOUT_MS);
    ours.push(host.pid);
    bare.push(stack.use(await startNode()).pid);
  }
  const memory = { [OURS]: ours.map(memoryOf), node: bare.map(memoryOf) };
  for (const [name, field] of MEMORY_FIELDS) {
    const values = Object.entries(memory).map(([who, all]) => [who, all.map((each) => each[field])] as const);
    yield resultOf(new Map(values), median, about(name, 'MiB'));
  }
}

interface Started extends AsyncDisposable {
  readonly pid: number;
}

async function timed(start: () => Promise<Started>): Promise<AsyncDisposable & { milliseconds: number }> {
  const begin = performance.now();
  const started = await start();
  const milliseconds = performance.now() - begin;
  return { milliseconds, [Symbol.asyncDispose]: () => started[Symbol.asyncDispose]() };
}

/** A host as the agent starts it, with one resource of the bench's plugin. */
async function startHost() {
  const log = makeLogger((level, message) => {
    if (level === 'error') note(`hosts: ${message}`);
  });
  const group = { key: 'bench', name: 'bench', memoryBytes: HOST_MEMORY_BYTES, nice: 0 };
  const host = await processHosts(log)(group, () => undefined);
  return {
    pid: host.pid ?? 0,
    open: (folder: string, config: object) =>
      host.open({
        id: 'bench',
        plugin: { name: 'bench', url: pathToFileURL(join(folder, 'bench.mjs')).href, version: '1' },
        config,
        substituted: [],
        gather: { resource: 'bench', labels: {}, relabel: [], maxSeries: 100_000 },
        directory: folder,
        stateFile: join(folder, 'state', 'bench'),
        timeoutMs: TIMEOUT_MS,
      }),
    /** Gives how many series came. */
    async collect(timeoutMs: number): Promise<number> {
      const { outcome, errors, fragments } = await host.collect('bench', timeoutMs, [TEXT_ENCODING]);
      if (outcome !== 'ok') throw new Error(`The collect ended as ${outcome}: ${errors[0]?.message}`);
      return fragments.reduce((sum, fragment) => sum + fragment.series, 0);
    },
    [Symbol.asyncDispose]: () => host.stop(),
  };
}

async function startNode(): Promise<Started> {
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
