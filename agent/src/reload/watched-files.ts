import { join } from 'node:path';
import pLimit from 'p-limit';
import { disk } from '../config/disk.ts';
import { globFiles, globFolders } from '../config/include.ts';
import type { Seen, SeenFile } from '../config/look.ts';
import { CONCURRENT_READS, digestOf } from '../config/source-files.ts';
import type { Digests } from '../config/types.ts';
import { type DesiredResource, withFiles } from '../resources/desired.ts';
import { CodeFiles } from './code-files.ts';
import type { Places } from './places.ts';

/** More of one configuration are not watched. */
const MOST_GLOBS = 1_000;

/** A path or glob as a configuration has it, and the folder that it is relative to. */
interface Glob {
  readonly directory: string;
  readonly pattern: string;
}

/** A glob with the files that it names now, by absolute path. */
interface SeenGlob {
  readonly glob: Glob;
  /** Which files there are, and why not all can be told. */
  readonly listing: SeenFile;
  readonly files: ReadonlyMap<string, SeenFile>;
}

/**
 * Knows the files that plugins read because their configurations name them, and whether they have changed. Resources that
 * name none cost nothing; those that name the same have it read once a look.
 */
export class WatchedFiles {
  readonly #files: Pick<CodeFiles, 'begin' | 'at'>;
  readonly #limit = pLimit(CONCURRENT_READS);
  /** By the fingerprint of a resource without its files: what its plugin has said that its configuration names. */
  #named = new Map<string, readonly string[]>();
  #taken: readonly SeenGlob[] = [];

  constructor(files: Pick<CodeFiles, 'begin' | 'at'> = new CodeFiles()) {
    this.#files = files;
  }

  /** What a plugin says of a resource's configuration. */
  learn({ fingerprint }: DesiredResource, patterns: readonly string[]): void {
    if (patterns.length > 0) this.#named.set(fingerprint, patterns.slice(0, MOST_GLOBS));
  }

  /** Looks at files as they are from now on, each once. */
  look(): FilesLook {
    return new FilesLook({
      named: (fingerprint) => this.#named.get(fingerprint),
      see: (glob) => this.#see(glob),
      take: (used, globs) => {
        this.#named = new Map([...this.#named].filter(([fingerprint]) => used.has(fingerprint)));
        this.#taken = globs;
      },
    });
  }

  /** What there was when the last look was taken: a change of it is a reason for another. */
  get digests(): Digests {
    return digestsOf(this.#taken);
  }

  /** Looks at all of that once more. */
  async lookAgain(): Promise<Seen> {
    const seen = new Map<string, SeenFile>();
    this.#files.begin();
    for (const { glob } of this.#taken) {
      for (const [key, file] of entriesOf(await this.#see(glob))) seen.set(key, file);
    }
    return seen;
  }

  /** Adds what has to be watched for that. */
  async addPlaces(places: Places): Promise<void> {
    for (const { glob, files } of this.#taken) {
      for (const [folder, patterns] of await globFolders([glob.pattern], glob.directory, disk.glob)) {
        await places.addFolder(folder, { patterns });
      }
      for (const path of files.keys()) await places.add(path);
    }
  }

  async #see(glob: Glob): Promise<SeenGlob> {
    const { files, problems } = await globFiles([glob.pattern], glob.directory, disk.glob);
    const listing = [...files, ...problems.map(({ message }) => message)].join('\n');
    const digest = digestOf(Buffer.from(listing));
    const seen = await this.#limit.map(files, async (path) => [path, await this.#files.at(path)] as const);
    return { glob, listing: { digest, stamp: digest, isFinished: false }, files: new Map(seen) };
  }
}

interface LookPorts {
  named(fingerprint: string): readonly string[] | undefined;
  see(glob: Glob): Promise<SeenGlob>;
  take(used: ReadonlySet<string>, globs: readonly SeenGlob[]): void;
}

/** What resources' files are while one configuration is looked at. */
export class FilesLook {
  readonly #ports: LookPorts;
  readonly #seen = new Map<string, Promise<SeenGlob>>();
  readonly #files = new Map<string, Promise<Digests>>();
  /** What was seen, once it has been. */
  readonly #globs: SeenGlob[] = [];
  readonly #used = new Set<string>();

  constructor(ports: LookPorts) {
    this.#ports = ports;
  }

  /** The resource with the files that its configuration names, as far as that is known; else as it is. */
  async withFiles(resource: DesiredResource): Promise<DesiredResource> {
    const { fingerprint, directory } = resource;
    const patterns = this.#ports.named(fingerprint);
    if (patterns === undefined) return resource;
    this.#used.add(fingerprint);
    return withFiles(resource, await this.#filesOf(directory, patterns));
  }

  /** What was seen, in the terms of `WatchedFiles.digests`. */
  get digests(): Digests {
    return digestsOf(this.#globs);
  }

  /** From now on this is what is known: only a change of it is a reason for another look. */
  take(): void {
    this.#ports.take(this.#used, this.#globs);
  }

  /** For the same globs the same object: it is hashed once. */
  #filesOf(directory: string, patterns: readonly string[]): Promise<Digests> {
    const key = JSON.stringify([directory, patterns]);
    const known = this.#files.get(key);
    if (known) return known;
    const files = Promise.all(patterns.map((pattern) => this.#see({ directory, pattern }))).then((globs) =>
      Object.fromEntries(
        globs.flatMap((each) => [...each.files].map(([path, { digest }]) => [path, digest])),
      ),
    );
    this.#files.set(key, files);
    return files;
  }

  #see(glob: Glob): Promise<SeenGlob> {
    const key = keyOf(glob);
    let seen = this.#seen.get(key);
    if (!seen) {
      seen = this.#ports.see(glob);
      this.#seen.set(key, seen);
      void seen.then((each) => this.#globs.push(each));
    }
    return seen;
  }
}

const digestsOf = (globs: readonly SeenGlob[]): Digests =>
  Object.fromEntries(globs.flatMap((each) => [...entriesOf(each)].map(([key, { digest }]) => [key, digest])));

/** Under keys that no file of the configuration and none of a plugin's code has. */
function* entriesOf({ glob, listing, files }: SeenGlob): Iterable<[key: string, seen: SeenFile]> {
  yield [keyOf(glob), listing];
  for (const [path, file] of files) yield [`watched:${path}`, file];
}

const keyOf = ({ directory, pattern }: Glob): string => `watched in ${join(directory, '/')}: ${pattern}`;
