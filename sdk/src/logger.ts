/**
 * `error`: the operator has to act. `warn`: somebody should look. `info`: a state changed. `debug`: for whoever
 * looks for a mistake.
 */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/**
 * One line a call; `fields` are shown as they are, so they hold no secrets. The agent cuts long texts, long lists and
 * what is nested deeper than four objects, and leaves out lines beyond `log_lines` a second.
 */
export type LogMethod = (message: string, fields?: Readonly<Record<string, unknown>>) => void;

/** A method for each level. In the agent each line gets the resource's name, and secrets that the agent knows are masked. */
export type Logger = Readonly<Record<LogLevel, LogMethod>>;

/** A logger over one function that receives every line. */
export function makeLogger(
  write: (level: LogLevel, message: string, fields: Readonly<Record<string, unknown>>) => void,
): Logger {
  const method =
    (level: LogLevel): LogMethod =>
    (message, fields = {}) =>
      write(level, message, fields);
  return { debug: method('debug'), info: method('info'), warn: method('warn'), error: method('error') };
}
