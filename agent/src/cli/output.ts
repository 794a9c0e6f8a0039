import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { configError, toErrorInfo } from '@dynamic-informer/sdk';

/** Prints an error for a person and ends with 1. */
export function fail(error: unknown): void {
  const { code, message, fix } = toErrorInfo(error);
  const internal = code === 'PLUGIN_FAILED' && error instanceof Error ? `\n${error.stack}` : '';
  const line = fix ? `${message.replace(/\.$/, '')}; ${fix}` : message;
  process.stderr.write(`informer: ${line}${internal}\n`);
  process.exitCode = 1;
}

const PLACES = ['informer.yaml', '/etc/informer/informer.yaml'];

/** The configuration's file: the one that was named, or the first that is there. */
export function configFile(named: string | undefined): string {
  const found = foundConfigFile(named);
  if (found !== undefined) return found;
  throw configError(`There is no configuration at ${PLACES.join(' or ')}.`, {
    code: 'CONFIG_NOT_FOUND',
    fix: 'name one with --config, or write one with "informer init"',
  });
}

/** The same, `undefined` if none was named and none is there. */
export function foundConfigFile(named: string | undefined): string | undefined {
  const found = named ?? PLACES.find((file) => existsSync(file));
  return found === undefined ? undefined : resolve(found);
}
