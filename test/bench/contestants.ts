import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Conversation, startConversation } from './conversation.ts';
import { goProgram } from './go-program.ts';
import { OURS } from './harness.ts';
import type { Changed } from './mix-a.ts';
import type { MixName } from './mixes.ts';
import { CLIENT_PACKAGES, type RenderFormat } from './registries.ts';

/** Somebody whose library runs in a process of its own. `S` is what a process is started with. */
export interface Contestant<S> {
  readonly name: string;
  /** Whether it is installed on this machine. */
  available(): boolean | Promise<boolean>;
  start(setting: S): Promise<Conversation>;
}

/** What the process is for: each has a program for Node.js, and the one in Go knows them all. */
type Role = 'registry' | 'hot-path' | 'memory' | 'collect';

/** One of our library and the npm packages, which are installed with the tests. */
export function inNode<S extends { series: number }>(name: string, role: Role): Contestant<S> {
  // The tests run what the benches run after it is compiled.
  const file = `./${role}-child${extname(import.meta.url)}`;
  const entry = fileURLToPath(new URL(file, import.meta.url));
  return {
    name,
    available: () => true,
    async start(setting) {
      const memory = setting.series >= 1_000_000 ? ['--max-old-space-size=8192'] : [];
      const args = ['--expose-gc', ...memory, entry, JSON.stringify({ library: name, ...setting })];
      return startConversation(describe(name, setting), process.execPath, args);
    },
  };
}

export type GoLibrary = 'client_golang' | 'VictoriaMetrics';

/** A library for Go, as Debian has it. */
export function inGo<S extends { series: number }>(library: GoLibrary, role: Role): Contestant<S> {
  return {
    name: library,
    available: async () => (await goProgram()) !== undefined,
    async start(setting) {
      const program = await goProgram();
      if (program === undefined) throw new Error(`${library} is not installed on this machine.`);
      return startConversation(describe(library, setting), program, [
        JSON.stringify({ library, role, ...setting }),
      ]);
    },
  };
}

const describe = (name: string, { series }: { series: number }) => `${name} with ${series} series`;

export interface RegistrySetting {
  readonly mix: MixName;
  readonly series: number;
  /** What `round` and `change` change. */
  readonly changed: Changed;
  /** Default: text. */
  readonly format?: RenderFormat;
}

export const OUR_REGISTRY = inNode<RegistrySetting>(OURS, 'registry');
export const CLIENT_REGISTRIES = CLIENT_PACKAGES.map((name) => inNode<RegistrySetting>(name, 'registry'));
export const CLIENT_GOLANG = inGo<RegistrySetting>('client_golang', 'registry');

/** Who can hold the mix. */
export function registriesOf(mix: MixName): readonly Contestant<RegistrySetting>[] {
  const all = [OUR_REGISTRY, ...CLIENT_REGISTRIES, CLIENT_GOLANG];
  // Debian's version of it has no histograms with fixed buckets.
  return mix === 'H' ? all : [...all, inGo('VictoriaMetrics', 'registry')];
}
