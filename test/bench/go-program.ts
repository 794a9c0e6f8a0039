import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GO_PACKAGES, goPath, installPackages, program } from '../support/packages.ts';
import { outputOf } from '../support/run-program.ts';
import { startConversation } from './conversation.ts';
import { note } from './harness.ts';

// The sources are where they are written, whether this file runs there or compiled.
const TEST = new URL(import.meta.url.includes('/dist/bench/') ? '../../' : '../', import.meta.url);
const SOURCES = fileURLToPath(new URL('bench/go', TEST));
const BUILT = fileURLToPath(new URL('dist/go', TEST));

let built: Promise<string | undefined> | undefined;

/**
 * The path of the contestants' program in Go, built on the first call. As root on Debian what is missing is
 * installed; undefined, after a line that says why, where it can't be built.
 */
export function goProgram(): Promise<string | undefined> {
  built ??= build().catch((error: unknown) => {
    note(`The peers in Go can't take part: ${error instanceof Error ? error.message : error}`);
    return undefined;
  });
  return built;
}

/** Replaces an exposition as delimited protobuf by what expfmt, as Prometheus' tools do, reads in it, in text. */
export async function decodeProtobuf(file: string): Promise<void> {
  const path = await goProgram();
  if (path === undefined) throw new Error('Without Go nothing here reads protobuf.');
  await using decoder = startConversation('expfmt', path, [JSON.stringify({ role: 'decode' })]);
  await decoder.ask({ do: 'decode', file });
}

async function build(): Promise<string | undefined> {
  const advice = await installPackages(note, GO_PACKAGES);
  if (advice !== undefined) {
    note(`The peers in Go can't take part. ${advice}`);
    return undefined;
  }
  const path = join(BUILT, 'contestants');
  // Another process may build or run it in the same moment.
  const own = `${path}-${process.pid}`;
  await mkdir(BUILT, { recursive: true });
  await outputOf(program('go'), ['build', '-o', own, '.'], {
    cwd: SOURCES,
    env: {
      // Nothing is downloaded, and what the user has set for their own work does not count.
      GO111MODULE: 'off',
      GOPATH: goPath('github.com/prometheus/client_golang'),
      GOFLAGS: '',
      GOENV: 'off',
      GOCACHE: join(BUILT, 'cache'),
      CGO_ENABLED: '0',
    },
  });
  await rename(own, path);
  return path;
}
