import * as ours from '@dynamic-informer/sdk/prom-client';
import successor from '@prometheus-io/client';
import real from 'prom-client';

/** What a program of the test uses; both libraries have it. */
export type Client = typeof ours;
export type Registry = InstanceType<Client['Registry']>;

export const OURS: Client = ours;
/** The types of prom-client 15 lack what JavaScript code has always used, its registry's constructor argument say. */
export const REAL = real as unknown as Client;
export const SUCCESSOR = successor as unknown as Client;

/** What each step of a program led to: what it returned, or its error. */
export type Outcome = { returned: unknown } | { error: { name: string; message: string } };

/** Something that a program does; a failing step does not end it. */
export type Step = (made: Made) => unknown;

/** A client, a registry of its own, and whatever earlier steps kept. */
export interface Made {
  client: Client;
  registry: Registry;
  kept: Record<string, unknown>;
}

export interface Run extends Made {
  outcomes: Outcome[];
}

export async function run(client: Client, steps: readonly Step[], contentType?: string): Promise<Run> {
  const registry = new client.Registry(contentType as never) as Registry;
  const made: Made = { client, registry, kept: {} };
  const outcomes: Outcome[] = [];
  for (const step of steps) {
    try {
      outcomes.push({ returned: await step(made) });
    } catch (error) {
      const { name, message } = error as Error;
      outcomes.push({ error: { name, message } });
    }
  }
  return { ...made, outcomes };
}
