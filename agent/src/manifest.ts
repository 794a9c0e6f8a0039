import { join } from 'node:path';
import { type ErrorInfo, type InformerError, pluginError, toErrorInfo } from '@dynamic-informer/sdk';
import { type Needs, needsOf } from '@dynamic-informer/sdk/docs';
import { fixForUnknown } from '@dynamic-informer/sdk/host';
import type { FilesRead } from './files-read.ts';

export const HOST_KINDS = ['shared', 'own', 'dedicated'] as const;
export type HostKind = (typeof HOST_KINDS)[number];

/** What the package.json of a plugin says of it, without its code being run. */
export interface Manifest {
  /** The name under which configurations use it; absent if the package holds no plugin. */
  readonly plugin: string | undefined;
  readonly host: HostKind | undefined;
  /** `undefined` if it does not say what it needs. */
  readonly needs: Needs | undefined;
  readonly version: string;
  readonly description: string;
  /** As Node.js reads them. */
  readonly exports: unknown;
  readonly main: string | undefined;
  /** Why the package.json can't be used; what of it is right is here all the same. */
  readonly problem: ErrorInfo | undefined;
}

/** The package.json of a folder. */
export const manifestFile = (folder: string): string => join(folder, 'package.json');

/** Reads the package.json of a folder; `undefined` if there is none. */
export async function readManifest(folder: string, reads: FilesRead): Promise<Manifest | undefined> {
  const file = manifestFile(folder);
  let text: string | undefined;
  try {
    text = await reads.text(file);
  } catch (error) {
    const problem = malformed(`It can't be read: ${(error as Error).message}.`, 'Make it readable.');
    return manifestOf({}, inFile(file, problem));
  }
  if (text === undefined) return undefined;
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    const problem = malformed(`It can't be read as JSON: ${(error as Error).message}.`, 'Correct it.');
    return manifestOf({}, inFile(file, problem));
  }
  try {
    return manifestOf(checked(content), undefined);
  } catch (error) {
    return manifestOf(lenient(content), inFile(file, error));
  }
}

type Mapping = Readonly<Record<string, unknown>>;
const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const textOr = <T>(value: unknown, otherwise: T): string | T =>
  typeof value === 'string' ? value : otherwise;

/** @throws a plugin error that names the first thing that is not as it should be */
function checked(content: unknown): Mapping {
  if (!isMapping(content)) throw malformed('It holds no mapping.', 'Write {"informer": {"plugin": "NAME"}}.');
  const { informer } = content;
  if (informer === undefined) return content;
  if (!isMapping(informer)) throw malformed('informer is no mapping.', 'Write {"plugin": "NAME"}.');
  const { plugin, host, needs } = informer;
  if (typeof plugin !== 'string' || plugin === '') {
    throw malformed('informer.plugin is no name.', 'Write the name that the plugin itself has.');
  }
  if (host !== undefined && !(HOST_KINDS as readonly unknown[]).includes(host)) {
    const fix = fixForUnknown(String(host), HOST_KINDS, 'use one of');
    throw malformed(`informer.host is ${JSON.stringify(host)}.`, fix);
  }
  needsOf(needs);
  return content;
}

/** A malformed one, as far as it can be read: enough to name it. */
function lenient(content: unknown): Mapping {
  const mapping = isMapping(content) ? content : {};
  const informer = isMapping(mapping.informer) ? mapping.informer : {};
  return { ...mapping, informer: { plugin: informer.plugin } };
}

function manifestOf(content: Mapping, problem: ErrorInfo | undefined): Manifest {
  const { version, description, exports, main } = content;
  const { plugin, host, needs } = (content.informer ?? {}) as Mapping;
  return {
    plugin: textOr(plugin, undefined),
    host: host as HostKind | undefined,
    needs: needsOf(needs),
    version: textOr(version, ''),
    description: textOr(description, ''),
    exports,
    main: textOr(main, undefined),
    problem,
  };
}

function malformed(message: string, fix: string): InformerError {
  return pluginError(message, { code: 'PLUGIN_BAD_MANIFEST', fix });
}

function inFile(file: string, error: unknown): ErrorInfo {
  const info = toErrorInfo(error);
  return { ...info, message: `${file}: ${info.message}` };
}
