import { undoOverride } from '../changes.ts';
import { rows } from '../live/store.ts';
import { linkTo, setFilter } from '../route.ts';
import { OverrideText } from './override-text.tsx';

const SHOWN = 3;

/** What somebody switched at run time, so that nobody forgets it. */
export function Overrides() {
  const overridden = [...rows.value.values()].filter(({ status }) => status.override !== undefined);
  if (overridden.length === 0) return null;
  overridden.sort((a, b) => (a.status.override?.until ?? Infinity) - (b.status.override?.until ?? Infinity));
  const more = overridden.length - SHOWN;
  return (
    <section class="panel overrides" aria-label="Overridden resources">
      <ul>
        {overridden.slice(0, SHOWN).map(({ status: { name, override } }) => (
          <li key={name}>
            <a href={linkTo(name)}>{name}</a>{' '}
            {override && (
              <>
                <OverrideText override={override} />{' '}
                <button
                  type="button"
                  class="quiet"
                  aria-label={`Undo the override of ${name}`}
                  onClick={() => void undoOverride(name, override.configured)}
                >
                  Undo
                </button>
              </>
            )}
          </li>
        ))}
      </ul>
      {more > 0 && (
        <button type="button" class="link" onClick={() => setFilter({ show: 'overridden' })}>
          and {more} more
        </button>
      )}
    </section>
  );
}
