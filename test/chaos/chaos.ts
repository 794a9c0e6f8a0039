import { describe, it } from 'vitest';
import { runCase } from './case.ts';
import { type Fault, PLACEMENTS, type Placement } from './fault.ts';
import { isLong, report } from './report.ts';

/** The short form has one agent for all. */
const TOGETHER: readonly (readonly Placement[])[] = isLong
  ? PLACEMENTS.map((placement) => [placement])
  : [PLACEMENTS];

const TIMEOUT_MS = isLong ? 600_000 : 240_000;

/** Tests of every fault, wherever the bad resource runs. */
export function contains(faults: readonly Fault[]): void {
  for (const placements of TOGETHER) {
    const where = placements.join(' and ');
    describe(`beside twenty healthy resources, the bad one in a host that is ${where}`, () => {
      for (const fault of faults) {
        const spoils = fault.spoils !== undefined && !placements.every((each) => each === 'dedicated');
        const name = spoils ? `${fault.name} (not contained: ${fault.spoils?.how})` : fault.name;
        it(name, { timeout: TIMEOUT_MS }, async ({ task }) => {
          report({ task }, { case: `${fault.name} (${where})`, ...(await runCase(fault, placements)) });
        });
      }
    });
  }
}
