/** What a plan compares: the part that needs a new collector, and the part that can be changed in place. */
export interface Planned {
  readonly name: string;
  /** Plugin code, configuration and host. */
  readonly fingerprint: string;
  /** Schedule, labels, relabel rules, limits, deadlines and the CPU budget. */
  readonly adjustable: string;
}

export type Action<D extends Planned = Planned> =
  | { readonly kind: 'open'; readonly resource: D }
  | { readonly kind: 'replace'; readonly resource: D }
  | { readonly kind: 'adjust'; readonly resource: D }
  | { readonly kind: 'close'; readonly name: string };

/**
 * What has to be done so that what runs becomes what is wanted. Resources that did not change are in no
 * action. Closes come first, so that what they held (ports, locks, names of families) is free.
 */
export function plan<D extends Planned>(
  desired: Iterable<D>,
  running: ReadonlyMap<string, Planned>,
): Action<D>[] {
  const wanted = new Map([...desired].map((resource) => [resource.name, resource]));
  const actions: Action<D>[] = [];
  for (const name of running.keys()) if (!wanted.has(name)) actions.push({ kind: 'close', name });
  for (const resource of wanted.values()) {
    const present = running.get(resource.name);
    if (!present) actions.push({ kind: 'open', resource });
    else if (present.fingerprint !== resource.fingerprint) actions.push({ kind: 'replace', resource });
    else if (present.adjustable !== resource.adjustable) actions.push({ kind: 'adjust', resource });
  }
  return actions;
}
