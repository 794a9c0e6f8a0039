import type { ErrorInfo } from '@dynamic-informer/sdk';
import { breathe } from '../breathe.ts';
import { formatPath } from '../config/diagnostic.ts';
import type { AgentConfig } from '../config/types.ts';
import { MASK } from '../masking.ts';
import type { CheckedFragment } from '../render/check-fragment.ts';
import type { DesiredResource } from '../resources/desired.ts';
import type { Action } from '../resources/plan.ts';
import type { Candidates } from './candidates.ts';
import type { PlanReason } from './change-plan.ts';
import type { Measured } from './conflicts.ts';
import type { Difference } from './differences.ts';
import type { PlanPorts, Running } from './make-plan.ts';
import { concernsSeries, resourceDifferences, shownReason } from './reasons.ts';
import { type FamilyChange, seriesChange } from './series-change.ts';
import { tryOut } from './trial.ts';

export type ResourceAction = Action<DesiredResource>;

/** One change, looked at by itself. */
export interface FoundChange {
  readonly action: ResourceAction;
  readonly plugin: string;
  readonly reasons: readonly PlanReason[];
  /** Its series, if they are known. */
  readonly measure: Omit<Measured, 'resource' | 'rank'> | undefined;
  readonly problem: ErrorInfo | undefined;
}

interface ExaminationPorts {
  readonly config: AgentConfig;
  readonly running: Running | undefined;
  readonly ports: PlanPorts;
  readonly candidates: Candidates;
  /** Aborts when the plan has to end. */
  readonly ended: AbortSignal;
  /** Whether to find out about series. */
  readonly triesOut: boolean;
  /** Of the configuration's files. */
  readonly secrets: readonly string[];
}

const NOT_REACHED: ErrorInfo = {
  code: 'LIMIT_PLAN_TIME',
  class: 'config',
  message: 'It was not tried out: the time of the plan was over.',
  fix: 'Plan again with less to try out, or without series.',
};

/** Looks at changes one by one: why they are made, and what they would expose. */
export class Examination {
  readonly #of: ExaminationPorts;
  readonly #pause = breathe();
  readonly #found = new Map<DesiredResource, readonly Difference[]>();

  constructor(of: ExaminationPorts) {
    this.#of = of;
  }

  /** The resources of which a host is asked something. */
  async asked(actions: readonly ResourceAction[]): Promise<DesiredResource[]> {
    const asked: DesiredResource[] = [];
    for (const action of actions) {
      if (this.#pause.isDue()) await this.#pause.now();
      if (action.kind !== 'close' && this.#isAsked(action)) asked.push(action.resource);
    }
    return asked;
  }

  async examine(action: ResourceAction): Promise<FoundChange> {
    if (this.#pause.isDue()) await this.#pause.now();
    const { running } = this.#of;
    if (action.kind === 'close') {
      const { name } = action;
      const plugin = running?.resources.get(name)?.plugin.name ?? '';
      return {
        action,
        plugin,
        reasons: [this.#closed(name)],
        problem: undefined,
        measure: await this.#closing(name),
      };
    }
    const { name, plugin } = action.resource;
    const { candidates } = this.#of;
    const release = this.#isAsked(action) ? await candidates.hold(action.resource) : () => undefined;
    try {
      const reasons =
        action.kind === 'open'
          ? [this.#opened(name)]
          : await this.#changed(this.#before(name), action.resource);
      return { action, plugin: plugin.name, reasons, ...(await this.#measured(action)) };
    } finally {
      release();
    }
  }

  #isAsked(action: ResourceAction): boolean {
    // Of what is replaced, the plugin is asked which values are secrets.
    return action.kind === 'replace' || this.#isTried(action);
  }

  #isTried(action: ResourceAction): boolean {
    if (!this.#of.triesOut || action.kind === 'close') return false;
    return action.kind !== 'adjust' || concernsSeries(this.#differences(action.resource));
  }

  #differences(after: DesiredResource): readonly Difference[] {
    const known = this.#found.get(after) ?? resourceDifferences(this.#before(after.name), after);
    this.#found.set(after, known);
    return known;
  }

  #before(name: string): DesiredResource {
    const before = this.#of.running?.resources.get(name);
    if (!before) throw new Error(`The resource "${name}" does not run.`);
    return before;
  }

  #opened(name: string): PlanReason {
    const { running, config } = this.#of;
    const wasDisabled = running?.config.resources.some((resource) => resource.name === name);
    if (wasDisabled) return { path: 'enabled', from: 'false', to: 'true' };
    return { path: formatPath(['resources', name]), to: placeIn(config, name) };
  }

  #closed(name: string): PlanReason {
    const { running, config } = this.#of;
    const isDisabled = config.resources.some((resource) => resource.name === name);
    if (isDisabled) return { path: 'enabled', from: 'true', to: 'false' };
    return { path: formatPath(['resources', name]), from: running ? placeIn(running.config, name) : '' };
  }

  async #changed(before: DesiredResource, after: DesiredResource): Promise<PlanReason[]> {
    const found = this.#differences(after);
    const { redactor } = this.#of.ports;
    const isOfConfig = ({ path }: Difference) => path[0] === 'config';
    const ofConfig = found.some(isOfConfig)
      ? await this.#of.candidates.secretsIn(after, [before.config, after.config])
      : [];
    redactor.add(ofConfig ?? []);
    const secrets = new Set([...this.#of.secrets, ...(ofConfig ?? [])]);
    const mask = (text: string) => (secrets.has(text) ? MASK : redactor.redact(text));
    return found.map((difference) => {
      // Where nobody knows which values are secret, none is shown.
      const isHidden = isOfConfig(difference) && ofConfig === undefined;
      return shownReason(isHidden ? { ...difference, from: undefined, to: undefined } : difference, mask);
    });
  }

  async #measured(
    action: Exclude<ResourceAction, { kind: 'close' }>,
  ): Promise<Pick<FoundChange, 'measure' | 'problem'>> {
    const { ports, candidates, ended, triesOut } = this.#of;
    const { resource } = action;
    if (!triesOut) return { measure: undefined, problem: undefined };
    const shown = action.kind === 'open' ? [] : ports.exposed(resource.name);
    if (!this.#isTried(action)) return { measure: unchanged(shown), problem: undefined };
    if (ended.aborted) return { measure: undefined, problem: NOT_REACHED };
    const addSecrets = (secrets: readonly string[]) => ports.redactor.add(secrets);
    const { fragments, problem } = await tryOut(resource, candidates, addSecrets);
    if (!fragments) return { measure: undefined, problem: ended.aborted ? NOT_REACHED : problem };
    // As it is exposed by now: collects go on meanwhile.
    const before = action.kind === 'open' ? [] : ports.exposed(resource.name);
    const families = await seriesChange(before ?? [], fragments);
    const metas = fragments.map(({ name, type, help, unit }) => ({ name, type, help, unit }));
    return { measure: { before: before ? linesOf(before) : null, families, metas }, problem };
  }

  async #closing(name: string): Promise<FoundChange['measure']> {
    if (!this.#of.triesOut) return undefined;
    const before = this.#of.ports.exposed(name) ?? [];
    return { before: linesOf(before), families: await seriesChange(before, []), metas: [] };
  }
}

/** What stays exposed through a change that no series can come or go by. */
function unchanged(shown: readonly CheckedFragment[] | undefined): FoundChange['measure'] {
  const families = (shown ?? []).map(
    ({ name, lines }): FamilyChange => ({
      name,
      before: lines,
      after: lines,
      added: 0,
      removed: 0,
      samples: { added: [], removed: [] },
    }),
  );
  return { before: shown ? linesOf(shown) : null, families, metas: shown ?? [] };
}

const linesOf = (fragments: readonly CheckedFragment[]): number =>
  fragments.reduce((sum, { lines }) => sum + lines, 0);

/** `FILE:LINE`, where a resource begins. */
function placeIn({ resources }: AgentConfig, name: string): string {
  const found = resources.find((resource) => resource.name === name);
  return found ? `${found.file}:${found.marks[2]}` : '';
}
