import { readdirSync, readlinkSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { connectInspector, holdMeter } from '../support/inspector.ts';
import { processesIn } from '../support/left-behind.ts';
import type { RunningInformer } from '../support/program.ts';
import { waitFor } from '../support/wait.ts';

/** What an agent holds, counted after a garbage collection. */
export interface Footprint {
  /** What its descriptors are, without numbers. */
  readonly descriptors: readonly string[];
  readonly threads: number;
  /** Its hosts and what they have started. */
  readonly processes: number;
  /** Everything below its folder. */
  readonly files: readonly string[];
  /** Objects of Node.js in its memory, by class. */
  readonly objects: Readonly<Record<string, number>>;
  /** Code left out, of which there is more the longer a program runs. */
  readonly heapBytes: number;
}

/** Expressions that give the classes whose objects are counted. */
const CLASSES = {
  ChildProcess: "process.getBuiltinModule('child_process').ChildProcess",
  Socket: "process.getBuiltinModule('net').Socket",
  Timeout:
    '(() => { const timer = setTimeout(() => {}, 0); clearTimeout(timer); return timer.constructor; })()',
  Worker: "process.getBuiltinModule('worker_threads').Worker",
  AbortController: 'AbortController',
} as const;

/** The bytes in V8's heap, code left out. */
const HEAP = `process.getBuiltinModule('v8').getHeapSpaceStatistics()
  .filter(({ space_name: name }) => !/code|trusted/.test(name))
  .reduce((sum, space) => sum + space.space_used_size, 0)`;

/** A way to look into the memory of an agent that was started with `INSPECTABLE`. */
export interface MemoryInspector extends Disposable {
  /** The longest hold of the agent's event loop since this was last asked, in milliseconds. */
  longestHold(): Promise<number>;
  /** Collects garbage and counts what is left. */
  footprint(): Promise<Footprint>;
  /**
   * Looks until there are no leaks any more, or there were still some when the time was over. Each collect that
   * runs at that moment has timers: `timers` more than before are allowed.
   */
  leaksSince(before: Footprint, heapAllowance: number, timers?: number): Promise<string[]>;
}

/** Connections and timers that end by themselves have ended after this long. */
const PATIENCE_MS = 15_000;

/** Starts the agent's inspector and connects to it, which are descriptors and objects of the agent's too. */
export async function inspect(run: RunningInformer): Promise<MemoryInspector> {
  const inspector = await connectInspector(run.process);
  const longestHold = await holdMeter(inspector);
  const { ask, evaluate } = inspector;
  const count = async (expression: string): Promise<number> => {
    const prototype = await evaluate(`(${expression}).prototype`);
    const { objects } = await ask('Runtime.queryObjects', {
      prototypeObjectId: prototype.objectId,
      objectGroup: 'count',
    });
    const length = await ask('Runtime.callFunctionOn', {
      objectId: objects?.objectId,
      functionDeclaration: 'function () { return this.length; }',
      returnByValue: true,
    });
    await ask('Runtime.releaseObjectGroup', { objectGroup: 'count' });
    return Number(length.result?.value);
  };
  const footprint = async (): Promise<Footprint> => {
    await ask('HeapProfiler.collectGarbage');
    const objects: Record<string, number> = {};
    for (const [name, expression] of Object.entries(CLASSES)) objects[name] = await count(expression);
    await ask('HeapProfiler.collectGarbage');
    const heap = await evaluate(HEAP);
    return {
      descriptors: descriptorsOf(run.process.pid),
      threads: readdirSync(`/proc/${run.process.pid}/task`).length,
      processes: processesIn(run.folder).length - 1,
      files: (await readdir(run.folder, { recursive: true })).sort(),
      objects,
      heapBytes: Number(heap.value),
    };
  };
  return {
    footprint,
    longestHold,
    async leaksSince(before, heapAllowance, timers = OBJECT_ALLOWANCE) {
      let leaks: string[] = [];
      const look = async () => {
        leaks = leaksBetween(before, await footprint(), heapAllowance, timers);
        return leaks.length === 0;
      };
      await waitFor(look, { what: 'no leaks', timeout: PATIENCE_MS, interval: 500 }).catch(() => undefined);
      return leaks;
    },
    [Symbol.dispose]: () => inspector[Symbol.dispose](),
  };
}

/** Something last asked for may hold on to a few; what leaks with each kill or reload is more. */
const OBJECT_ALLOWANCE = 5;

/** What there is more of, in words: equal footprints have none. Heaps may differ by `heapAllowance` bytes, timers by `timers`. */
function leaksBetween(before: Footprint, after: Footprint, heapAllowance: number, timers: number): string[] {
  const leaks: string[] = [];
  const more = (what: string, allowed: number, now: number) => {
    if (now > allowed) leaks.push(`${what}: ${now}, where ${allowed} are allowed`);
  };
  more('threads', before.threads, after.threads);
  more('processes', before.processes, after.processes);
  for (const descriptor of new Set(after.descriptors)) {
    const count = (list: readonly string[]) => list.filter((each) => each === descriptor).length;
    more(`descriptors ${descriptor}`, count(before.descriptors), count(after.descriptors));
  }
  for (const file of after.files) if (!before.files.includes(file)) leaks.push(`the file ${file}`);
  for (const [name, count] of Object.entries(after.objects)) {
    const allowance = name === 'Timeout' ? timers : OBJECT_ALLOWANCE;
    more(`objects ${name}`, (before.objects[name] ?? 0) + allowance, count);
  }
  const heap = after.heapBytes - before.heapBytes;
  if (heap > heapAllowance) leaks.push(`${heap} bytes of heap, where ${heapAllowance} are allowed`);
  return leaks;
}

/** What a process has open; numbers, which differ from one socket or pipe to the next, are left out. */
function descriptorsOf(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).flatMap((name) => {
    try {
      return [readlinkSync(`${folder}/${name}`).replace(/\d+/g, '')];
    } catch {
      // It was closed meanwhile.
      return [];
    }
  });
}
