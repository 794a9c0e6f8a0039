import { readFileSync } from 'node:fs';

interface Manifest {
  readonly version: string;
}

/** The agent's version, from its package.json. */
export const VERSION = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as Manifest
).version;
