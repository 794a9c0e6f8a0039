import type { Target } from './hostile.ts';
import type { TestCollect, TestOptions } from './open.ts';

/** What a plugin has to keep to, and how that is seen. */
export interface Demand {
  readonly name: string;
  run(): Promise<void>;
}

/** One check of the suite, for any test runner: `it(check.name, { timeout: check.timeout }, check.run)`. */
export interface Check extends Demand {
  /** Milliseconds: what the longest checks can need on a busy machine, which is more than test runners give by themselves. */
  readonly timeout: number;
}

/** What the suite has to know of every plugin. */
interface CommonOptions extends TestOptions {
  /** The plugin's folder: `import.meta.dirname`. Its `testcases` are checks too. */
  folder: string;
  /** A configuration that opens and collects without an error. */
  config(): unknown;
  /** What `${NAME}` stands for in the test cases. */
  variables?(): Record<string, string> | Promise<Record<string, string>>;
  /** Metrics that bear the names of another exporter, which the linter may find wrong. */
  foreignNames?: RegExp;
  /** Where the plugin's module is, for one that is not its package's; `() => import('./index.ts')`. */
  module?(): Promise<unknown>;
  /** Does to the real target what makes a counter of a stateful plugin rise; without it, collecting has to. */
  exercise?(): unknown;
  /** A configuration that is valid and does not open. */
  failingConfig?(): unknown;
  /** A configuration with `secret` at `place` (`config.auth.password`), for a place that can't be filled alone. */
  secretConfig?(place: string, secret: string): unknown;
  /** The beginning of a good answer of a target, where it is not HTTP. */
  halfAnswer?: string | Uint8Array;
  /** For a plugin whose business it is to say that a target is down: whether this result does. */
  showsFailure?(result: TestCollect): boolean;
}

/** Of a plugin that asks something over the network. */
interface NetworkOptions extends CommonOptions {
  target?: never;
  /** The configuration of `config()` with its target replaced by a server of the suite. */
  configFor(target: Target): unknown;
}

/** Of any other. */
interface LocalOptions extends CommonOptions {
  /** The plugin asks nothing over the network. */
  target: 'none';
  configFor?: never;
}

/** What the suite needs to know of a plugin. */
export type SuiteOptions = NetworkOptions | LocalOptions;
