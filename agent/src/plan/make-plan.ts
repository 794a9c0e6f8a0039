import type { ErrorInfo, Logger } from '@dynamic-informer/sdk';
import pLimit from 'p-limit';
import { breathe } from '../breathe.ts';
import { formatDiagnostic } from '../config/diagnostic.ts';
import { reported } from '../config/report.ts';
import type { AgentConfig } from '../config/types.ts';
import type { StartHost } from '../hosts/pool.ts';
import type { Override } from '../overrides/override-file.ts';
import type { Redactor } from '../redactor.ts';
import { type CheckedConfig, checkConfig } from '../reload/check-config.ts';
import type { LookedCode } from '../reload/plugin-code.ts';
import type { WatchedFiles } from '../reload/watched-files.ts';
import type { CheckedFragment } from '../render/check-fragment.ts';
import type { FamilyMeta } from '../render/family-table.ts';
import type { DesiredResource } from '../resources/desired.ts';
import { type Action, plan } from '../resources/plan.ts';
import type { ReloadResult } from '../status.ts';
import { Candidates } from './candidates.ts';
import type { ChangePlan, PlannedChange, PlannedOverride, PlanSummary } from './change-plan.ts';
import { type Measured, withoutConflicts } from './conflicts.ts';
import { Examination, type FoundChange } from './examination.ts';
import { settingDifferences, shownReason } from './reasons.ts';
import { Room, shownChange } from './shown-change.ts';

/** What is to be planned for. */
export interface PlanRequest {
  /** Another configuration than the agent's own, absolute. */
  readonly configFile?: string | undefined;
  /** Whether to try out what would change, to see which series come and go. */
  readonly series: boolean;
}

/** The plan, or why the configuration is not usable, as a reload says it. */
export type PlanResult = { readonly plan: ChangePlan } | Pick<ReloadResult, 'errors' | 'diagnostics'>;

/** What runs now. */
export interface Running {
  readonly config: AgentConfig;
  /** In the order of their claims on names. */
  readonly resources: ReadonlyMap<string, DesiredResource>;
}

/** What a plan reads. */
export interface PlanPorts {
  /** The agent's own, absolute. */
  readonly configFile: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Instead of `web.config_file`. */
  readonly webConfigFile?: string | undefined;
  readonly redactor: Redactor;
  readonly log: Logger;
  readonly startHost: StartHost;
  /** Reads the plugins of a configuration, knowing which code runs; without it, as if none did. */
  readonly look?: (config: AgentConfig) => Promise<LookedCode>;
  /** Knows which files the configurations of what runs name. */
  readonly files?: WatchedFiles;
  /** The agent's own families. */
  readonly families: readonly FamilyMeta[];
  /** `web.listen` does not count: the addresses were given when the agent was started. */
  readonly listensElsewhere: boolean;
  /** `undefined` if no agent runs. */
  running(): Running | undefined;
  /** What a scrape would show of a resource now; `undefined` if nothing has been collected yet. */
  exposed(resource: string): readonly CheckedFragment[] | undefined;
  /** What somebody has switched at run time. */
  override(resource: string): Override | undefined;
}

/** How long resources are tried out; what has not been by then says so. */
const TRIALS_MS = 60_000;
const CONCURRENT_TRIALS = 4;
const NOTHING: ReadonlyMap<string, DesiredResource> = new Map();

/** Says what would change if the agent looked at its configuration now. What runs is read, and never asked. */
export async function makePlan(
  request: PlanRequest,
  ports: PlanPorts,
  signal: AbortSignal,
  trialsMs = TRIALS_MS,
): Promise<PlanResult> {
  const candidates = await Candidates.prepare(ports.startHost, ports.log);
  const stop = () => void candidates.stop();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    const file = request.configFile ?? ports.configFile;
    const { environment, redactor, look, files, webConfigFile } = ports;
    const before = ports.running()?.resources ?? NOTHING;
    const checked = await checkConfig(file, environment, candidates.pool, redactor, {
      running: before,
      look,
      files,
      webConfigFile,
    });
    if (!checked.config || checked.issues.length > 0) return rejected(checked, redactor);
    const ended = AbortSignal.any([signal, AbortSignal.timeout(trialsMs)]);
    ended.addEventListener('abort', stop, { once: true });
    const running = ports.running();
    const wanted: Wanted = { file, config: checked.config, resources: checked.desired };
    const actions = plan(enabledOf(wanted.resources, ports), running?.resources ?? NOTHING);
    const examination = new Examination({
      ...wanted,
      running,
      ports,
      candidates,
      ended,
      triesOut: request.series,
      secrets: checked.loaded.secrets,
    });
    await candidates.keep(await examination.asked(actions));
    checked.release();
    const limit = pLimit(CONCURRENT_TRIALS);
    const found = await limit.map(actions, (action) => examination.examine(action));
    return { plan: await conclude(found, wanted, running, ports) };
  } finally {
    signal.removeEventListener('abort', stop);
    await candidates.stop();
  }
}

function rejected({ issues, loaded }: CheckedConfig, redactor: Redactor): PlanResult {
  const redact = (text: string) => redactor.redact(text);
  const errors = issues.map((issue) => redact(formatDiagnostic(issue)));
  return { errors, diagnostics: reported(issues, loaded, redact) };
}

interface Wanted {
  readonly file: string;
  readonly config: AgentConfig;
  /** Enabled or not. */
  readonly resources: readonly DesiredResource[];
}

const enabledOf = (resources: readonly DesiredResource[], ports: PlanPorts): DesiredResource[] =>
  resources.filter(({ name, enabled }) => ports.override(name)?.enabled ?? enabled);

async function conclude(
  found: readonly FoundChange[],
  { file, config, resources }: Wanted,
  running: Running | undefined,
  ports: PlanPorts,
): Promise<ChangePlan> {
  const enabled = enabledOf(resources, ports);
  const ranks = rankOf(running, enabled);
  const changing = new Set(found.map(({ action }) => nameOf(action)));
  const staying = enabled
    .filter(({ name }) => !changing.has(name))
    .map(({ name }) => ({ resource: name, rank: ranks(name), metas: ports.exposed(name) ?? [] }));
  const measured = found.flatMap(({ action, measure }): Measured[] =>
    measure ? [{ resource: nameOf(action), rank: ranks(nameOf(action)), ...measure }] : [],
  );
  const settled = await withoutConflicts(measured, staying, ports.families);
  const room = new Room();
  const mask = (text: string) => ports.redactor.redact(text);
  const pause = breathe();
  const changes: PlannedChange[] = [];
  for (const change of found) {
    if (pause.isDue()) await pause.now();
    changes.push(shownChange(change, settled.get(nameOf(change.action)), room, ports.redactor));
  }
  const lines = staying.flatMap(({ metas }) => metas.map((meta) => meta.lines));
  const after =
    lines.reduce((sum, each) => sum + each, 0) + sumOf(changes, ({ series }) => series?.after ?? 0);
  const settings = running ? settingDifferences(running.config, config, ports.listensElsewhere) : [];
  return {
    at: Date.now(),
    configFile: file,
    running: running !== undefined,
    summary: summaryOf(changes, enabled.length),
    settings: settings.map((difference) => shownReason(difference, mask)),
    hosts: hostChanges([...(running?.resources.values() ?? [])], enabled),
    changes,
    overridden: resources.flatMap(({ name, enabled: configured }): PlannedOverride[] => {
      const override = ports.override(name);
      return override && override.enabled !== configured ? [{ resource: name, configured, ...override }] : [];
    }),
    problems: after > config.limits.series ? [tooManySeries(after, config.limits.series)] : [],
  };
}

const nameOf = (action: Action): string => ('resource' in action ? action.resource.name : action.name);

/** Who was there first keeps a name; after that the configuration's order decides. */
function rankOf(running: Running | undefined, enabled: readonly DesiredResource[]): (name: string) => number {
  const order = new Set([...(running?.resources.keys() ?? []), ...enabled.map(({ name }) => name)]);
  const ranks = new Map([...order].map((name, rank) => [name, rank]));
  return (name) => ranks.get(name) ?? ranks.size;
}

const sumOf = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((sum, item) => sum + of(item), 0);

function summaryOf(changes: readonly PlannedChange[], enabled: number): PlanSummary {
  const count = (kind: PlannedChange['kind']) => changes.filter((change) => change.kind === kind).length;
  const close = count('close');
  return {
    open: count('open'),
    replace: count('replace'),
    adjust: count('adjust'),
    close,
    unchanged: enabled - (changes.length - close),
    seriesAdded: sumOf(changes, ({ series }) => series?.added ?? 0),
    seriesRemoved: sumOf(changes, ({ series }) => series?.removed ?? 0),
    seriesUnknown: changes.filter(({ series }) => series === undefined).length,
    problems: changes.filter(({ problem }) => problem !== undefined).length,
  };
}

function hostChanges(
  before: readonly DesiredResource[],
  after: readonly DesiredResource[],
): ChangePlan['hosts'] {
  const groups = (resources: readonly DesiredResource[]) =>
    new Map(resources.map(({ host }) => [host.key, host.name]));
  const [old, next] = [groups(before), groups(after)];
  const only = (some: ReadonlyMap<string, string>, others: ReadonlyMap<string, string>) => [
    ...new Set([...some].filter(([key]) => !others.has(key)).map(([, name]) => name)),
  ];
  return { started: only(next, old), ended: only(old, next) };
}

const tooManySeries = (series: number, limit: number): ErrorInfo => ({
  code: 'LIMIT_SERIES',
  class: 'config',
  message: `The agent would expose ${series} series, more than the ${limit} of limits.series: some would be left out.`,
  fix: 'Raise limits.series, or drop what is not needed with relabel.',
});
