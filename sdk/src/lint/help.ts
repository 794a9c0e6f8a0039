import type { Rule } from './rule.ts';

const words = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, ' ')
    .trim();

const missing: Rule = {
  name: 'help',
  *check({ help }) {
    if (help === undefined || help.trim() === '') {
      yield { message: 'there is no help text', fix: 'say in a HELP line what it measures' };
    }
  },
};

const empty: Rule = {
  name: 'help-says-nothing',
  *check({ name, help }) {
    if (help === undefined || words(help) === '') return;
    if (words(help) === words(name)) {
      yield { message: 'the help text only repeats the name', fix: 'say what it measures' };
    }
  },
};

export const helpRules: readonly Rule[] = [missing, empty];
