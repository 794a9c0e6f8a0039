import { type InformerError, pluginError } from '../errors.ts';
import { isMapping } from '../schema/node.ts';
import { fixForUnknown } from '../schema/suggest.ts';
import { configurationSections } from './configuration.ts';

/** What a plugin can say that it needs, in the order in which it is shown. */
export const NEED_KINDS = ['hosts', 'paths', 'programs'] as const;

/**
 * What a plugin says that it needs: hosts it talks to, paths it reads or writes, programs it starts. Each is a text for
 * people: a literal (`/proc/stat`, `db.example:5432`), or words with references to the keys of the configuration
 * that decide it (`${config.targets}`). It is declared, not enforced: a plugin can do whatever its user can.
 */
export type Needs = Readonly<Record<(typeof NEED_KINDS)[number], readonly string[]>>;

const LONGEST_NEED = 200;
const REFERENCE = /\$\{([^{}]*)\}/g;
/** A key as the tables of a configuration name it: `tls.ca_file`, `queues[].name`, `headers.*`. */
const CONFIG_KEY = /^config\.([^\s.]+(?:\.[^\s.]+)*)$/;

/**
 * Reads what stands under `informer.needs` in a plugin's package.json; `undefined` if nothing does.
 * @throws a plugin error that names the place
 */
export function needsOf(declared: unknown): Needs | undefined {
  if (declared === undefined) return undefined;
  const place = 'informer.needs';
  if (!isMapping(declared)) {
    throw malformed(place, 'is no mapping', 'Write {"hosts": [], "paths": [], "programs": []}.');
  }
  for (const key of Object.keys(declared)) {
    if ((NEED_KINDS as readonly string[]).includes(key)) continue;
    throw malformed(place, `has an unknown key "${key}"`, fixForUnknown(key, NEED_KINDS, 'the keys are'));
  }
  const texts = (kind: keyof Needs) => textsOf(declared[kind], `${place}.${kind}`);
  return { hosts: texts('hosts'), paths: texts('paths'), programs: texts('programs') };
}

function textsOf(list: unknown, place: string): readonly string[] {
  if (list === undefined) return [];
  if (!Array.isArray(list)) throw malformed(place, 'is no list', 'Write a list of texts.');
  return list.map((text: unknown, index) => textOf(text, `${place}[${index}]`));
}

function textOf(text: unknown, place: string): string {
  if (typeof text !== 'string' || text.trim() === '') {
    throw malformed(place, 'is no text', 'Write a literal, or words with ${config.KEY} in them.');
  }
  if (text.length > LONGEST_NEED || /\p{Cc}/u.test(text)) {
    throw malformed(place, 'is not short', `Write one line of at most ${LONGEST_NEED} characters.`);
  }
  for (const [reference, inner = ''] of text.matchAll(REFERENCE)) {
    if (CONFIG_KEY.test(inner)) continue;
    throw malformed(
      place,
      `refers to ${reference}, which is no key of a configuration`,
      'Write ${config.KEY}.',
    );
  }
  return text;
}

/**
 * Whether every key that the needs refer to is one of the configuration.
 * @throws a plugin error that names the first that is not
 */
export function checkNeeds(needs: Needs, schema: unknown): void {
  const keys = configurationSections(schema).flatMap(({ rows }) => rows.map(({ key }) => key));
  for (const kind of NEED_KINDS) {
    for (const [index, text] of needs[kind].entries()) {
      for (const key of referencesIn(text)) {
        if (keys.includes(key)) continue;
        const place = `informer.needs.${kind}[${index}]`;
        throw malformed(
          place,
          `refers to "${key}", which is no key of the configuration`,
          fixForUnknown(key, keys, 'the keys are'),
        );
      }
    }
  }
}

function referencesIn(text: string): string[] {
  return [...text.matchAll(REFERENCE)].flatMap(([, inner = '']) => CONFIG_KEY.exec(inner)?.[1] ?? []);
}

function malformed(place: string, fact: string, fix: string): InformerError {
  return pluginError(`${place} ${fact}.`, { code: 'PLUGIN_BAD_MANIFEST', fix });
}
