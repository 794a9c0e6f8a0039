import type { ChildProcess } from 'node:child_process';
import { HostLog, type HostLogPorts } from './host-log.ts';
import { LOG_LINES } from './log-line.ts';
import { readPaced } from './paced.ts';
import { PrintedLines, type Stream } from './printed-lines.ts';
import { isCount, type Message } from './protocol.ts';

export interface HostOutputPorts extends HostLogPorts {
  /** It has closed one of its streams, maybe because it is ending. */
  closed(stream: Stream): void;
}

/** All that a host says for people to read: what its plugins log, and what is printed in it. */
export class HostOutput {
  readonly #child: ChildProcess;
  readonly #log: HostLog;
  readonly #lines: PrintedLines;
  readonly #unpaced: (() => void)[] = [];

  constructor(child: ChildProcess, linesPerSecond: number | undefined, ports: HostOutputPorts) {
    this.#child = child;
    this.#log = new HostLog(linesPerSecond ?? LOG_LINES, ports);
    this.#lines = new PrintedLines({
      take: () => this.#log.take(),
      show: (line) => this.#log.printed(line),
      holdBack: (lines) => this.#log.holdBack(lines),
    });
    for (const name of ['stdout', 'stderr'] as const) {
      const stream = child[name];
      if (!stream) continue;
      this.#unpaced.push(readPaced(stream, (chunk) => this.#lines.push(chunk, name)));
      stream.on('end', () => ports.closed(name));
    }
  }

  /** The last line on stderr that says something, for the report of a death. */
  get lastWords(): string {
    return this.#lines.lastWords;
  }

  /** A line of a plugin's logger came over the pipe, or how many did not. */
  said(message: Extract<Message, { kind: 'log' | 'held-back' }>): void {
    if (message.kind === 'log') {
      this.#log.logged(message.level, message.resource, message.message, message.fields);
    } else if (isCount(message.lines)) {
      this.#log.holdBack(message.lines, String(message.resource).slice(0, 100));
    }
  }

  /** The process has ended: what it printed last may come at once. */
  drain(): void {
    for (const release of this.#unpaced) release();
  }

  /** The process is gone. Another that has left its group may hold its streams open for ever. */
  close(): void {
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
    this.#log.close();
  }
}
