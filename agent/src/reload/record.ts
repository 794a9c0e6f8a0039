import type { Logger } from '@dynamic-informer/sdk';
import type { AgentStatus, ReloadResult } from '../status.ts';

type LastReload = NonNullable<AgentStatus['lastReload']>;

/** Remembers what the last look at the configuration came to, and says of each in the log what it came to. */
export class ReloadRecord {
  readonly #log: Logger;
  #last: LastReload | undefined;
  #appliedAt = 0;
  #begun = 0;
  #told = 0;

  constructor(log: Logger) {
    this.#log = log;
  }

  get last(): LastReload | undefined {
    return this.#last;
  }

  /** When a configuration was last applied, in milliseconds since the epoch; 0 if none was. */
  get appliedAt(): number {
    return this.#appliedAt;
  }

  /** The number of a pass whose changes have begun, to be given when it has ended. */
  begin(): number {
    return ++this.#begun;
  }

  /**
   * A pass has ended. One that ends after a later one has no say in what was last. Gives what is to be told of it;
   * `undefined` when it is old news.
   */
  note(result: ReloadResult, order = 0): LastReload | undefined {
    const isNews = order >= this.#told;
    if (isNews) {
      this.#told = order;
      this.#last = { at: Date.now(), result };
    }
    if (result.successful) this.#applied(result);
    // Who starts the agent shows what is wrong with its first configuration.
    else if (this.#appliedAt > 0) this.#rejected(result);
    return isNews ? this.#last : undefined;
  }

  #applied({ opened, replaced, adjusted, closed }: ReloadResult): void {
    this.#appliedAt = Date.now();
    this.#log.info('configuration applied', {
      opened: opened.length,
      replaced: replaced.length,
      adjusted: adjusted.length,
      closed: closed.length,
    });
  }

  #rejected({ errors }: ReloadResult): void {
    for (const error of errors) this.#log.error('configuration error', { error });
    this.#log.error('configuration rejected, nothing was changed', { errors: errors.length });
  }
}
