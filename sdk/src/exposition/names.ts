export const ESCAPINGS = ['underscores', 'dots', 'values', 'allow-utf-8'] as const;
/**
 * What to do with names that are not of the old form, for a scraper that may not know others:
 * prometheus.io/docs/instrumenting/escaping_schemes.
 */
export type Escaping = (typeof ESCAPINGS)[number];

const METRIC_NAME = /^[A-Za-z_:][A-Za-z0-9_:]*$/;
const LABEL_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Whether a metric's name is of the form that every Prometheus and every format understands. */
export const isLegacyMetricName = (name: string): boolean => METRIC_NAME.test(name);
/** The same of a label's. */
export const isLegacyLabelName = (name: string): boolean => LABEL_NAME.test(name);

/** A name for a scraper that asked for this escaping; the rules are those of Prometheus' `model.EscapeName`. */
export function escapeName(name: string, escaping: Escaping): string {
  if (escaping === 'allow-utf-8' || name === '') return name;
  // Only `dots` changes what is of the old form already: its underscores, so that the way back is clear.
  if (escaping !== 'dots' && isLegacyMetricName(name)) return name;
  const escaped = [...name].map((character, i) => ESCAPERS[escaping](character, i)).join('');
  return escaping === 'values' ? `U__${escaped}` : escaped;
}

const isLegacy = (character: string, i: number): boolean =>
  i === 0 ? /[A-Za-z_:]/.test(character) : /[A-Za-z0-9_:]/.test(character);

const ESCAPERS: Readonly<Record<Exclude<Escaping, 'allow-utf-8'>, (character: string, i: number) => string>> =
  {
    underscores: (character, i) => (isLegacy(character, i) ? character : '_'),
    dots: (character, i) =>
      character === '_' ? '__' : character === '.' ? '_dot_' : isLegacy(character, i) ? character : '__',
    values: (character, i) => {
      if (character === '_') return '__';
      if (isLegacy(character, i)) return character;
      return `_${(character.codePointAt(0) ?? 0xfffd).toString(16)}_`;
    },
  };
