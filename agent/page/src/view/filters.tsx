import { useEffect, useRef } from 'preact/hooks';
import { GROUPS, type Group } from '../model/condition.ts';
import type { Counts, Filter } from '../model/filter.ts';
import { setFilter } from '../route.ts';
import { countWords } from '../text.ts';
import { GroupIcon } from './icons.tsx';

const CHOICES: readonly (Group | 'overridden')[] = [...GROUPS, 'overridden'];

/** By condition, by plugin, and by words; `/` goes to the search. */
export function Filters({
  filter,
  counts,
  plugins,
}: {
  filter: Filter;
  counts: Counts;
  plugins: readonly string[];
}) {
  const search = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target))
        return;
      event.preventDefault();
      search.current?.focus();
      search.current?.select();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  const choose = (show: Filter['show']): void => setFilter({ show: filter.show === show ? undefined : show });
  return (
    <search class="filters">
      <fieldset class="chips">
        <legend class="unseen">Show only</legend>
        <button
          type="button"
          class="chip"
          aria-pressed={filter.show === undefined}
          onClick={() => setFilter({ show: undefined })}
        >
          all <b>{countWords(counts.all)}</b>
        </button>
        {CHOICES.map((choice) => (
          <button
            type="button"
            key={choice}
            class={`chip ${choice}${counts[choice] === 0 ? ' none' : ''}`}
            aria-pressed={filter.show === choice}
            onClick={() => choose(choice)}
          >
            {choice !== 'overridden' && <GroupIcon group={choice} />} {choice}{' '}
            <b>{countWords(counts[choice])}</b>
          </button>
        ))}
      </fieldset>
      <div class="fields">
        <select
          aria-label="Plugin"
          value={filter.plugin ?? ''}
          onChange={({ currentTarget: { value } }) => setFilter({ plugin: value === '' ? undefined : value })}
        >
          <option value="">every plugin</option>
          {plugins.map((plugin) => (
            <option key={plugin} value={plugin}>
              {plugin}
            </option>
          ))}
        </select>
        <input
          type="search"
          ref={search}
          aria-label="Search resources"
          aria-keyshortcuts="/"
          placeholder="Search: name, plugin, error  ( / )"
          value={filter.search}
          onInput={({ currentTarget: { value } }) => setFilter({ search: value })}
        />
      </div>
    </search>
  );
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest('input, textarea, select, dialog') !== null;
