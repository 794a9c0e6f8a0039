import type { ParsedFamily } from '../exposition/parse/family.ts';
import { shown } from '../exposition/parse/report.ts';
import type { Problem, Rule } from './rule.ts';

/** Units that names are written in, to the base unit of each: prometheus.io/docs/practices/naming. */
const BASE_UNITS: ReadonlyMap<string, string> = new Map([
  ...['amperes', 'bytes', 'celsius', 'grams', 'joules', 'kelvin', 'meters', 'metres', 'seconds', 'volts'].map(
    (unit): [string, string] => [unit, unit],
  ),
  ...['minutes', 'hours', 'days', 'weeks'].map((unit): [string, string] => [unit, 'seconds']),
  ['percent', 'ratio'],
  ['kelvins', 'kelvin'],
  ['fahrenheit', 'celsius'],
  ['rankine', 'celsius'],
  ...['inches', 'yards', 'miles'].map((unit): [string, string] => [unit, 'meters']),
  ['bits', 'bytes'],
  ['calories', 'joules'],
  ...['pounds', 'ounces'].map((unit): [string, string] => [unit, 'grams']),
]);

const PREFIX =
  /^(?:pico|nano|micro|milli|centi|deci|deca|hecto|kilo|kibi|mega|mebi|mibi|giga|gibi|tera|tebi|peta|pebi)(?=[a-z])/;

/** Abbreviations, and what they most likely stand for. */
const ABBREVIATIONS: ReadonlyMap<string, string> = new Map([
  ...['s', 'ms', 'us', 'ns', 'sec', 'h', 'd'].map((unit): [string, string] => [unit, 'seconds']),
  ...['b', 'kb', 'mb', 'gb', 'tb', 'pb'].map((unit): [string, string] => [unit, 'bytes']),
  ['m', 'meters or seconds'],
]);

const baseOf = (word: string): string | undefined =>
  BASE_UNITS.get(word) ?? BASE_UNITS.get(word.replace(PREFIX, ''));

const base: Rule = {
  name: 'unit-base',
  *check({ name }) {
    const words = name.split('_');
    const unit = words.find((word) => baseOf(word) !== undefined);
    const wanted = unit === undefined ? undefined : baseOf(unit);
    if (unit === undefined || wanted === undefined || unit === wanted) return;
    const renamed = words.map((word) => (word === unit ? wanted : word)).join('_');
    yield {
      message: `${shown(unit)} is not a base unit`,
      fix: `convert the value to ${wanted} and name it ${shown(renamed)}`,
    };
  },
};

const abbreviation: Rule = {
  name: 'unit-abbreviation',
  *check({ name }) {
    for (const word of new Set(name.toLowerCase().split('_').slice(1))) {
      const unit = ABBREVIATIONS.get(word);
      if (unit === undefined) continue;
      const fix = `give the value in a base unit and write that in full, such as ${unit}`;
      yield { message: `${shown(word)} in the name abbreviates a unit`, fix };
    }
  },
};

/** Only what a UNIT line or a descriptor says; text has no units. */
const suffix: Rule = {
  name: 'unit-suffix',
  *check({ name, unit = '', type }): Iterable<Problem> {
    if (unit === '') return;
    if (type === 'info' || type === 'stateset') {
      yield {
        message: `the ${type} has a unit, ${shown(unit)}`,
        fix: 'remove the UNIT line: it measures nothing',
      };
    } else if (!name.replace(/_total$/, '').endsWith(`_${unit}`)) {
      const fix = `rename it to ${shown(`${name.replace(/_total$/, '')}_${unit}`)}, or correct the unit`;
      yield { message: `the name does not end in its unit, ${shown(unit)}`, fix };
    }
  },
};

const MEASURED_IN =
  /\bin ((?:nano|micro|milli)?seconds|(?:kilo|kibi|mega|mebi|giga|gibi)?bytes)\b(?! per\b)/i;

const inHelp: Rule = {
  name: 'unit-in-help',
  *check({ name, help = '', type }: ParsedFamily) {
    if (type === 'info' || type === 'stateset' || type === 'untyped') return;
    const unit = MEASURED_IN.exec(help)?.[1]?.toLowerCase();
    if (
      unit === undefined ||
      name
        .toLowerCase()
        .split('_')
        .some((word) => baseOf(word) !== undefined)
    )
      return;
    const wanted = unit.endsWith('bytes') ? 'bytes' : 'seconds';
    const stem = name.replace(/_total$/, '');
    const renamed = `${stem}_${wanted}${name.slice(stem.length)}`;
    yield {
      message: `the help text says that it is in ${unit}, the name does not`,
      fix: `${unit === wanted ? 'name' : `convert the value to ${wanted} and name`} it ${shown(renamed)}`,
    };
  },
};

export const unitRules: readonly Rule[] = [base, abbreviation, suffix, inHelp];
