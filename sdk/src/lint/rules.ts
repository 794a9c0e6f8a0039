import { counterRules } from './counter.ts';
import { distributionRules } from './distribution.ts';
import { duplicateRules } from './duplicate.ts';
import { exemplarRules } from './exemplar.ts';
import { helpRules } from './help.ts';
import { infoRules } from './info.ts';
import { labelRules } from './label.ts';
import { nameRules } from './name.ts';
import { orderRules } from './order.ts';
import { reservedRules } from './reserved.ts';
import type { Rule } from './rule.ts';
import { unitRules } from './unit.ts';

/** All that promlint looks for, and what is sure beyond that. */
export const RULES: readonly Rule[] = [
  ...helpRules,
  ...nameRules,
  ...unitRules,
  ...counterRules,
  ...reservedRules,
  ...distributionRules,
  ...infoRules,
  ...labelRules,
  ...duplicateRules,
  ...exemplarRules,
  ...orderRules,
];
