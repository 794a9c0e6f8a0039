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

/**
 * A metric's name for a scraper that asked for this escaping. What is of the old form stays as it is, `dots`
 * or not, as in Prometheus' `model.EscapeMetricFamily`.
 */
export const escapeMetricName = (name: string, escaping: Escaping): string =>
  isLegacyMetricName(name) ? name : escapeName(name, escaping);

/** The same of a label, in whose name a colon is not of the old form. */
export const escapeLabelName = (name: string, escaping: Escaping): string =>
  isLegacyLabelName(name) || escaping === 'allow-utf-8'
    ? name
    : escapeName(name, escaping, isLegacyLabelCharacter);

/**
 * Every name that some scraper sees for this one, itself included. Names that share one of them would be one
 * name to that scraper.
 */
export const shownNames = (name: string, escapeWith = escapeMetricName): string[] => [
  ...new Set(ESCAPINGS.map((escaping) => escapeWith(name, escaping))),
];

/** A label that some scraper could not tell from another one of these, or from the metric's name. */
export function ambiguousLabel(names: readonly string[]): string | undefined {
  const known = new Set(['__name__']);
  // Those that can't give way come first.
  const legacyFirst = [...names].sort((a, b) => Number(isLegacyLabelName(b)) - Number(isLegacyLabelName(a)));
  return legacyFirst.find((name) => {
    const shown = shownNames(name, escapeLabelName);
    if (shown.some((each) => known.has(each))) return true;
    for (const each of shown) known.add(each);
    return false;
  });
}

/** A name by the rules of Prometheus' `model.EscapeName`. */
export function escapeName(name: string, escaping: Escaping, isLegacy = isLegacyCharacter): string {
  if (escaping === 'allow-utf-8' || name === '') return name;
  // Only `dots` changes what is of the old form already: its underscores, so that the way back is clear.
  if (escaping !== 'dots' && [...name].every(isLegacy)) return name;
  const escaped = [...name]
    .map((character, i) => ESCAPERS[escaping](character, isLegacy(character, i)))
    .join('');
  return escaping === 'values' ? `U__${escaped}` : escaped;
}

const isLegacyCharacter = (character: string, i: number): boolean =>
  i === 0 ? /[A-Za-z_:]/.test(character) : /[A-Za-z0-9_:]/.test(character);

const isLegacyLabelCharacter = (character: string, i: number): boolean =>
  character !== ':' && isLegacyCharacter(character, i);

type Escaper = (character: string, isLegacy: boolean) => string;

const ESCAPERS: Readonly<Record<Exclude<Escaping, 'allow-utf-8'>, Escaper>> = {
  underscores: (character, isLegacy) => (isLegacy ? character : '_'),
  dots: (character, isLegacy) =>
    character === '_' ? '__' : character === '.' ? '_dot_' : isLegacy ? character : '__',
  values: (character, isLegacy) => {
    if (character === '_') return '__';
    if (isLegacy) return character;
    return `_${(character.codePointAt(0) ?? 0xfffd).toString(16)}_`;
  },
};
