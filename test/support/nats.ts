import { join } from 'node:path';
import { program } from './packages.ts';
import { freePort } from './ports.ts';
import { type RunningProcess, startProcess } from './process.ts';
import { type RunningServer, running } from './server.ts';
import { temporaryFolder } from './temp.ts';

export interface NatsOptions {
  port?: number;
  monitoringPort?: number;
}

export interface Nats extends RunningServer {
  readonly port: number;
  readonly url: string;
  /** `http://…`, which answers `/varz` and `/jsz`. */
  readonly monitoringUrl: string;
  readonly process: RunningProcess;
}

/** A NATS server with JetStream and its monitoring endpoint. */
export async function startNats(options: NatsOptions = {}): Promise<Nats> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder('nats'));
  const port = options.port ?? (await freePort());
  const monitoringPort = options.monitoringPort ?? (await freePort());
  const monitoringUrl = `http://127.0.0.1:${monitoringPort}`;
  const listen = ['--addr', '127.0.0.1', '--port', String(port), '--http_port', String(monitoringPort)];
  const server = stack.use(
    await startProcess({
      command: program('nats-server'),
      args: [...listen, '--jetstream', '--store_dir', join(folder.path, 'store')],
      cwd: folder.path,
      ready: async (output) =>
        output.includes('Server is ready') && (await fetch(`${monitoringUrl}/healthz`)).ok,
    }),
  );
  return running(stack, { port, url: `nats://127.0.0.1:${port}`, monitoringUrl, process: server });
}
