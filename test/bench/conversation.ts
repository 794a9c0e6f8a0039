// How a bench talks with a contestant that has a process of its own: neither its garbage nor its types
// meet those of another. A question is JSON on a line of its stdin, the answer one on its stdout, one at a
// time; it ends when its stdin does. go/main.go is the same for Go.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface Ask {
  readonly do: 'change' | 'round' | 'hold' | 'write' | 'serve' | 'decode';
  readonly round?: number;
  /** Where to write to; of `decode`, what to replace by its text. */
  readonly file?: string;
}

export interface Conversation extends AsyncDisposable {
  /** @throws if the process ends instead of answering; why, it says on stderr */
  ask(question: Ask): Promise<number>;
}

/** Starts a program that answers. `name` is for errors. */
export function startConversation(name: string, command: string, args: readonly string[]): Conversation {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  // What can't be written was for a process that has ended, which the missing answer tells.
  child.stdin.on('error', () => undefined);
  return {
    async ask(question) {
      child.stdin.write(`${JSON.stringify(question)}\n`);
      const { value: line, done } = await answers.next();
      if (!done) return (JSON.parse(line) as { value: number }).value;
      const [code, signal] = await exited;
      throw new Error(`${name} ended by itself (${signal ?? `exit code ${code}`}).`);
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await exited;
    },
  };
}

/** Answers until stdin ends; what it throws ends the process. */
export async function answerQuestions(answer: (question: Ask) => number | Promise<number>): Promise<never> {
  for await (const line of createInterface({ input: process.stdin })) {
    const value = await answer(JSON.parse(line) as Ask);
    process.stdout.write(`${JSON.stringify({ value })}\n`);
  }
  process.exit(0);
}
