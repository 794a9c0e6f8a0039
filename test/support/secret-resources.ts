import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from '@dynamic-informer/sdk';
import { compileSchema } from '@dynamic-informer/sdk/host';
import type { Target } from '@dynamic-informer/sdk/testing';
import { parse } from 'yaml';
import type { SchemaNode } from '../../sdk/src/schema/node.ts';
import { atSecretPlaces, inUrls, type Placed, withoutUserInfo } from '../../sdk/src/testing/secret-places.ts';

const PLUGINS = fileURLToPath(new URL('../../plugins/', import.meta.url));

export interface BuiltIn {
  readonly name: string;
  readonly plugin: Plugin;
  /** What its sample gives it, each with only the keys that it must have. */
  readonly configs: readonly Readonly<Record<string, unknown>>[];
}

/** A valid `config` of a plugin with a secret in it. */
export interface SecretConfig {
  readonly plugin: string;
  readonly place: string;
  readonly config: unknown;
}

/** Every plugin that comes with the agent, with its configurations from its sample.yaml. */
export async function builtIns(): Promise<BuiltIn[]> {
  const manifests = globSync('*/package.json', { cwd: PLUGINS });
  const found = await Promise.all(
    manifests.map(async (manifest): Promise<BuiltIn[]> => {
      const folder = join(PLUGINS, manifest, '..');
      const { informer } = JSON.parse(readFileSync(join(PLUGINS, manifest), 'utf8'));
      if (!informer?.plugin) return [];
      const { default: plugin } = (await import(join(folder, 'index.ts'))) as { default: Plugin };
      const sample = parse(readFileSync(join(folder, 'sample.yaml'), 'utf8')) as {
        resources: Record<string, { config?: Record<string, unknown> }>;
      };
      const configs = Object.values(sample.resources).map(({ config = {} }) =>
        needed(plugin.config as SchemaNode, config),
      );
      return [{ name: informer.plugin, plugin, configs }];
    }),
  );
  return found.flat();
}

/** The sample's configuration with what any branch of the schema requires, and what tells the branches apart. */
function needed(schema: SchemaNode, config: Record<string, unknown>): Record<string, unknown> {
  const nodes = [schema, ...(schema.anyOf ?? [])];
  const names = new Set(nodes.flatMap(({ required = [] }) => required));
  return Object.fromEntries(Object.entries(config).filter(([key]) => names.has(key)));
}

/** Every place of its schema that is marked secret, by the value that tells its branch: what has to be tried. */
export function secretPlaces({ plugin }: BuiltIn): Set<string> {
  const places = new Set<string>();
  const walk = (node: SchemaNode, path: string) => {
    if (node.secret) places.add(path);
    for (const branch of [...(node.anyOf ?? []), ...(node.allOf ?? [])]) walk(branch, path);
    for (const [key, inner] of Object.entries(node.properties ?? {})) walk(inner, `${path}.${key}`);
    for (const inner of Object.values(node.patternProperties ?? {})) walk(inner, `${path}.*`);
    if (typeof node.additionalProperties === 'object') walk(node.additionalProperties, `${path}.*`);
    for (const inner of [node.items ?? []].flat()) walk(inner as SchemaNode, `${path}.0`);
  };
  walk(plugin.config as SchemaNode, 'config');
  return places;
}

/** `config.headers.X-Of-The-Suite` as `secretPlaces` calls it. */
export const placeName = (place: string): string => place.replace('X-Of-The-Suite', '*');

/** The plugin's configurations with a secret in one place each, at a server that a test has made. */
export async function* withSecrets(
  { name, plugin, configs }: BuiltIn,
  target: Target,
  secretAt: (place: string) => string,
): AsyncIterable<SecretConfig> {
  const check = await compileSchema(plugin.config);
  const isValid = async (config: unknown) => {
    const { value, issues } = check(config);
    if (issues.length > 0) return false;
    const problems = await plugin.validate?.(value as never, { directory: process.cwd() });
    return [...(problems ?? [])].length === 0;
  };
  async function* usable({ place, config }: Placed): AsyncIterable<SecretConfig> {
    for (const each of [config, withoutUserInfo(config)]) {
      if (!(await isValid(each))) continue;
      yield { plugin: name, place, config: each };
      return;
    }
  }
  for (const base of configs) {
    const config = JSON.parse(
      JSON.stringify(base).replace(/("[a-z+]+:\/\/(?:[^@"/]*@)?)[^/"]+/g, `$1${target.host}:${target.port}`),
    );
    const marker = 'placeholder';
    for (const { place } of atSecretPlaces(plugin.config as SchemaNode, config, marker)) {
      const secret = secretAt(place);
      const placed = [...atSecretPlaces(plugin.config as SchemaNode, config, secret)].filter(
        (each) => each.place === place,
      );
      for (const each of placed) yield* usable(each);
    }
    for (const { place } of inUrls(config, marker)) {
      const secret = secretAt(place);
      for (const each of inUrls(config, secret)) if (each.place === place) yield* usable(each);
    }
  }
}
