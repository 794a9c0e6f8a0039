import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { SlowFirst } from './support/slow-first.ts';

export default defineConfig({
  test: {
    root: fileURLToPath(new URL('..', import.meta.url)),
    include: [
      'sdk/src/**/*.test.ts',
      'agent/src/**/*.test.ts',
      'agent/page/src/**/*.test.ts',
      'plugins/*/**/*.test.ts',
      'test/{support,integration,e2e,chaos,bench}/**/*.test.ts',
      'deploy/**/*.test.ts',
    ],
    exclude: ['**/node_modules/**', '**/dist/**'],
    globalSetup: ['test/support/global-setup.ts'],
    pool: 'forks',
    sequence: { sequencer: SlowFirst },
    maxWorkers: 2,
    testTimeout: process.env.CHAOS === 'long' ? 600_000 : 30_000,
    hookTimeout: 60_000,
  },
});
