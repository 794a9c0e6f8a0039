// What runs plugins imports beside the SDK itself: the agent's host runtime, the test kit.

export { labelText, seriesHead } from './exposition/escape.ts';
export type { ExposedFamily, FamilyHeader } from './exposition/exposed.ts';
export {
  assemble,
  type Encoding,
  encodeExposition,
  encodeText,
  encodingKey,
  encodingOf,
  type FamilyBody,
  FamilyEncoders,
  FORMATS,
  type Format,
  Headers,
  lengthOf,
  sharedEncoding,
  sortFamilies,
  TEXT_ENCODING,
} from './exposition/formats.ts';
export {
  type Escaping,
  escapeLabelName,
  escapeMetricName,
  isLegacyLabelName,
  isLegacyMetricName,
  shownNames,
} from './exposition/names.ts';
export { type Negotiated, negotiate } from './exposition/negotiate.ts';
export { formatValue } from './exposition/number.ts';
export {
  Gatherer,
  type GatherOptions,
  type GatherResult,
} from './gather/gather.ts';
export { type DropReason, isLabelName, isMetricName, type Problem } from './gather/guard.ts';
export {
  compileRelabel,
  type LabelMap,
  RELABEL_ACTIONS,
  type Relabel,
  type RelabelConfig,
} from './gather/relabel.ts';
export { TEXT_TYPES } from './metric/descriptor.ts';
export { reservedNames } from './metric/reserved.ts';
export {
  type CollectResult,
  OpenedCollector,
  type OpenOptions,
  type Outcome,
  pluginOf,
} from './runtime/collector.ts';
export { type ReplayResult, runReplay } from './runtime/replay.ts';
export { type InputProgress, StreamInput } from './runtime/stream-input.ts';
export { literalsOf, shownKey, tagOf } from './schema/node.ts';
export { fixForUnknown, suggestion } from './schema/suggest.ts';
export { DURATION_EXAMPLE, DURATION_PATTERN, SIZE_EXAMPLE, SIZE_PATTERN } from './schema/units.ts';
export {
  type Check,
  type Checked,
  type CheckOptions,
  type ConfigIssue,
  compileSchema,
} from './schema/validate.ts';
