import { type ClientRequest, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';

export interface ServerEvent {
  readonly event: string;
  readonly id: number;
  readonly data: unknown;
}

/** A client of server-sent events on a unix socket, which can stop reading. */
export class EventStream implements AsyncDisposable {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly events: ServerEvent[] = [];
  /** Lines that are comments. */
  comments = 0;
  bytes = 0;
  isEnded = false;
  readonly #request: ClientRequest;
  readonly #response: IncomingMessage;
  #rest = '';

  constructor(sent: ClientRequest, response: IncomingMessage) {
    this.#request = sent;
    this.#response = response;
    this.status = response.statusCode ?? 0;
    this.headers = response.headers;
    response.setEncoding('utf8');
    response.on('data', (text: string) => this.#take(text));
    response.on('error', () => undefined);
    response.on('close', () => {
      this.isEnded = true;
    });
  }

  static open(socketPath: string, query = ''): Promise<EventStream> {
    return new Promise((resolve, reject) => {
      const sent = request({ socketPath, path: `/api/v1/events${query}`, agent: false });
      sent.once('response', (response) => resolve(new EventStream(sent, response)));
      sent.on('error', reject);
      sent.end();
    });
  }

  /** What of that kind has come; `data` in the form that the caller knows it to have. */
  of<T>(event: string): T[] {
    return this.events.filter((one) => one.event === event).map(({ data }) => data as T);
  }

  /** Reads no more, and leaves the connection open. */
  hang(): void {
    this.#response.pause();
  }

  readAgain(): void {
    this.#response.resume();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#request.destroy();
  }

  #take(text: string): void {
    this.bytes += text.length;
    const blocks = (this.#rest + text).split('\n\n');
    this.#rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const lines = block.split('\n');
      this.comments += lines.filter((line) => line.startsWith(':')).length;
      const field = (name: string) =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      const [event, data] = [field('event'), field('data')];
      if (event === undefined || data === undefined) continue;
      this.events.push({ event, id: Number(field('id')), data: JSON.parse(data) });
    }
  }
}
