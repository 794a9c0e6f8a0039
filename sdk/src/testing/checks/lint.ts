import { strict as assert } from 'node:assert';
import type { Demand } from '../check.ts';
import { lintCollector } from '../lint.ts';
import type { Subject } from '../subject.ts';

export function lintChecks(subject: Subject): Demand[] {
  return [
    {
      name: 'names its metrics as the linter wants them',
      async run() {
        await using collector = await subject.open();
        const { exposition } = await collector.collect();
        const { foreignNames } = subject.options;
        const problems = lintCollector(exposition).filter(
          ({ metric }) => foreignNames?.test(metric) !== true,
        );
        const said = problems.map(
          ({ metric, message, fix }) => `The metric "${metric}": ${message}; ${fix}.`,
        );
        assert.ok(said.length === 0, said.join('\n'));
      },
    },
  ];
}
