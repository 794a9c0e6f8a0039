import { setTimeout as pause } from 'node:timers/promises';
import { Refused, Unreachable } from './client.ts';
import { clockText } from './time-text.ts';

/** What is shown, and what has to differ for it to be shown again where nothing can be drawn over. */
export interface Report {
  /** As they fit now. */
  readonly lines: () => readonly string[];
  readonly essence: string;
}

const EVERY_MS = 2_000;
const ALTERNATE_SCREEN = '\u001b[?1049h\u001b[?25l';
const MAIN_SCREEN = '\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const CLEAR_TO_END_OF_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';

/**
 * Looks every two seconds until Ctrl-C. A terminal is drawn over; elsewhere what is there is printed anew when it has
 * changed. An agent that is gone is waited for.
 */
export async function watch(look: () => Promise<Report>): Promise<void> {
  const ended = new AbortController();
  const end = () => ended.abort();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, end);
  // Who reads this may go away.
  process.stdout.once('error', end);
  const view = process.stdout.isTTY ? new Screen() : new Printout();
  try {
    await watchUntil(ended.signal, look, view);
  } finally {
    view.close();
  }
}

interface View {
  show(report: Report): void;
  close(): void;
}

async function watchUntil(signal: AbortSignal, look: () => Promise<Report>, view: View): Promise<void> {
  let last: Report | undefined;
  let goneSince: number | undefined;
  while (!signal.aborted) {
    try {
      last = await look();
      goneSince = undefined;
      if (!signal.aborted) view.show(last);
    } catch (error) {
      if (!isGone(error)) throw error;
      goneSince ??= Date.now();
      if (!signal.aborted) view.show(withoutAgent(error.message, goneSince, last));
    }
    await pause(EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

function withoutAgent(message: string, since: number, last: Report | undefined): Report {
  return {
    lines: () => [
      `${message}, since ${clockText(since, Date.now())}; it is tried again every ${EVERY_MS / 1000} s`,
      ...(last ? ['', 'Before that:', '', ...last.lines()] : []),
    ],
    essence: `gone since ${since}`,
  };
}

/** An agent that is just starting or ending may answer with an error of its own. */
const isGone = (error: unknown): error is Error =>
  error instanceof Unreachable || (error instanceof Refused && error.status >= 500);

/** The terminal's other screen, which leaves what was there before as it was. */
class Screen implements View {
  #last: Report | undefined;
  readonly #redraw = () => {
    if (this.#last) this.show(this.#last);
  };

  constructor() {
    process.stdout.write(ALTERNATE_SCREEN);
    process.stdout.on('resize', this.#redraw);
  }

  show(report: Report): void {
    this.#last = report;
    const rows = Math.max(2, process.stdout.rows ?? 24);
    const lines = report.lines();
    const fit =
      lines.length <= rows
        ? lines
        : [...lines.slice(0, rows - 1), `… and ${lines.length - rows + 1} lines more`];
    // In one write, each line over the old one: nothing flickers.
    const text = fit.map((line) => `${line}${CLEAR_TO_END_OF_LINE}`).join('\r\n');
    process.stdout.write(`${HOME}${text}${CLEAR_BELOW}`);
  }

  close(): void {
    process.stdout.off('resize', this.#redraw);
    process.stdout.write(MAIN_SCREEN);
  }
}

/** A pipe or a file: every state once. */
class Printout implements View {
  #essence: string | undefined;

  show({ lines, essence }: Report): void {
    if (essence === this.#essence) return;
    const isFirst = this.#essence === undefined;
    this.#essence = essence;
    process.stdout.write(`${isFirst ? '' : '\n'}${new Date().toISOString()}\n${lines().join('\n')}\n`);
  }

  close(): void {}
}
