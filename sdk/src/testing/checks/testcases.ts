import { strict as assert } from 'node:assert';
import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toErrorInfo } from '../../errors.ts';
import type { Demand } from '../check.ts';
import { differenceOf } from '../diff.ts';
import { patternOf } from '../pattern.ts';
import type { Subject } from '../subject.ts';

/** `testcases/NAME/config.yaml` with `expected.prom` or `expected.err`, where `*` stands for any text. */
export function testcaseChecks(subject: Subject): Demand[] {
  const cases = join(subject.options.folder, 'testcases');
  const names = existsSync(cases) ? readdirSync(cases).sort() : [];
  return names.map((name) => ({ name: `testcases/${name}`, run: () => runCase(subject, join(cases, name)) }));
}

async function runCase(subject: Subject, directory: string): Promise<void> {
  const { parse } = await import('yaml');
  const variables = (await subject.options.variables?.()) ?? {};
  const read = async (name: string) => substitute(await readFile(join(directory, name), 'utf8'), variables);
  const config: unknown = parse(await read('config.yaml'));
  if (existsSync(join(directory, 'expected.err'))) {
    const expected = (await read('expected.err')).trim();
    const actual = await failureOf(subject, config, directory);
    assert.ok(patternOf(expected)(actual), `expected the error\n  ${expected}\nbut it is\n  ${actual}`);
    return;
  }
  await using collector = await subject.open(config, { directory });
  const { exposition, errors } = await collector.collect();
  const difference = differenceOf(await read('expected.prom'), exposition);
  assert.ok(
    difference === undefined,
    `The exposition is not that of expected.prom:\n${difference}\nerrors: ${JSON.stringify(errors)}`,
  );
}

async function failureOf(subject: Subject, config: unknown, directory: string): Promise<string> {
  try {
    await using collector = await subject.open(config, { directory });
    const [error] = (await collector.collect()).errors;
    return error ? `${error.code}: ${error.message}` : 'no error at all';
  } catch (error) {
    const { code, message } = toErrorInfo(error);
    return `${code}: ${message}`;
  }
}

function substitute(text: string, variables: Record<string, string>): string {
  return text.replace(/\$\{(\w+)\}/g, (whole, name: string) => variables[name] ?? whole);
}
