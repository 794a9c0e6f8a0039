import { createHash } from 'node:crypto';
import { configError } from '../errors.ts';
import { compileAnchored, expand } from './regex.ts';

export const RELABEL_ACTIONS = [
  'replace',
  'keep',
  'drop',
  'keepequal',
  'dropequal',
  'hashmod',
  'labelmap',
  'labeldrop',
  'labelkeep',
  'lowercase',
  'uppercase',
] as const;

/** One rule of Prometheus' `metric_relabel_configs`, with its defaults. */
export interface RelabelConfig {
  source_labels?: readonly string[];
  /** `;` by default. */
  separator?: string;
  target_label?: string;
  /** `(.*)` by default, anchored at both ends. */
  regex?: string;
  modulus?: number;
  /** `$1` by default. */
  replacement?: string;
  action?: (typeof RELABEL_ACTIONS)[number];
}

/** A series' labels by name, `__name__` among them. */
export type LabelMap = Map<string, string>;

/** Changes the labels in place; `false` drops the series. */
export type Relabel = (labels: LabelMap) => boolean;

type Rule = (labels: LabelMap) => boolean;

const LABEL_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const DEFAULT_REGEX = '(.*)';

/**
 * Compiles relabel rules with the semantics of Prometheus' model/relabel package.
 * @throws a config error whose path starts with the rule's index
 */
export function compileRelabel(configs: readonly RelabelConfig[]): Relabel {
  const rules = configs.map((config, index) => {
    try {
      return compileRule(config);
    } catch (error) {
      const {
        code,
        message,
        fix,
        path = [],
      } = error as { code: string; message: string; fix: string; path?: string[] };
      throw configError(message, { code, fix, path: [index, ...path] });
    }
  });
  return (labels) => {
    for (const rule of rules) if (!rule(labels)) return false;
    for (const [name, value] of labels) {
      if (value === '' || (name.startsWith('__') && name !== '__name__')) labels.delete(name);
    }
    return true;
  };
}

function compileRule(config: RelabelConfig): Rule {
  const {
    source_labels: sources = [],
    separator = ';',
    action = 'replace',
    replacement = '$1',
    modulus,
  } = config;
  const pattern = config.regex ?? DEFAULT_REGEX;
  const target = config.target_label ?? '';
  const regex = withPath('regex', () => compileAnchored(pattern));
  const sourceOf = (labels: LabelMap) => sources.map((name) => labels.get(name) ?? '').join(separator);

  checkRule(config, action, target);
  switch (action) {
    case 'replace':
      return (labels) => {
        const match = regex.exec(sourceOf(labels));
        if (!match) return true;
        const name = expand(target, match);
        if (!LABEL_NAME.test(name)) return true;
        set(labels, name, expand(replacement, match));
        return true;
      };
    case 'keep':
      return (labels) => regex.test(sourceOf(labels));
    case 'drop':
      return (labels) => !regex.test(sourceOf(labels));
    case 'keepequal':
      return (labels) => (labels.get(target) ?? '') === sourceOf(labels);
    case 'dropequal':
      return (labels) => (labels.get(target) ?? '') !== sourceOf(labels);
    case 'hashmod':
      return (labels) => set(labels, target, hashMod(sourceOf(labels), modulus ?? 1));
    case 'lowercase':
      return (labels) => set(labels, target, sourceOf(labels).toLowerCase());
    case 'uppercase':
      return (labels) => set(labels, target, sourceOf(labels).toUpperCase());
    case 'labelmap':
      return (labels) => {
        for (const [name, value] of [...labels]) {
          const match = regex.exec(name);
          if (match) set(labels, expand(replacement, match), value);
        }
        return true;
      };
    case 'labeldrop':
      return (labels) => removeWhere(labels, (name) => regex.test(name));
    case 'labelkeep':
      return (labels) => removeWhere(labels, (name) => !regex.test(name));
  }
}

function set(labels: LabelMap, name: string, value: string): true {
  if (value === '') labels.delete(name);
  else labels.set(name, value);
  return true;
}

function removeWhere(labels: LabelMap, remove: (name: string) => boolean): true {
  for (const name of labels.keys()) if (remove(name)) labels.delete(name);
  return true;
}

/** The last eight bytes of the MD5 sum, modulo `modulus`: what Prometheus computes. */
function hashMod(value: string, modulus: number): string {
  const digest = createHash('md5').update(value).digest();
  return String(digest.readBigUInt64BE(8) % BigInt(modulus));
}

function checkRule(config: RelabelConfig, action: string, target: string): void {
  const needsTarget = ['replace', 'hashmod', 'lowercase', 'uppercase', 'keepequal', 'dropequal'];
  if (needsTarget.includes(action) && target === '') {
    throw bad('target_label', `the action "${action}" needs a target_label`, 'add target_label');
  }
  const template = action === 'replace' && target.includes('$');
  if (target !== '' && !template && !LABEL_NAME.test(target)) {
    throw bad('target_label', `"${target}" is not a label name`, 'use letters, digits and underscores');
  }
  if (action === 'hashmod' && !(Number.isSafeInteger(config.modulus) && Number(config.modulus) > 0)) {
    throw bad('modulus', 'the action "hashmod" needs a modulus of 1 or more', 'add modulus');
  }
  if (action === 'labeldrop' || action === 'labelkeep') {
    const extra = (['source_labels', 'target_label', 'separator', 'modulus', 'replacement'] as const).find(
      (key) => config[key] !== undefined,
    );
    if (extra) throw bad(extra, `the action "${action}" takes only a regex`, `remove ${extra}`);
  }
}

function bad(key: string, message: string, fix: string): Error {
  return configError(message, { code: 'CONFIG_BAD_RELABEL', fix, path: [key] });
}

function withPath<T>(key: string, compile: () => T): T {
  try {
    return compile();
  } catch (error) {
    const { code, message, fix } = error as { code: string; message: string; fix: string };
    throw configError(message, { code, fix, path: [key] });
  }
}
