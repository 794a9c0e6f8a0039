import type { Plugin } from '../plugin.ts';
import type { TSchema } from '../schema/schema.ts';
import type { Check, SuiteOptions } from './check.ts';
import { abortChecks } from './checks/abort.ts';
import { describeChecks } from './checks/describe.ts';
import { processChecks, valueChecks } from './checks/isolation.ts';
import { leakChecks } from './checks/leaks.ts';
import { lintChecks } from './checks/lint.ts';
import { moduleChecks } from './checks/module.ts';
import { readmeChecks } from './checks/readme.ts';
import { schemaChecks } from './checks/schema.ts';
import { secretChecks } from './checks/secrets.ts';
import { stateChecks } from './checks/state.ts';
import { targetChecks } from './checks/target.ts';
import { testcaseChecks } from './checks/testcases.ts';
import { Subject } from './subject.ts';

const TIMEOUT_MS = 60_000;

/**
 * What every plugin has to keep to, and the plugin's own test cases. Each check is a test of its own and opens what it
 * needs; a failure says what is so and what to do. They measure the process that they run in, so that no other test
 * may run in it at the same time.
 */
export function testPlugin<S extends TSchema>(plugin: Plugin<S>, options: SuiteOptions): Check[] {
  const subject = new Subject(plugin as unknown as Plugin, options);
  return [
    moduleChecks,
    schemaChecks,
    processChecks,
    describeChecks,
    lintChecks,
    abortChecks,
    targetChecks,
    leakChecks,
    valueChecks,
    stateChecks,
    secretChecks,
    readmeChecks,
    testcaseChecks,
  ]
    .flatMap((checks) => checks(subject))
    .map((demand) => ({ ...demand, timeout: TIMEOUT_MS }));
}
