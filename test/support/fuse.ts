import { execFileSync } from 'node:child_process';
import { accessSync, constants, mkdirSync, readFileSync } from 'node:fs';
import { program } from './packages.ts';
import { startProcess } from './process.ts';

const CAP_SYS_ADMIN = 21n;

/** What is missing for tests that mount a file system, to stand in their names; `undefined` if nothing is. */
export function missingForMounts(): string | undefined {
  if (process.platform !== 'linux') return 'Linux';
  const [, effective = '0'] = /^CapEff:\s*(\w+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return (BigInt(`0x${effective}`) >> CAP_SYS_ADMIN) & 1n ? undefined : 'the right to mount file systems';
}

/** The same for one that a program serves. */
export function missingForFuse(): string | undefined {
  try {
    accessSync('/dev/fuse', constants.R_OK | constants.W_OK);
    return missingForMounts();
  } catch {
    return '/dev/fuse';
  }
}

/** A file system that hangs when it is told to. */
export interface StoppableMount extends AsyncDisposable {
  /** Answers nothing from now on. */
  stop(): void;
  /** Answers again, what it was asked meanwhile too. */
  go(): void;
}

/** Shows the folder `source` at `mountPoint`, through a process that can be stopped; nothing of it is cached. */
export async function mountStoppable(source: string, mountPoint: string): Promise<StoppableMount> {
  const fusermount = program('fusermount3');
  mkdirSync(mountPoint, { recursive: true });
  const server = await startProcess({
    command: program('bindfs'),
    args: ['-f', '-o', 'attr_timeout=0,entry_timeout=0,negative_timeout=0', source, mountPoint],
    ready: () => readFileSync('/proc/self/mountinfo', 'utf8').includes(` ${mountPoint} `),
  });
  const go = () => server.signal('SIGCONT');
  return {
    stop: () => server.signal('SIGSTOP'),
    go,
    async [Symbol.asyncDispose]() {
      go();
      // The process has the mount end with it, if that did not fail.
      execFileSync(fusermount, ['-u', '-z', mountPoint]);
      await server.stop();
    },
  };
}

/** A file system in memory with so many bytes. */
export function mountTiny(mountPoint: string, bytes: number): Disposable {
  mkdirSync(mountPoint, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'informer-test', mountPoint]);
  return { [Symbol.dispose]: () => void execFileSync('umount', ['-l', mountPoint]) };
}
