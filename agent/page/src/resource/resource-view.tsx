import { useEffect, useRef } from 'preact/hooks';
import { changeNow, openChange, undoOverride } from '../changes.ts';
import { isLoaded, rows } from '../live/store.ts';
import type { Row } from '../model/rows.ts';
import { linkToList } from '../route.ts';
import { GroupIcon } from '../view/icons.tsx';
import { OverrideText } from '../view/override-text.tsx';
import { Errors } from '../view/problem-text.tsx';
import { AuditTrail } from './audit-trail.tsx';
import { DurationChart } from './duration-chart.tsx';
import { Facts } from './facts.tsx';
import { LogLines } from './log-lines.tsx';
import { Series } from './series.tsx';
import { Settings } from './settings.tsx';

/** All about one resource. */
export function ResourceView({ name }: { name: string }) {
  const row = rows.value.get(name);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    scrollTo(0, 0);
    heading.current?.focus();
  }, [name]);
  return (
    <main class="resource">
      <a class="back" href={linkToList()}>
        ← All resources
      </a>
      <h1 tabIndex={-1} ref={heading}>
        {name}
      </h1>
      {row ? (
        <Known row={row} key={name} />
      ) : (
        <p class="empty">
          {isLoaded.value ? `There is no resource "${name}" in the configuration.` : 'Reading…'}
        </p>
      )}
    </main>
  );
}

function Known({ row }: { row: Row }) {
  const { status, condition, history } = row;
  const { name, errors, override } = status;
  return (
    <>
      <p class="lead">
        <span class={`state ${condition.group}`}>
          <GroupIcon group={condition.group} /> {condition.word}
        </span>
        <Actions row={row} />
      </p>
      {override && (
        <section class="panel overrides" aria-label="Override">
          <OverrideText override={override} />{' '}
          <button type="button" class="quiet" onClick={() => void undoOverride(name, override.configured)}>
            Undo
          </button>
        </section>
      )}
      {errors.length > 0 && (
        <section class={`panel ${condition.group === 'broken' ? 'bad' : 'warn'}`} aria-label="What is wrong">
          <Errors errors={errors} most={20} />
        </section>
      )}
      <Facts row={row} />
      <section>
        <h2>Durations</h2>
        <DurationChart history={history} />
      </section>
      <Series name={name} />
      <Settings name={name} state={`${status.state}${status.since}`} />
      <AuditTrail name={name} />
      <LogLines name={name} state={`${condition.word}${status.since}`} />
    </>
  );
}

function Actions({ row: { status } }: { row: Row }) {
  const { name, state } = status;
  const isEnabled = state !== 'disabled';
  return (
    <span class="actions">
      <button
        type="button"
        onClick={() => {
          openChange.value = { action: isEnabled ? 'disable' : 'enable', name };
        }}
      >
        {isEnabled ? 'Disable…' : 'Enable…'}
      </button>
      {isEnabled && (
        <>
          <button type="button" onClick={() => void changeNow('restart', name)}>
            Restart
          </button>
          <button type="button" onClick={() => void changeNow('collect', name)}>
            Collect now
          </button>
        </>
      )}
    </span>
  );
}
