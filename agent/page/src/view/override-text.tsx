import type { OverrideStatus } from '../api/types.ts';
import { Ago, At } from './time.tsx';

/** What is overridden, until when, why and by whom. */
export function OverrideText({ override }: { override: OverrideStatus }) {
  const { enabled, until, reason, by, at, unsaved } = override;
  return (
    <span>
      <b>{enabled ? 'enabled' : 'disabled'}</b> by {by} <Ago at={at} />,{' '}
      {until === undefined ? (
        'until somebody undoes it'
      ) : (
        <>
          until <At at={until} /> (<Ago at={until} />)
        </>
      )}
      {reason && (
        <>
          : <q>{reason}</q>
        </>
      )}
      {unsaved && <span class="problem"> It would be forgotten at a restart: {unsaved}</span>}
    </span>
  );
}
