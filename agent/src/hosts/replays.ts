import type { Plugin } from '@dynamic-informer/sdk';
import { type OpenOptions, runReplay, StreamInput, TEXT_ENCODING } from '@dynamic-informer/sdk/host';
import type { ReplayReply } from '../contract.ts';
import { ReplyEncoder } from './reply-encoder.ts';

/** The replays that are under way in this process; the input is its stdin, so there is one at most. */
export class Replays {
  readonly #inputs = new Map<string, StreamInput>();

  async run(
    id: string,
    name: string,
    plugin: Plugin,
    config: unknown,
    options: Omit<OpenOptions, 'state' | 'signal'>,
  ): Promise<ReplayReply> {
    const input = new StreamInput(name, process.stdin);
    this.#inputs.set(id, input);
    try {
      const { collected, text, report } = await runReplay(plugin, config, input, options);
      const reply = new ReplyEncoder(Number.MAX_SAFE_INTEGER).encode(collected, [TEXT_ENCODING]);
      const { error } = input;
      if (!error) return { ...reply, text, report };
      return { ...reply, outcome: 'target', errors: [error, ...reply.errors], text, report };
    } finally {
      this.#inputs.delete(id);
    }
  }

  /** The bytes that have been read, 0 before the beginning and after the end. */
  bytes(id: string): number {
    return this.#inputs.get(id)?.progress.bytes ?? 0;
  }

  /** What comes is not read any more. */
  end(id: string): void {
    this.#inputs.get(id)?.end();
  }
}
