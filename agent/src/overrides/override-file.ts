import { readFile, rename } from 'node:fs/promises';
import { replaceFile } from './replace-file.ts';

/** What somebody switched while the agent ran: it counts instead of `enabled` in the configuration. */
export interface Override {
  readonly enabled: boolean;
  /** When it was made, in milliseconds since the epoch. */
  readonly at: number;
  readonly by: string;
  readonly reason?: string | undefined;
  /** When it ends, in milliseconds since the epoch; without it, when somebody undoes it. */
  readonly until?: number | undefined;
}

/** What is in the file, and what is wrong with it, if anything is. */
export interface ReadOverrides {
  readonly overrides: ReadonlyMap<string, Override>;
  readonly problem: { readonly message: string; readonly fix: string } | undefined;
}

const VERSION = 1;

/** By resource's name. What is not usable is left out, and the file it stood in is set aside under another name. */
export async function readOverrides(path: string): Promise<ReadOverrides> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return { overrides: new Map(), problem: undefined };
    const fix =
      'let the user that the agent runs as read and write it; until then what is switched is not kept';
    return { overrides: new Map(), problem: { message: `${path} can't be read: ${message}`, fix } };
  }
  const { overrides, damage } = parse(text);
  if (damage === undefined) return { overrides, problem: undefined };
  const aside = `${path}.damaged-${new Date().toISOString().replace(/[:.]/g, '')}`;
  const moved = await rename(path, aside).then(
    () => `it was set aside as ${aside}`,
    (error: Error) => `it can't be set aside: ${error.message}`,
  );
  if (overrides.size > 0) await writeOverrides(path, overrides).catch(() => undefined);
  const kept = `${overrides.size} of what was switched at run time ${overrides.size === 1 ? 'is' : 'are'} still known`;
  const fix = 'look with "informer status" whether anything has to be switched again';
  return { overrides, problem: { message: `${path} is damaged: ${damage}; ${moved}; ${kept}`, fix } };
}

/** @throws what the file system says */
export function writeOverrides(path: string, overrides: ReadonlyMap<string, Override>): Promise<void> {
  const content = { version: VERSION, overrides: Object.fromEntries(overrides) };
  return replaceFile(path, `${JSON.stringify(content, null, 2)}\n`);
}

function parse(text: string): { overrides: Map<string, Override>; damage: string | undefined } {
  const overrides = new Map<string, Override>();
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    return { overrides, damage: (error as Error).message };
  }
  const { version, overrides: listed } = (content ?? {}) as { version?: unknown; overrides?: unknown };
  if (version !== VERSION)
    return { overrides, damage: `its version is ${JSON.stringify(version)}, not ${VERSION}` };
  if (!isObject(listed)) return { overrides, damage: 'it has no "overrides"' };
  let damage: string | undefined;
  for (const [name, value] of Object.entries(listed)) {
    if (isOverride(value)) overrides.set(name, value);
    else damage ??= `what it says of ${JSON.stringify(name)} is not readable`;
  }
  return { overrides, damage };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function isOverride(value: unknown): value is Override {
  if (!isObject(value)) return false;
  const { enabled, at, by, reason, until } = value;
  return (
    typeof enabled === 'boolean' &&
    Number.isFinite(at) &&
    typeof by === 'string' &&
    (reason === undefined || typeof reason === 'string') &&
    (until === undefined || Number.isFinite(until))
  );
}
