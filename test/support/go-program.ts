import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { goPath, program } from './packages.ts';
import { outputOf } from './run-program.ts';
import { temporaryFolder } from './temp.ts';

/** A program in Go that answers each line of JSON with one. */
export interface GoProgram extends AsyncDisposable {
  /** The line that it wrote by itself when it started. */
  readonly first: unknown;
  ask(question: unknown): Promise<unknown>;
}

/** Builds a program with the client_golang that is installed here, and starts it. */
export async function startGoProgram(source: string): Promise<GoProgram> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder('go'));
  const binary = join(folder.path, 'program');
  const own = process.env.GOPATH ? [process.env.GOPATH] : [];
  await outputOf(program('go'), ['build', '-o', binary, source], {
    cwd: folder.path,
    env: {
      GO111MODULE: 'off',
      GOFLAGS: '',
      CGO_ENABLED: '0',
      GOPATH: [...own, goPath('github.com/prometheus/client_golang')].join(':'),
    },
  });
  const child = spawn(binary, { stdio: ['pipe', 'pipe', 'inherit'] });
  stack.defer(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.stdin.end();
    await once(child, 'exit');
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<unknown> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`The program ${source} ended; its stderr says why.`);
    return JSON.parse(value);
  };
  const first = await answer();
  const owned = stack.move();
  return {
    first,
    ask(question) {
      child.stdin.write(`${JSON.stringify(question)}\n`);
      return answer();
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
