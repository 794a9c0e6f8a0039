import { fileURLToPath } from 'node:url';
import { startGoProgram } from './go-program.ts';

const SOURCE = fileURLToPath(new URL('promhttp/main.go', import.meta.url));

type Pair = readonly [name: string, value: string];

export interface GoExemplar {
  readonly labels: readonly Pair[];
  readonly value: string;
  /** Milliseconds since the epoch. */
  readonly timestamp?: number | undefined;
}

export interface GoBuckets {
  readonly spans: readonly { readonly offset: number; readonly length: number }[];
  readonly deltas: readonly number[];
}

/** One series as `client_model` has it: buckets are cumulated. Floats are text, as JSON has no infinity. */
export interface GoSeries {
  /** Sorted. */
  readonly labels: readonly Pair[];
  readonly value?: string;
  readonly timestamp?: number | undefined;
  readonly exemplar?: GoExemplar | undefined;
  readonly sum?: string;
  readonly count?: number;
  readonly quantiles?: readonly (readonly [quantile: string, value: string])[];
  readonly buckets?: readonly {
    readonly bound: string;
    readonly count: number;
    readonly exemplar?: GoExemplar | undefined;
  }[];
  readonly native?:
    | {
        readonly schema: number;
        readonly zeroThreshold: string;
        readonly zeroCount: number;
        readonly positive: GoBuckets;
        readonly negative: GoBuckets;
      }
    | undefined;
}

export interface GoFamily {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'untyped' | 'summary' | 'histogram';
  readonly series: readonly GoSeries[];
}

/** A vector of client_golang, and what is done to it. */
export interface GoInstrument {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'summary' | 'histogram';
  readonly labels: readonly string[];
  readonly buckets?: readonly string[];
  readonly steps: readonly {
    readonly do: 'add' | 'set' | 'observe' | 'delete';
    readonly labels: readonly string[];
    readonly value: string;
  }[];
}

export interface Promhttp extends AsyncDisposable {
  /** What `promhttp.HandlerFor` answers when a registry has these metrics. */
  page(
    accept: string,
    families: readonly GoFamily[],
    instruments?: readonly GoInstrument[],
  ): Promise<{ contentType: string; body: Buffer }>;
  /** Every field of delimited protobuf, as client_model reads it. */
  decode(bytes: Uint8Array): Promise<unknown>;
  /** What `expfmt.NegotiateIncludingOpenMetrics` chooses for each `Accept` header. */
  negotiate(headers: readonly string[]): Promise<string[]>;
}

/** Go reads what JavaScript prints of a number, minus zero aside. */
export const goFloat = (value: number): string => (Object.is(value, -0) ? '-0' : String(value));

/** Builds and starts a program with the client_golang that is installed here. */
export async function startPromhttp(): Promise<Promhttp> {
  const go = await startGoProgram(SOURCE);
  return {
    async page(accept, families, instruments = []) {
      const { contentType, body } = (await go.ask({ accept, families, instruments })) as {
        contentType: string;
        body: string;
      };
      return { contentType, body: Buffer.from(body ?? '', 'base64') };
    },
    decode: (bytes) => go.ask({ decode: Buffer.from(bytes).toString('base64') }),
    negotiate: async (headers) => (await go.ask({ negotiate: headers })) as string[],
    [Symbol.asyncDispose]: () => go[Symbol.asyncDispose](),
  };
}
