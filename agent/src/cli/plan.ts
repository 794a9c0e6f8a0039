import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { styleText } from 'node:util';
import { sourceLines } from '../config/report.ts';
import { createLog } from '../log.ts';
import type { ChangePlan } from '../plan/change-plan.ts';
import { makePlan, type PlanResult } from '../plan/make-plan.ts';
import { Redactor } from '../redactor.ts';
import { SelfMetrics } from '../self/metrics.ts';
import { printIssues } from './check.ts';
import { type AgentAddress, AgentClient, Refused, sayWhyNot, Unreachable } from './client.ts';
import { configFile } from './output.ts';
import { planLines } from './plan-text.ts';
import { processHosts } from './start-host.ts';

type RejectedPlan = Extract<PlanResult, { diagnostics: unknown }>;

interface PlanOptions extends AgentAddress {
  readonly json?: boolean;
  /** `false` with `--no-series`. */
  readonly series: boolean;
}

/** Longer than an agent takes for a plan. */
const DEADLINE_MS = 120_000;

/**
 * Says what an agent would change if it looked at its configuration now. Where no agent runs with the
 * configuration, it is the plan of a start.
 */
export async function plan(options: PlanOptions): Promise<void> {
  const asked = await askAgent(options);
  const result = asked === 'nobody' ? await planAlone(options) : asked;
  if (result === undefined) return;
  if ('diagnostics' in result) {
    await printRejected(result, options);
    process.exitCode = 1;
  } else if (options.json) {
    process.stdout.write(`${JSON.stringify(result.plan, null, 2)}\n`);
  } else {
    printPlan(result.plan);
  }
}

/** The plan of the agent that runs; `undefined` after it has been said why there is none. */
async function askAgent(options: PlanOptions): Promise<PlanResult | 'nobody' | undefined> {
  // An agent that is named plans for its own file, one that is found for the file that led to it.
  const file = options.url !== undefined && options.config === undefined ? undefined : found(options.config);
  let agent: AgentClient;
  try {
    agent = await AgentClient.at(options);
  } catch (error) {
    // A file that does not say where its agent's socket is has errors, which are to be seen.
    if (options.url === undefined && file !== undefined) return 'nobody';
    throw error;
  }
  try {
    const answer = await agent.post(`/api/v1/plan${options.series ? '' : '?series=false'}`, {
      body: file === undefined ? {} : { config: file },
      deadlineMs: DEADLINE_MS,
    });
    return { plan: answer as ChangePlan };
  } catch (error) {
    if (error instanceof Refused && error.status === 422) {
      const { errors = [], diagnostics = [] } = error.problem as Partial<RejectedPlan>;
      return { errors, diagnostics };
    }
    const isAlone = error instanceof Unreachable && options.url === undefined;
    if (isAlone && (await isDead(agent.where.replace(/^unix:/, '')))) return 'nobody';
    if (!sayWhyNot(error)) throw error;
    return undefined;
  }
}

/** The file that was named, or the first that is there. */
function found(named: string | undefined): string | undefined {
  try {
    return configFile(named);
  } catch {
    return undefined;
  }
}

/** Whether nobody listens on a socket; one that may not be opened may well have an agent behind it. */
async function isDead(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const probe = connect(path);
  probe.once('connect', () => resolve(false));
  probe.once('error', ({ code }: NodeJS.ErrnoException) =>
    resolve(code === 'ENOENT' || code === 'ECONNREFUSED'),
  );
  try {
    return await promise;
  } finally {
    probe.destroy();
  }
}

/** What a start would open, tried out by this process. */
async function planAlone(options: PlanOptions): Promise<PlanResult> {
  const redactor = new Redactor();
  const log = createLog({ level: 'error', format: 'logfmt', redactor });
  const self = new SelfMetrics();
  try {
    return await makePlan(
      { series: options.series },
      {
        configFile: configFile(options.config),
        environment: process.env,
        redactor,
        log,
        startHost: processHosts(log),
        families: self.families,
        listensElsewhere: false,
        running: () => undefined,
        exposed: () => undefined,
        override: () => undefined,
      },
      new AbortController().signal,
    );
  } finally {
    self.close();
    await log.close();
  }
}

function printPlan(plan: ChangePlan): void {
  const lines = planLines(plan, {
    width: process.stdout.isTTY ? process.stdout.columns : Number.POSITIVE_INFINITY,
    folder: process.cwd(),
    paint: (style, text) => styleText(style, text, { stream: process.stdout }),
  });
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** As `informer check` prints it. */
async function printRejected(
  { errors, diagnostics }: RejectedPlan,
  { json, url }: PlanOptions,
): Promise<void> {
  if (json) process.stdout.write(`${JSON.stringify(diagnostics, null, 2)}\n`);
  // The files of an agent that is named by a URL may be on another machine.
  else if (url !== undefined) process.stdout.write(errors.map((error) => `${error}\n`).join(''));
  else printIssues(diagnostics, sourceLines({ texts: await textsOf(diagnostics) }), (text) => text);
}

async function textsOf(diagnostics: RejectedPlan['diagnostics']): Promise<Record<string, string>> {
  const files = new Set(diagnostics.map(({ file }) => file));
  const texts = [...files].map(async (file) => [file, await readFile(file, 'utf8').catch(() => '')] as const);
  return Object.fromEntries(await Promise.all(texts));
}
