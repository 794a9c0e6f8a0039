import type { ErrorInfo } from '@dynamic-informer/sdk';
import { encodingKey, isMetricName, lengthOf, TEXT_ENCODING } from '@dynamic-informer/sdk/host';
import { type CollectReply, OTHER_ENCODINGS_FACTOR } from '../contract.ts';
import type { CheckedFragment, FragmentChecker } from './check-fragment.ts';

/** What a resource may expose. Its host holds it to that, and is not believed. */
export interface ResourceLimits {
  readonly maxSeries: number;
  readonly maxBytes: number;
}

/** What of a reply is what it says, and what is wrong with the rest. */
export interface CheckedReply {
  readonly given: readonly CheckedFragment[];
  readonly faults: readonly ErrorInfo[];
}

const TEXT = encodingKey(TEXT_ENCODING);
/** How many families are named that are not what they say. */
const MAX_FAULTS = 20;

const FOREIGN: ErrorInfo = {
  code: 'PLUGIN_BAD_FRAGMENT',
  class: 'plugin',
  message: '',
  fix: 'The plugin tampers with its host; give it a host of its own and look at its code.',
};

/** Checks what a host sent of one resource, all of its families, and lets others run meanwhile. */
export async function checkReply(
  checker: FragmentChecker,
  { fragments }: Pick<CollectReply, 'fragments'>,
  limits: ResourceLimits,
): Promise<CheckedReply> {
  const given: CheckedFragment[] = [];
  const faults: ErrorInfo[] = [];
  const names = new Set<string>();
  const excess = encodedExcess(fragments, limits);
  if (excess !== undefined) return { given, faults: [{ ...FOREIGN, message: excess }] };
  for (const fragment of fragments) {
    if (checker.isDue) await checker.breathe();
    const { name } = fragment;
    const unchanged = names.has(name) ? undefined : checker.unchanged(fragment);
    if (unchanged !== undefined) {
      names.add(name);
      given.push(unchanged);
      continue;
    }
    const isNamed = isMetricName(name as unknown, fragment.hasLegacyNames !== true);
    const checked = names.has(name)
      ? 'it is there twice'
      : !isNamed
        ? 'that is no name of a metric'
        : fragment.bodies.has(TEXT)
          ? await checker.check(fragment)
          : 'it has no text';
    names.add(name);
    if (typeof checked === 'object') {
      given.push(checked);
    } else if (faults.length < MAX_FAULTS) {
      const message = `The family ${JSON.stringify(name.slice(0, 100))} is refused: ${checked}.`;
      faults.unshift({ ...FOREIGN, message });
    }
  }
  checker.turn();
  const lines = given.reduce((sum, fragment) => sum + fragment.lines, 0);
  if (lines > limits.maxSeries) {
    const message = `Its host sent ${lines} series, where ${limits.maxSeries} are allowed.`;
    faults.unshift({ ...FOREIGN, message });
  }
  return { given, faults };
}

/** Which encoding of a reply is larger than it may be. It is found out from lengths, before anything is read. */
function encodedExcess(
  fragments: CollectReply['fragments'],
  { maxBytes }: ResourceLimits,
): string | undefined {
  const bytes = new Map<string, number>();
  for (const { bodies } of fragments) {
    for (const [key, parts] of bodies) bytes.set(key, (bytes.get(key) ?? 0) + lengthOf(parts));
  }
  for (const [key, sent] of bytes) {
    const allowed = key === TEXT ? maxBytes : OTHER_ENCODINGS_FACTOR * maxBytes;
    if (sent > allowed) {
      return `Its host sent ${sent} bytes of ${key.slice(0, 100)}, where ${allowed} are allowed.`;
    }
  }
  return undefined;
}
