import type { ErrorInfo } from '@dynamic-informer/sdk';
import { toErrorInfo } from '@dynamic-informer/sdk';
import type { CollectOutcome } from '../contract.ts';
import { type CheckedFragment, FragmentChecker } from '../render/check-fragment.ts';
import { checkReply } from '../render/check-reply.ts';
import type { DesiredResource } from '../resources/desired.ts';
import type { Candidates } from './candidates.ts';

/** What came of trying a resource out. */
export interface Trial {
  /** What it would expose; `undefined` if it would not take the place of what runs. */
  readonly fragments: readonly CheckedFragment[] | undefined;
  readonly problem: ErrorInfo | undefined;
}

/** Who opens but does not do what a plugin must is not let in; of all others the result counts, be it empty. */
const REFUSED: readonly CollectOutcome[] = ['plugin', 'crash'];

/** Opens a resource among the candidates and collects once. Whatever it does wrong is its `problem`. */
export async function tryOut(
  desired: DesiredResource,
  candidates: Candidates,
  addSecrets: (values: readonly string[]) => void,
): Promise<Trial> {
  try {
    const { reply, secrets } = await candidates.collect(desired);
    addSecrets(secrets);
    const { given, faults } = await checkReply(new FragmentChecker(desired.name), reply, desired);
    const [problem] = [...faults, ...reply.errors];
    const isRefused = faults.length > 0 || REFUSED.includes(reply.outcome);
    return { fragments: isRefused ? undefined : given, problem };
  } catch (error) {
    return { fragments: undefined, problem: toErrorInfo(error) };
  }
}
