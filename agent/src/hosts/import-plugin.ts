import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { userInfo } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Plugin, pluginError } from '@dynamic-informer/sdk';
import { pluginOf } from '@dynamic-informer/sdk/host';
import { closedOnTheWay } from './closed-path.ts';

/**
 * Imports a plugin's code. `loaded` gives the files that it has loaded by then, the last one first.
 * @throws a plugin error that says where in which file it fails, if that is known
 */
export async function importPlugin(
  name: string,
  url: string,
  loaded: () => readonly string[],
): Promise<Plugin> {
  let module: unknown;
  try {
    module = await import(url);
  } catch (error) {
    const files = [...loaded(), fileURLToPath(url)];
    const closed = await firstClosed([fileURLToPath(url), ...files.slice(0, LATEST)]);
    if (closed !== undefined) {
      throw pluginError(
        `The plugin "${name}" can't be loaded: the user ${userName()} may not read ${closed}.`,
        {
          code: 'PLUGIN_NOT_READABLE',
          fix: 'Make it readable for that user, or move the plugin to where it is.',
          cause: error,
        },
      );
    }
    const reason = error instanceof Error ? error.message : String(error);
    const place = placeOf(error, files);
    throw pluginError(
      `The plugin "${name}" can't be loaded: ${place === undefined ? '' : `${place}: `}${reason}`,
      {
        code: 'PLUGIN_NOT_LOADED',
        fix:
          place === undefined ? 'See whether its file is there and whether its imports are installed.' : FIX,
        cause: error,
      },
    );
  }
  return pluginOf(module);
}

/** An import fails at one of the files that it came to last. */
const LATEST = 20;
const FIX = 'Correct the code there; it is loaded anew as soon as it changes.';

/** What comes before the text of a line and a mark under it, as Node.js tells of what does not parse. */
const MARKED = /^(?<file>(?:file:\/\/)?\/[^\n]+):(?<line>\d+)\n[\s\S]*?^(?<before> *)\^/m;
const FRAME = /\(?(?<file>(?:file:\/\/)?\/[^\n()]+):(?<line>\d+):(?<column>\d+)\)?$/;

/** FILE:LINE:COLUMN of the fault; `undefined` if nothing says where it is. */
function placeOf(error: unknown, files: readonly string[]): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const stack = String(error.stack);
  const marked = markIn(stack);
  if (marked !== undefined) return marked;
  for (const line of stack.split('\n')) {
    const frame = line.trimStart().startsWith('at ') ? FRAME.exec(line)?.groups : undefined;
    const path = frame && pathOf(String(frame.file));
    if (path !== undefined && files.includes(path)) return `${path}:${frame?.line}:${frame?.column}`;
  }
  return error instanceof SyntaxError ? firstUnparsable(files) : undefined;
}

function markIn(stack: string): string | undefined {
  const mark = stack.startsWith('/') || stack.startsWith('file:') ? MARKED.exec(stack)?.groups : undefined;
  return mark && `${pathOf(String(mark.file))}:${mark.line}:${String(mark.before).length + 1}`;
}

const pathOf = (file: string): string =>
  (file.startsWith('file:') ? fileURLToPath(file) : file).replace(/\?.*$/, '');

/** Node.js does not say which module has no right syntax. The parser of TypeScript says it of JavaScript too. */
function firstUnparsable(files: readonly string[]): string | undefined {
  const { emitWarning } = process;
  // That the parser is an experiment of Node.js' is nothing to print here.
  process.emitWarning = () => undefined;
  try {
    for (const path of files) {
      if (!/\.[cm]?js$/.test(path)) continue;
      try {
        stripTypeScriptTypes(readFileSync(path, 'utf8'), { sourceUrl: path });
      } catch (error) {
        const place = error instanceof Error ? markIn(String(error.stack)) : undefined;
        if (place !== undefined) return place;
      }
    }
    return undefined;
  } finally {
    process.emitWarning = emitWarning;
  }
}

async function firstClosed(files: readonly string[]): Promise<string | undefined> {
  for (const file of files) {
    const closed = await closedOnTheWay(file);
    if (closed !== undefined) return closed;
  }
  return undefined;
}

function userName(): string {
  try {
    return `"${userInfo().username}"`;
  } catch {
    // A number that no account has.
    return String(process.geteuid?.());
  }
}
