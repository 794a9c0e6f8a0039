import { program } from './packages.ts';
import { freePort } from './ports.ts';
import { type RunningProcess, startProcess } from './process.ts';
import { outputOf } from './run-program.ts';
import { type RunningServer, running } from './server.ts';
import { temporaryFolder } from './temp.ts';

export interface RedisOptions {
  port?: number;
  password?: string;
  /** More of redis-server's arguments: `['--maxmemory', '10mb']`. */
  args?: readonly string[];
}

export interface Redis extends RunningServer {
  readonly port: number;
  readonly url: string;
  readonly process: RunningProcess;
  /** Runs one command through redis-cli and gives its answer, an array as lines. */
  command(...words: readonly string[]): Promise<string>;
}

/** A Redis that keeps nothing on disk. */
export async function startRedis(options: RedisOptions = {}): Promise<Redis> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder('redis'));
  const port = options.port ?? (await freePort());
  const password = options.password;
  const listen = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder.path];
  const server = stack.use(
    await startProcess({
      command: program('redis-server'),
      args: [
        ...listen,
        ...['--save', '', '--appendonly', 'no'],
        ...(password === undefined ? [] : ['--requirepass', password]),
        ...(options.args ?? []),
      ],
      cwd: folder.path,
      ready: (output) => output.includes('Ready to accept connections'),
    }),
  );
  const env = password === undefined ? {} : { REDISCLI_AUTH: password };
  return running(stack, {
    port,
    url: `redis://${password === undefined ? '' : `:${encodeURIComponent(password)}@`}127.0.0.1:${port}`,
    process: server,
    command: (...words: readonly string[]) =>
      outputOf(program('redis-cli'), ['-e', '-h', '127.0.0.1', '-p', String(port), ...words], { env }),
  });
}
