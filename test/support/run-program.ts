import { execFile } from 'node:child_process';
import type { Account } from './account.ts';

export interface RunOptions {
  /** What it reads on stdin. */
  input?: string;
  env?: Readonly<Record<string, string>>;
  cwd?: string;
  /** The account to run as; without it, that of the test. */
  account?: Account | undefined;
}

export interface ProgramResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end, and gives what it said. An exit code other than 0 is no error, a signal is. */
export function runProgram(
  command: string,
  args: readonly string[],
  { input = '', env = {}, cwd, account }: RunOptions = {},
): Promise<ProgramResult> {
  const options = {
    env: { ...process.env, LC_ALL: 'C.UTF-8', ...env },
    maxBuffer: 64 * 1024 * 1024,
    ...(cwd === undefined ? {} : { cwd }),
    ...account,
  };
  return new Promise((resolve, reject) => {
    const child = execFile(command, [...args], options, (error, stdout, stderr) => {
      if (error === null) resolve({ code: 0, stdout, stderr });
      else if (typeof error.code === 'number') resolve({ code: error.code, stdout, stderr });
      else reject(error);
    });
    // A program that ends without reading its input is judged by its exit code.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

/** Runs a program that has to succeed, and gives its stdout without the last line break. */
export async function outputOf(
  command: string,
  args: readonly string[],
  options?: RunOptions,
): Promise<string> {
  const { code, stdout, stderr } = await runProgram(command, args, options);
  if (code !== 0) {
    throw new Error(
      `${command} ${args.join(' ')} ended with exit code ${code}; its output:\n${stderr}${stdout}`,
    );
  }
  return stdout.replace(/\n$/, '');
}
