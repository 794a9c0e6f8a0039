import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { program } from './packages.ts';
import { freePort } from './ports.ts';
import { type RunningProcess, startProcess } from './process.ts';
import { type RunningServer, running } from './server.ts';
import { temporaryFolder } from './temp.ts';

export interface NginxOptions {
  port?: number;
  /** Directives inside the `server` that listens on the port: `location /health { return 200 "ok"; }`. */
  server?: string;
  /** Directives inside `http`, such as more servers. */
  http?: string;
  /** Written to its folder before it starts; relative paths in the configuration are looked up there. */
  files?: Readonly<Record<string, string>>;
}

export interface Nginx extends RunningServer {
  readonly port: number;
  /** Without a slash at the end. */
  readonly url: string;
  readonly folder: string;
  readonly process: RunningProcess;
}

/** An nginx with one worker. */
export async function startNginx(options: NginxOptions = {}): Promise<Nginx> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder('nginx'));
  const port = options.port ?? (await freePort());
  for (const [name, content] of Object.entries(options.files ?? {})) {
    const file = join(folder.path, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  await writeFile(join(folder.path, 'nginx.conf'), configuration(port, options));
  const url = `http://127.0.0.1:${port}`;
  const server = stack.use(
    await startProcess({
      command: program('nginx'),
      args: ['-p', `${folder.path}/`, '-c', 'nginx.conf', '-e', 'stderr'],
      cwd: folder.path,
      ready: async () => (await fetch(url, { redirect: 'manual' })).status > 0,
    }),
  );
  return running(stack, { port, url, folder: folder.path, process: server });
}

function configuration(port: number, { server = '', http = '' }: NginxOptions): string {
  const scratch = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `
# The worker of a root's nginx would else be nobody, who may not read the temporary folder.
${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
worker_processes 1;
pid nginx.pid;
events { worker_connections 256; }
http {
  access_log off;
  ${scratch.map((name) => `${name}_temp_path ${name};`).join(' ')}
  server {
    listen 127.0.0.1:${port};
    ${server}
  }
  ${http}
}
`;
}
