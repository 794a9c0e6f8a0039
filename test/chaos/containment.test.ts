import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { containmentTable } from './containment.ts';
import { eats } from './faults/eats.ts';
import { ends } from './faults/ends.ts';
import { hangs } from './faults/hangs.ts';
import { returns } from './faults/returns.ts';
import { tampers } from './faults/tampers.ts';

it('ARCHITECTURE.md says of every fault what it costs and what is seen of it', async () => {
  const page = await readFile(new URL('../../ARCHITECTURE.md', import.meta.url), 'utf8');
  expect(page).toContain(containmentTable([...hangs, ...ends, ...eats, ...returns, ...tampers]));
});
