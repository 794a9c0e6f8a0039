import { type ErrorInfo, makeLogger } from '@dynamic-informer/sdk';
import { expect, it } from 'vitest';
import type { CollectOutcome } from './contract.ts';
import { ResourceLog } from './resource-log.ts';

const spaced: ErrorInfo = {
  code: 'LIMIT_CPU',
  class: 'plugin',
  message: 'The next collect is started in 3 s.',
};
const refused: ErrorInfo = { code: 'TARGET_REFUSED', class: 'target', message: 'No.' };

/** The lines that collects leave which ended so. */
function linesOf(...collects: [CollectOutcome, ...ErrorInfo[]][]): string[] {
  const lines: string[] = [];
  const log = new ResourceLog(makeLogger((level, message) => lines.push(`${level} ${message}`)));
  for (const [outcome, ...errors] of collects) log.collected('a', 'p', { outcome, errors }, undefined);
  return lines;
}

it('collects that are spaced out for the CPU budget say nothing of the resource, in between or after', () => {
  expect(linesOf(['ok'], ['limit', spaced], ['ok'], ['limit', spaced], ['limit', spaced], ['ok'])).toEqual(
    [],
  );
  expect(
    linesOf(['target', refused], ['limit', spaced], ['target', refused], ['limit', spaced], ['ok']),
  ).toEqual(['warn collect failed', 'info resource is well again']);
});
