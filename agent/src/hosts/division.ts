import type { Member } from '../contract.ts';

/** A part of a group: all of it, or what it was divided into. */
interface Part {
  /** What follows the group's name in the name of the part's host. */
  readonly suffix: string;
  /** Who was assigned to it when it came to be, or since. */
  readonly members: Set<string>;
  /** What it was divided into: by plugin, or in halves. */
  children?: { readonly byPlugin: Map<string, Part> } | { readonly halves: readonly [Part, Part] };
}

/**
 * Which resources of a group live together. A group begins whole; each time that a part of it dies of a
 * cause that nobody can be blamed for, that part is divided, by plugin and then in halves, until the part
 * that dies holds one resource. A resource that is found out lives alone from then on, and what opens
 * anew lives together again.
 */
export class Division {
  /** The group's; a group of one plugin has that plugin's name. */
  readonly #name: string;
  #whole = part('');
  readonly #alone = new Map<string, string>();

  constructor(name: string) {
    this.#name = name;
  }

  /** The suffix of the part that a resource belongs to; empty while the group is whole. */
  placeOf(member: Member): string {
    const alone = this.#alone.get(member.resource);
    if (alone !== undefined) return alone;
    let place = this.#whole;
    for (;;) {
      place.members.add(member.resource);
      if (!place.children) return place.suffix;
      place = childFor(place, member);
    }
  }

  /**
   * Divides the part that died while these lived in it; `false` if it can't be divided.
   * A part that has been divided since is left as it is.
   */
  divide(suffix: string, members: readonly Member[]): boolean {
    const dead = find(this.#whole, suffix);
    if (!dead || dead.children || members.length < 2) return false;
    const plugins = [...new Set(members.map(({ plugin }) => plugin))].sort();
    if (plugins.length > 1) {
      dead.children = {
        byPlugin: new Map(plugins.map((plugin) => [plugin, part(`${suffix}/${plugin}`)])),
      };
    } else {
      const names = members.map(({ resource }) => resource).sort();
      const middle = Math.ceil(names.length / 2);
      dead.children = {
        halves: [part(`${suffix}/1`, names.slice(0, middle)), part(`${suffix}/2`, names.slice(middle))],
      };
    }
    return true;
  }

  /** From now on this resource lives alone; the others are no longer suspected. */
  isolate({ resource, plugin }: Member): void {
    if (this.#alone.has(resource)) return;
    this.#alone.set(resource, plugin === this.#name ? `/${resource}` : `/${plugin}/${resource}`);
    this.#whole = part('');
  }
}

const part = (suffix: string, members: Iterable<string> = []): Part => ({
  suffix,
  members: new Set(members),
});

function childFor({ suffix, children }: Part, { resource, plugin }: Member): Part {
  if (children && 'byPlugin' in children) {
    const present = children.byPlugin.get(plugin) ?? part(`${suffix}/${plugin}`);
    children.byPlugin.set(plugin, present);
    return present;
  }
  const [first, second] = (children as { readonly halves: readonly [Part, Part] }).halves;
  if (first.members.has(resource)) return first;
  if (second.members.has(resource)) return second;
  return first.members.size < second.members.size ? first : second;
}

function find(place: Part, suffix: string): Part | undefined {
  if (place.suffix === suffix) return place;
  if (!place.children) return undefined;
  const below = 'byPlugin' in place.children ? place.children.byPlugin.values() : place.children.halves;
  for (const child of below) {
    const found = find(child, suffix);
    if (found) return found;
  }
  return undefined;
}
