// Loads one configuration in a thread of its own, hands it back, and ends.
import { glob, readFile } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { loadConfig } from './load.ts';

const { file, env } = workerData as { file: string; env: Record<string, string | undefined> };

async function matches(pattern: string, directory: string): Promise<string[]> {
  const found: string[] = [];
  for await (const match of glob(pattern, { cwd: directory })) found.push(match);
  return found;
}

parentPort?.postMessage(await loadConfig(file, { env, readFile, glob: matches }));
