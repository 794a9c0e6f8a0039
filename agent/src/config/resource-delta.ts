import { digestOfText } from './digests.ts';
import { moved } from './place.ts';
import type { Marks, ResourceConfig } from './types.ts';

/** A resource with a digest of all of it, but for how far down in its file it stands. */
export interface DigestedResource {
  readonly digest: string;
  readonly resource: ResourceConfig;
}

/** The resources of a configuration, as the difference from others that the receiver has. */
export interface ResourceDelta {
  /** For each resource the index of the one that it equals, or -1: the next one of `fresh`. */
  readonly origins: readonly number[];
  /** For each resource the line of its key. */
  readonly lines: readonly number[];
  readonly fresh: readonly DigestedResource[];
}

/** What somebody who has resources with these digests needs to have these resources. */
export function deltaOf(resources: readonly ResourceConfig[], known: readonly string[]): ResourceDelta {
  const places = new Map(known.map((digest, index) => [digest, index]));
  const digested = resources.map((resource) => ({ digest: digestOf(resource), resource }));
  const origins = digested.map(({ digest }) => places.get(digest) ?? -1);
  return {
    origins,
    lines: resources.map(({ marks }) => marks[2]),
    fresh: digested.filter((_, index) => origins[index] === -1),
  };
}

/** The resources that a delta is about. What stands where it stood is the same object. */
export function applyDelta(
  { origins, lines, fresh }: ResourceDelta,
  known: readonly DigestedResource[],
): DigestedResource[] {
  const rest = fresh.values();
  return origins.map((origin, index) => {
    const found = origin === -1 ? rest.next().value : known[origin];
    if (!found) throw new Error('The delta is not one of what is known.');
    const { digest, resource } = found;
    const distance = (lines[index] ?? 1) - resource.marks[2];
    if (distance === 0) return found;
    return { digest, resource: { ...resource, marks: moved(resource.marks, distance) } };
  });
}

/** Everything but `config` and the marks is small; those are hashed once for each time that their file is parsed. */
function digestOf({ marks, config: _config, ...rest }: ResourceConfig): string {
  return digestOfText(JSON.stringify([rest, digestOfMarks(marks)]));
}

const digestsOfMarks = new WeakMap<object, string>();

function digestOfMarks(marks: Marks): string {
  const digest = digestsOfMarks.get(marks) ?? digestOfText(JSON.stringify(moved(marks, -marks[2])));
  digestsOfMarks.set(marks, digest);
  return digest;
}
