import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { installPackages, MTAIL_PACKAGE, program } from '../../support/packages.ts';
import { freePort } from '../../support/ports.ts';
import { startProcess } from '../../support/process.ts';
import { temporaryFolder } from '../../support/temp.ts';
import { note } from '../harness.ts';
import { peakMemoryMiB, processTree } from '../processes.ts';
import { Scraper } from '../scraper.ts';
import type { RunningTail } from './ours.ts';
import { mtailProgram, type TailPattern } from './patterns.ts';

export const MTAIL = 'mtail';

/** Memory that it takes after the last look and before it ends is missed. */
const LOOK_EVERY_MS = 10;

let installed: Promise<boolean> | undefined;

/** As root on Debian it is installed when it is missing; elsewhere a line says why it can't take part. */
export function hasMtail(): Promise<boolean> {
  installed ??= install();
  return installed;
}

async function install(): Promise<boolean> {
  try {
    const advice = await installPackages(note, [MTAIL_PACKAGE]);
    if (advice !== undefined) note(`mtail can't take part. ${advice}`);
    return advice === undefined;
  } catch (error) {
    note(`mtail can't take part: ${error instanceof Error ? error.message : error}`);
    return false;
  }
}

/** Follows files from their present end, those that appear later from their beginning. */
export async function startMtail(glob: string, patterns: readonly TailPattern[]): Promise<RunningTail> {
  await using stack = new AsyncDisposableStack();
  const port = await freePort();
  const { path } = stack.use(await temporaryFolder('mtail'));
  const args = [...(await argumentsOf(path, glob, patterns)), '-address', '127.0.0.1', '-port', String(port)];
  const ready = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).ok;
  const { pid } = stack.use(await startProcess({ command: program('mtail'), args, ready }));
  const scraper = stack.use(new Scraper(port));
  const owned = stack.move();
  return {
    scrape: async () => (await scraper.fetch('identity')).toString(),
    pids: [pid],
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

export interface OneShot {
  readonly exposition: string;
  /** From the start of the process to its end. */
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakMiB: number;
}

/** Reads files from their beginning to their end on one thread, and ends. */
export async function mtailOnce(glob: string, patterns: readonly TailPattern[]): Promise<OneShot> {
  await using folder = await temporaryFolder('mtail');
  const port = ['-address', '127.0.0.1', '-port', String(await freePort())];
  const once = ['-one_shot', '-one_shot_format', 'prometheus', ...port];
  const args = [...(await argumentsOf(folder.path, glob, patterns)), ...once];
  const start = performance.now();
  // The shell says what its child has used, as nobody can be asked for it afterwards.
  const child = spawn(
    'sh',
    ['-c', 'GOMAXPROCS=1 "$@"; code=$?; times >&2; exit $code', 'sh', program('mtail'), ...args],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const ended = exitOf(child);
  const [exposition, errors, peakMiB, { code, wallMs }] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    peakOf(child.pid, ended),
    ended.then((code) => ({ code, wallMs: performance.now() - start })),
  ]);
  if (code !== 0) throw new Error(`mtail ended with ${code}; its output:\n${errors.slice(-4000)}`);
  return { exposition, wallMs, cpuMs: childrenMilliseconds(errors), peakMiB };
}

async function exitOf(child: ReturnType<typeof spawn>): Promise<number | string> {
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  return code ?? signal ?? 'no exit code';
}

/** The most that its child was seen to use until it ended. */
async function peakOf(pid: number | undefined, ended: Promise<unknown>): Promise<number> {
  let running = pid !== undefined;
  void ended.finally(() => {
    running = false;
  });
  let child: number | undefined;
  let peak = 0;
  while (running) {
    child ??= processTree(pid ?? 0)[1];
    if (child !== undefined) peak = Math.max(peak, peakMemoryMiB(child));
    await pause(LOOK_EVERY_MS);
  }
  return peak;
}

/** The last line of what `times` of sh(1) prints is of the children: `0m0.010000s 0m0.020000s`. */
function childrenMilliseconds(output: string): number {
  const last = output.trimEnd().split('\n').at(-1) ?? '';
  let seconds = 0;
  for (const [, minutes, rest] of last.matchAll(/(\d+)m([\d.]+)s/g))
    seconds += Number(minutes) * 60 + Number(rest);
  return seconds * 1000;
}

async function argumentsOf(
  folder: string,
  glob: string,
  patterns: readonly TailPattern[],
): Promise<string[]> {
  const programs = join(folder, 'programs');
  await mkdir(programs);
  await writeFile(join(programs, 'bench.mtail'), mtailProgram(patterns));
  return ['-progs', programs, '-logs', glob, '-logtostderr', '-emit_prog_label=false'];
}
