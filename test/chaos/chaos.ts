import { afterAll, describe, it } from 'vitest';
import { type CaseReport, runCase } from './case.ts';
import { type Fault, PLACEMENTS, type Placement } from './fault.ts';
import { LONG } from './set-up.ts';

/** The short form has one agent for what does not live in the shared host. */
const TOGETHER: readonly (readonly Placement[])[] = LONG
  ? PLACEMENTS.map((placement) => [placement])
  : [['shared'], ['own', 'dedicated']];

const TIMEOUT_MS = LONG ? 600_000 : 120_000;

/** Tests that every fault is contained, wherever the bad resource runs, and reports on it in the long form. */
export function contains(faults: readonly Fault[]): void {
  const reports: [string, CaseReport][] = [];
  for (const placements of TOGETHER) {
    describe(`beside twenty healthy resources, in a host that is ${placements.join(' and one that is ')}`, () => {
      for (const fault of faults) {
        const spoils = fault.spoils !== undefined && !placements.every((each) => each === 'dedicated');
        const name = spoils ? `${fault.name} (not contained: ${fault.spoils})` : fault.name;
        it(name, { timeout: TIMEOUT_MS }, async () => {
          reports.push([`${fault.name}, ${placements.join(' and ')}`, await runCase(fault, placements)]);
        });
      }
    });
  }
  afterAll(() => {
    if (LONG) process.stderr.write(`${tableOf(reports)}\n`);
  });
}

function tableOf(reports: readonly (readonly [string, CaseReport])[]): string {
  const rows = reports.map(([name, { scrapes, slowestMs, overrunMs, lates, deaths }]) => {
    const ended = Object.entries(deaths).map(([reason, count]) => `${reason} ${count}`);
    const cells = [
      name,
      scrapes,
      Math.round(slowestMs),
      Math.round(overrunMs),
      lates,
      ended.join(', ') || '-',
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    '| fault | scrapes | slowest answer (ms) | beyond its deadline (ms) | healthy ones late | hosts that ended |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}
