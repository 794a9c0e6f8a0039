import { Agent } from 'node:https';
import { connect, type Socket } from 'node:net';
import { type AgentUnderTest, startAgent } from './agent.ts';

export const basic = (user: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** Keeps one connection open, whatever is asked on it. */
export const oneConnection = (): Agent => new Agent({ keepAlive: true, maxSockets: 1 });

export interface WebAgent extends AgentUnderTest {
  readonly port: number;
  /** `http://127.0.0.1:PORT`, or with https. */
  readonly url: string;
}

/** An agent with a TCP address and the exporter-toolkit file `web.yml`, if one is given. */
export async function startWebAgent(
  options: {
    webFile?: string;
    /** More of `web`: `key: value, key: value`. */
    web?: string;
    files?: Readonly<Record<string, string>>;
    config?: string;
    plugins?: Readonly<Record<string, string>>;
  } = {},
): Promise<WebAgent> {
  const { webFile, web, files, config = 'resources: {}\n', plugins } = options;
  const keys = [
    ...(webFile === undefined ? [] : ['config_file: web.yml']),
    ...(web === undefined ? [] : [web]),
  ];
  const run = await startAgent({
    config,
    listen: ['127.0.0.1:0'],
    files: { ...files, ...(webFile !== undefined && { 'web.yml': webFile }) },
    ...(plugins && { plugins }),
    ...(keys.length > 0 && { web: keys.join(', ') }),
  });
  const url = run.agent.url?.replace(/\/$/, '') ?? '';
  return Object.assign(run, { url, port: Number(url.split(':').at(-1)) });
}

/** A connection that bytes are written to as they are. Collects what comes back. */
export class RawClient implements Disposable {
  readonly socket: Socket;
  received = '';
  isClosed = false;

  constructor(port: number, localAddress = '127.0.0.1') {
    this.socket = connect({ port, host: '127.0.0.1', localAddress });
    this.socket.on('data', (chunk: Buffer) => {
      this.received += chunk.toString('latin1');
    });
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => {
      this.isClosed = true;
    });
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}
