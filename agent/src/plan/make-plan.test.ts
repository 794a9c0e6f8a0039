import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeLogger } from '@dynamic-informer/sdk';
import { expect, it } from 'vitest';
import { inProcessHost } from '../hosts/in-process-host.ts';
import { Redactor } from '../redactor.ts';
import { makePlan } from './make-plan.ts';

it('says of what it could not try out in time that it did not, and what would be done all the same', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'di-plan-'));
  try {
    await mkdir(join(folder, 'plugins'));
    await writeFile(join(folder, 'plugins/acme.js'), 'throw new Error("It is not to be loaded.");');
    const file = join(folder, 'informer.yaml');
    await writeFile(file, 'plugin_dirs: [plugins]\nresources: {a: {plugin: acme}, b: {plugin: acme}}\n');
    const log = makeLogger(() => undefined);
    const ports = {
      configFile: file,
      environment: {},
      redactor: new Redactor(),
      log,
      startHost: async ({ name }: { name: string }) => inProcessHost(name, () => undefined),
      families: [],
      listensElsewhere: false,
      running: () => undefined,
      exposed: () => undefined,
      override: () => undefined,
    };
    const result = await makePlan({ series: true }, ports, AbortSignal.abort());
    expect(result).toMatchObject({
      plan: {
        running: false,
        summary: { open: 2, seriesUnknown: 2, problems: 2 },
        changes: [
          { kind: 'open', resource: 'a', problem: { code: 'LIMIT_PLAN_TIME' } },
          { kind: 'open', resource: 'b', problem: { code: 'LIMIT_PLAN_TIME' } },
        ],
      },
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
