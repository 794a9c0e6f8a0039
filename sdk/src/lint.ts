// @dynamic-informer/sdk/lint: reads expositions and says what is wrong with them.

export { detectFormat, parseExposition } from './exposition/parse/detect.ts';
export type {
  ExpositionFormat,
  ParsedExemplar,
  ParsedFamily,
  ParsedLabel,
  ParsedSample,
  ParsedType,
  ParseError,
  ParseOptions,
  ParseResult,
} from './exposition/parse/family.ts';
export { parseOpenMetrics } from './exposition/parse/openmetrics.ts';
export { shown } from './exposition/parse/report.ts';
export { parseText } from './exposition/parse/text.ts';
export { type LintOptions, type LintProblem, lint } from './lint/lint.ts';
export type { Problem, Rule } from './lint/rule.ts';
export { RULES } from './lint/rules.ts';
