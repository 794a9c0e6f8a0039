import type { Logger } from '@dynamic-informer/sdk';
import type { ProbeFailure } from './probe.ts';

/** Logs each target when its state changes, not at every probe. */
export class StateLog {
  readonly #logger: Logger;
  readonly #reasons = new Map<string, ProbeFailure['reason']>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  note(target: string, failure: ProbeFailure | undefined): void {
    const before = this.#reasons.get(target);
    if (failure?.reason === before) return;
    if (failure) {
      this.#reasons.set(target, failure.reason);
      this.#logger.warn(`The probe of ${target} fails: ${failure.message}.`, {
        target,
        reason: failure.reason,
      });
    } else {
      this.#reasons.delete(target);
      this.#logger.info(`The probe of ${target} succeeds again.`, { target });
    }
  }
}
