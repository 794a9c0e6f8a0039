import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A process that writes a log and tells about it; it knows nothing of those that read the log. */
export interface WriterProcess<Says> extends AsyncDisposable {
  /** What `take` makes of the first message of which it makes something. @throws if the process ends before */
  until<T>(take: (said: Says) => T | undefined): Promise<T>;
  /** Lets it come to its end. */
  stop(): void;
}

/** Runs the module of that name beside this one. */
export function startWriter<Says>(name: string, args: readonly string[]): WriterProcess<Says> {
  const file = fileURLToPath(new URL(`${name}.js`, import.meta.url));
  const child = fork(file, [...args], { execArgv: [] });
  const exited = once(child, 'exit');
  return {
    until: (take) =>
      new Promise((resolve, reject) => {
        child.on('message', (said) => {
          const taken = take(said as Says);
          if (taken !== undefined) resolve(taken);
        });
        void exited.then(
          ([code, signal]) => reject(new Error(`${name} ended too early (${signal ?? code}).`)),
          reject,
        );
      }),
    stop: () => void child.send('stop'),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
