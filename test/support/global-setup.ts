import { installPackages } from './packages.ts';

/**
 * Once before all tests. What is missing and can't be installed fails the tests that need it, not those
 * that don't.
 */
export default async function setup(): Promise<void> {
  const report = (line: string) => void process.stderr.write(`${line}\n`);
  const advice = await installPackages(report);
  if (advice !== undefined) report(advice);
}
