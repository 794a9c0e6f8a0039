import { realpath } from 'node:fs/promises';
import { makePlan, type PlanPorts, type PlanRequest, type PlanResult } from './make-plan.ts';

/** Makes plans for an agent that runs, one at a time. */
export class Planner {
  readonly #ports: PlanPorts;
  readonly #stopped = new AbortController();
  #making: Promise<unknown> | undefined;

  constructor(ports: PlanPorts) {
    this.#ports = ports;
  }

  /** Whether a file is the configuration that the agent was started with, by whatever name. */
  async isOwn(file: string): Promise<boolean> {
    const [own, other] = await Promise.all([this.#ports.configFile, file].map(pathOf));
    return own === other;
  }

  /**
   * Says what would change, and changes nothing. An abort ends it early.
   * @returns `undefined` while another plan is being made
   */
  async plan(request: PlanRequest, signal: AbortSignal): Promise<PlanResult | undefined> {
    if (this.#making) return undefined;
    const making = makePlan(request, this.#ports, AbortSignal.any([signal, this.#stopped.signal]));
    this.#making = making.catch(() => undefined);
    try {
      return await making;
    } finally {
      this.#making = undefined;
    }
  }

  /** Ends the plan that is being made, and its hosts. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#making;
  }
}

/** Without links on the way, as far as it is there. */
const pathOf = (file: string): Promise<string> => realpath(file).catch(() => file);
