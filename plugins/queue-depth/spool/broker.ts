import { basename, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type CollectContext,
  type ConfigProblem,
  type InformerError,
  type Sample,
  type Static,
  Type,
} from '@dynamic-informer/sdk';
import { type Broker, defineBroker, duplicateQueues, queueObject, type Reading } from '../broker.ts';
import { lateFailure, queueFailure } from '../failure.ts';
import { bytes, depth, oldestAge } from '../metrics.ts';
import { compilePattern, type Pattern } from './pattern.ts';
import { type Found, type ScanOptions, scan, TooManyEntries } from './scan.ts';

const queueConfig = Type.Object({
  name: Type.String({ minLength: 1, description: "The queue's label." }),
  match: Type.Optional(
    Type.String({
      minLength: 1,
      description: 'Sub folder, or glob of files below path (* ? [..] {..} **); by default the name.',
    }),
  ),
  recursive: Type.Optional(Type.Boolean({ description: "Overrides the broker's recursive for a folder." })),
});

const config = Type.Object({
  broker: Type.Literal('spool', { description: 'Folders in which each file is an entry.' }),
  path: Type.Optional(
    Type.String({ minLength: 1, description: 'The folder; relative to the configuration file.' }),
  ),
  url: Type.Optional(Type.String({ description: 'The folder as file:///PATH, instead of path.' })),
  queues: Type.Optional(
    Type.Array(Type.Union([Type.String({ minLength: 1 }), queueConfig]), {
      minItems: 1,
      description:
        'Sub folders or globs, one queue each; without it the folder is one queue, called as the folder.',
    }),
  ),
  recursive: Type.Boolean({
    default: false,
    description: 'Count the files of the folders below a folder too.',
  }),
  skip_hidden: Type.Boolean({
    default: true,
    description: 'Leave out files and folders whose name begins with a dot.',
  }),
  skip: Type.Array(Type.String({ minLength: 1 }), {
    default: ['*.tmp', '*.part', '*.swp', '*~'],
    description: 'Globs of names to leave out: files that are still being written.',
  }),
  max_entries: Type.Integer({
    minimum: 1,
    default: 100_000,
    description:
      'How many folder entries a collect looks at for one queue; more is an error, not a wrong count.',
  }),
});

const broker = 'spool';

export const spool = defineBroker({
  config,
  *validate(config) {
    yield* folderProblems(config);
    yield* duplicateQueues(config.queues ?? []);
    for (const [index, queue] of (config.queues ?? []).entries()) {
      const { name, match } = { match: undefined, ...queueObject<Static<typeof queueConfig>>(queue) };
      if ((match ?? name).split('/').includes('..')) {
        const path = match === undefined ? ['queues', index] : ['queues', index, 'match'];
        yield {
          path,
          message: 'leads out of the folder',
          fix: 'Name a folder or glob below path, without "..".',
        };
      }
    }
  },
  open(config, context) {
    const { path, url = '', recursive, skip, skip_hidden: skipHidden } = config;
    const root = resolve(context.directory, path ?? fileURLToPath(url));
    const queues = (config.queues ?? [{ name: basename(root), match: '.' }])
      .map(queueObject<Static<typeof queueConfig>>)
      .map((queue) => {
        const { name, match, recursive: own } = { match: queue.name, recursive, ...queue };
        return { name, pattern: compilePattern(match, own) };
      });
    return openSpool({ root, skipHidden, skip }, queues, config.max_entries);
  },
});

function* folderProblems({ path, url }: Static<typeof config>): Iterable<ConfigProblem> {
  if (path !== undefined && url !== undefined) {
    yield { path: ['url'], message: 'the folder is given here and in path', fix: 'Give it in one place.' };
  } else if (url !== undefined && !isFileUrl(url)) {
    const fix = 'Write file:///var/spool/orders, or use path.';
    yield { path: ['url'], message: 'is not the file:// URL of a folder on this machine', fix };
  } else if (path === undefined && url === undefined) {
    yield { path: [], message: 'names no folder', fix: 'Add path: /var/spool/orders.' };
  }
}

function isFileUrl(url: string): boolean {
  try {
    return fileURLToPath(url) !== '';
  } catch {
    return false;
  }
}

function openSpool(
  options: ScanOptions,
  queues: readonly { name: string; pattern: Pattern }[],
  limit: number,
): Broker {
  const { root } = options;
  return {
    // One queue after the other: they share the disk.
    async read({ signal, clock }: CollectContext): Promise<Reading[]> {
      const readings: Reading[] = [];
      for (const { name, pattern } of queues) {
        try {
          signal.throwIfAborted();
          const found = await scan(pattern, options, limit, signal);
          readings.push({ samples: samplesOf(name, found, clock.now()) });
        } catch (error) {
          if (signal.aborted) readings.push({ error: lateFailure(root) });
          else readings.push({ error: failure(root, name, limit, error) });
        }
      }
      return readings;
    },
    // Nothing stays open between collects.
    close: async () => undefined,
  };
}

function samplesOf(queue: string, { files, bytes: size, oldest }: Found, now: number): Sample[] {
  const age = oldest === undefined ? 0 : Math.max(0, now - oldest) / 1000;
  return [
    depth.sample(files, { broker, queue, state: 'ready' }),
    bytes.sample(size, { broker, queue }),
    oldestAge.sample(age, { broker, queue }),
  ];
}

function failure(root: string, queue: string, limit: number, error: unknown): InformerError {
  if (error instanceof TooManyEntries) {
    const fix = 'Raise max_entries (and the timeout), or narrow the queue.';
    return queueFailure(root, queue, `there are more than ${limit} folder entries to look at`, fix);
  }
  const { code = String(error), path = root } = error as NodeJS.ErrnoException;
  const known: Record<string, [fact: string, fix: string]> = {
    ENOENT: [`${path} does not exist`, 'Create the folder, or correct the path in the configuration.'],
    ENOTDIR: [`${path} is not a folder`, 'Name a folder, or a glob for files.'],
    EACCES: [`${path} may not be read`, "Let the agent's account read and enter the folder."],
  };
  const [fact, fix] = known[code] ?? [`${path} can not be read (${code})`, 'Look at the file system.'];
  return queueFailure(root, queue, fact, fix);
}
