// Loads one configuration in a thread of its own, hands it back, and ends.
import { parentPort, workerData } from 'node:worker_threads';
import { disk } from './disk.ts';
import { loadConfig } from './load.ts';

const { file, env, webConfigFile } = workerData as {
  file: string;
  env: Record<string, string | undefined>;
  webConfigFile: string | undefined;
};

parentPort?.postMessage(await loadConfig(file, { ...disk, env, webConfigFile }));
