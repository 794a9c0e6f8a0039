import type { Descriptor, MetricType } from '@dynamic-informer/sdk';
import { encodingKey, TEXT_ENCODING } from '@dynamic-informer/sdk/host';
import type { metricEntry, metricOwner } from '../api/catalog.ts';
import type { Shown } from '../api/shown.ts';
import type { Fragment } from '../contract.ts';

/** A resource that exposes a metric or may do so. */
export type MetricOwner = Shown<typeof metricOwner>;
/** One metric that the agent exposes or may expose. */
export type MetricEntry = Shown<typeof metricEntry>;

/** What is known of one resource's metrics. */
export interface MetricSource {
  /** `undefined` for the agent itself. */
  readonly owner: MetricOwner | undefined;
  /** What its collector says that it may bring. */
  readonly described: readonly Descriptor[];
  /** Its static labels. */
  readonly labels: Readonly<Record<string, string>>;
  /** Rules may rename what it brings. */
  readonly hasRules: boolean;
  /** What is exposed of it now. */
  readonly shown: readonly Fragment[];
}

type Meta = Pick<MetricEntry, 'name' | 'help' | 'type'> & { readonly unit?: string | undefined };

interface Draft {
  readonly meta: Meta;
  readonly labels: Set<string>;
  readonly owners: MetricOwner[];
  series: number;
}

/** Every metric of the sources, by name. `header` says what stands above a family that is exposed now. */
export function registerOf(
  sources: Iterable<MetricSource>,
  header: (name: string) => Meta | undefined,
): MetricEntry[] {
  const drafts = new Map<string, Draft>();
  const draftOf = (meta: Meta): Draft => {
    const present = drafts.get(meta.name);
    if (present) return present;
    const draft = { meta: header(meta.name) ?? meta, labels: new Set<string>(), owners: [], series: 0 };
    drafts.set(meta.name, draft);
    return draft;
  };
  for (const { owner, described, labels, hasRules, shown } of sources) {
    const touched = new Set<Draft>();
    const known = new Set<string>();
    for (const descriptor of described) {
      const draft = draftOf(descriptor);
      touched.add(draft);
      if (hasRules) continue;
      known.add(descriptor.name);
      for (const label of labelsOf(descriptor, labels, owner !== undefined)) draft.labels.add(label);
    }
    for (const fragment of shown) {
      const draft = draftOf(fragment);
      touched.add(draft);
      draft.series += fragment.series;
      if (known.has(fragment.name)) continue;
      for (const label of labelsSeenIn(fragment)) draft.labels.add(label);
    }
    if (owner) for (const draft of touched) draft.owners.push(owner);
  }
  return [...drafts.values()]
    .map(({ meta: { name, help, type, unit }, labels, owners, series }) => ({
      name,
      help,
      type,
      ...(unit && { unit }),
      labels: [...labels].sort(),
      resources: owners,
      series,
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The labels that series of a descriptor have when static labels and the resource's have been added. */
function labelsOf(
  { labels, constLabels }: Descriptor,
  added: Readonly<Record<string, string>>,
  isResource: boolean,
): string[] {
  const own = [...labels, ...Object.keys(constLabels ?? {})];
  if (!isResource) return own;
  const clashes = (label: string) => label === 'resource' || Object.hasOwn(added, label);
  return [
    ...own.map((label) => (clashes(label) ? `exported_${label}` : label)),
    ...Object.keys(added),
    'resource',
  ];
}

const TEXT = encodingKey(TEXT_ENCODING);
/** Of a family, which can be very large. */
const READ_BYTES = 4096;
const PAIR = /([a-zA-Z_][a-zA-Z0-9_]*|"(?:[^"\\]|\\.)*")="(?:[^"\\]|\\.)*"/g;
/** Labels of lines, not of series. */
const LINE_LABELS: Partial<Record<MetricType, string>> = { histogram: 'le', summary: 'quantile' };

/** The names of labels in the first lines of a family. */
function labelsSeenIn({ bodies, type }: Fragment): Set<string> {
  const [start] = bodies.get(TEXT) ?? [];
  const names = new Set<string>();
  if (!start) return names;
  const text = Buffer.from(start.buffer, start.byteOffset, Math.min(start.byteLength, READ_BYTES)).toString();
  // What was cut off has no end of its line.
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  for (const [, name = ''] of whole.matchAll(PAIR)) names.add(name.startsWith('"') ? unquoted(name) : name);
  names.delete(LINE_LABELS[type] ?? '');
  return names;
}

const unquoted = (name: string): string =>
  name.slice(1, -1).replace(/\\(.)/g, (_whole, character: string) => (character === 'n' ? '\n' : character));
