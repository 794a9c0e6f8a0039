import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { program } from './packages.ts';
import { freePort, isListening } from './ports.ts';
import { type RunningProcess, startProcess } from './process.ts';
import { type RunningServer, running } from './server.ts';
import { temporaryFolder } from './temp.ts';

export interface RabbitmqOptions {
  port?: number;
  managementPort?: number;
  /** More lines of rabbitmq.conf: `collect_statistics_interval = 1000`. */
  config?: string;
}

export interface Rabbitmq extends RunningServer {
  readonly port: number;
  readonly managementPort: number;
  /** `amqp://…`, as guest. */
  readonly url: string;
  /** `http://…` of the management API, as guest. */
  readonly managementUrl: string;
  readonly process: RunningProcess;
  /** Asks the management API (`/api/queues/%2F/orders`) and gives its JSON, or undefined when it sends none. */
  api(method: string, path: string, body?: unknown): Promise<unknown>;
}

/** A RabbitMQ node of its own, with its own epmd, guest/guest and the management plugin. */
export async function startRabbitmq(options: RabbitmqOptions = {}): Promise<Rabbitmq> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder('rmq'));
  const path = (name: string) => join(folder.path, name);
  const port = options.port ?? (await freePort());
  const managementPort = options.managementPort ?? (await freePort());
  const epmdPort = await freePort();
  for (const name of ['mnesia', 'log']) await mkdir(path(name));
  await writeFile(path('plugins'), '[rabbitmq_management].\n');
  await writeFile(
    path('rabbitmq.conf'),
    [
      `listeners.tcp.1 = 127.0.0.1:${port}`,
      'management.tcp.ip = 127.0.0.1',
      `management.tcp.port = ${managementPort}`,
      // A machine with little free disk must not block the publishers of a test.
      'disk_free_limit.absolute = 1MB',
      options.config ?? '',
      '',
    ].join('\n'),
  );
  const erlang = { HOME: folder.path, ERL_EPMD_PORT: String(epmdPort), ERL_EPMD_ADDRESS: '127.0.0.1' };
  // A node without an epmd starts one that outlives it.
  stack.use(
    await startProcess({
      command: program('epmd'),
      cwd: folder.path,
      env: erlang,
      ready: () => isListening(epmdPort),
    }),
  );
  const server = stack.use(
    await startProcess({
      command: program('rabbitmq-server'),
      cwd: folder.path,
      env: {
        ...erlang,
        // The script then becomes the server, and signals reach it.
        RUNNING_UNDER_SYSTEMD: 'true',
        RABBITMQ_NODENAME: `test-${port}@localhost`,
        RABBITMQ_DIST_PORT: String(await freePort()),
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1} -start_epmd false',
        RABBITMQ_CONF_ENV_FILE: path('no-rabbitmq-env.conf'),
        RABBITMQ_CONFIG_FILE: path('rabbitmq.conf'),
        RABBITMQ_ADVANCED_CONFIG_FILE: path('no-advanced.config'),
        RABBITMQ_ENABLED_PLUGINS_FILE: path('plugins'),
        RABBITMQ_MNESIA_BASE: path('mnesia'),
        RABBITMQ_LOG_BASE: path('log'),
        RABBITMQ_LOGS: '-',
        RABBITMQ_PID_FILE: path('pid'),
      },
      ready: (output) => output.includes('Server startup complete'),
      timeout: 50_000,
      // An orderly shutdown takes seconds, and nothing of this node is kept.
      stopSignal: 'SIGKILL',
    }),
  );
  const managementUrl = `http://guest:guest@127.0.0.1:${managementPort}`;
  return running(stack, {
    port,
    managementPort,
    url: `amqp://guest:guest@127.0.0.1:${port}`,
    managementUrl,
    process: server,
    api: (method: string, at: string, body?: unknown) => askManagement(managementPort, method, at, body),
  });
}

async function askManagement(port: number, method: string, path: string, body: unknown): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: { authorization: `Basic ${btoa('guest:guest')}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok)
    throw new Error(`RabbitMQ answered ${method} ${path} with HTTP ${response.status}: ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}
