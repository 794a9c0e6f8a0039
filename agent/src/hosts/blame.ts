import { AsyncLocalStorage } from 'node:async_hooks';
import { randomInt } from 'node:crypto';
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';

/** Resource names are shorter. */
const NAME_BYTES = 64;
const FOLDERS = ['/dev/shm', tmpdir()];

/**
 * The agent's end of a small file without a name that a host writes into whose code it runs. A dead or
 * blocked process can't be asked any more; what it wrote last can be read.
 */
export class BlameFile {
  readonly fd: number;

  private constructor(fd: number) {
    this.fd = fd;
  }

  /** `undefined` where no file can be written: then it is found out by dividing the host. */
  static create(): BlameFile | undefined {
    for (const folder of FOLDERS) {
      const path = `${folder}/informer-blame-${randomInt(2 ** 47)}`;
      try {
        const fd = openSync(path, 'wx+', 0o600);
        unlinkSync(path);
        return new BlameFile(fd);
      } catch {
        // There may be none, it may be full or read-only: the next one is tried.
      }
    }
    return undefined;
  }

  /** The resource whose code ran last, or `undefined` if it was none's. */
  read(): string | undefined {
    const bytes = Buffer.alloc(NAME_BYTES);
    const length = readSync(this.fd, bytes, 0, NAME_BYTES, 0);
    const [name] = bytes.toString('latin1', 0, length).split('\0');
    return name || undefined;
  }

  close(): void {
    closeSync(this.fd);
  }
}

/** Remembers whose code runs. */
export interface Blame {
  /** Runs a resource's code: what it does to the process from now on, or later in a timer of its own, is its fault. */
  run<T>(resource: string, work: () => T): T;
  /** The same, for what may block at any time until it has settled. */
  runWhole<T>(resource: string, work: () => Promise<T>): Promise<T>;
}

export const NO_BLAME: Blame = { run: (_resource, work) => work(), runWhole: (_resource, work) => work() };

/**
 * The host's end. Whoever's synchronous code runs stands in the file, and whoever ends the process: by an
 * exit, an abort, a signal to itself, or an error that nobody catches. Made before any plugin is loaded.
 */
export function processBlame(fd: number): Blame {
  const storage = new AsyncLocalStorage<string>();
  const encoded = new Map<string, Buffer>();
  let current = '';
  let isAccused = false;

  const write = (resource: string) => {
    current = resource;
    if (isAccused) return;
    let bytes = encoded.get(resource);
    if (!bytes) {
      bytes = Buffer.alloc(NAME_BYTES);
      bytes.write(resource, 0, NAME_BYTES, 'latin1');
      encoded.set(resource, bytes);
    }
    try {
      writeSync(fd, bytes, 0, NAME_BYTES, 0);
    } catch {
      // A plugin has closed it, or there never was one.
    }
  };
  /** Whoever runs now is about to end the process. */
  const accuse = () => {
    const resource = storage.getStore();
    if (resource === undefined || isAccused) return;
    write(resource);
    isAccused = true;
  };

  process.on('uncaughtExceptionMonitor', accuse);
  process.on('exit', accuse);
  const abort = process.abort.bind(process);
  process.abort = () => {
    accuse();
    return abort();
  };
  const kill = process.kill.bind(process);
  process.kill = (pid, signal) => {
    if (Math.abs(pid) !== process.pid) return kill(pid, signal);
    const before = current;
    write(storage.getStore() ?? current);
    try {
      return kill(pid, signal);
    } finally {
      write(before);
    }
  };

  return {
    run(resource, work) {
      const before = current;
      write(resource);
      try {
        return storage.run(resource, work);
      } finally {
        write(before);
      }
    },
    async runWhole(resource, work) {
      write(resource);
      try {
        return await storage.run(resource, work);
      } finally {
        write('');
      }
    },
  };
}
