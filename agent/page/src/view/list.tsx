import { useComputed } from '@preact/signals';
import { useCallback, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { isLoaded, rows } from '../live/store.ts';
import { type Filter, pluginsOf, selectRows } from '../model/filter.ts';
import type { Row } from '../model/rows.ts';
import { savedListScroll } from '../route.ts';
import { plural } from '../text.ts';
import { Filters } from './filters.tsx';
import { ResourceRow } from './row.tsx';
import { useWindowList } from './window-list.ts';

const ROW_PIXELS = 56;
/** What a broken row is about, before it was measured. */
const BROKEN_ROW_PIXELS = 76;

/** Every resource that the filter leaves, what is broken first. */
export function ResourceList({ filter }: { filter: Filter }) {
  const { value: all } = rows;
  const { shown, counts } = useMemo(() => selectRows(all, filter), [all, filter]);
  return (
    <main>
      <h1 tabIndex={-1}>
        <Summary />
      </h1>
      <Filters filter={filter} counts={counts} plugins={pluginsOf(all)} />
      {shown.length === 0 ? (
        <p class="empty">
          {!isLoaded.value
            ? 'Reading the list of resources…'
            : all.size === 0
              ? 'No resources are configured.'
              : `None of ${plural(all.size, 'resource')} fits the filter.`}
        </p>
      ) : (
        <table
          class="list"
          role="table"
          aria-label="Resources, what is broken first"
          aria-rowcount={shown.length + 1}
        >
          <thead role="rowgroup">
            <tr role="row" class="row head" aria-rowindex={1}>
              <th role="columnheader" scope="col">
                State
              </th>
              <th role="columnheader" scope="col">
                Resource
              </th>
              <th role="columnheader" scope="col">
                What is wrong
              </th>
              <th role="columnheader" scope="col">
                Last collect
              </th>
              <th role="columnheader" scope="col" class="n">
                Took
              </th>
              <th role="columnheader" scope="col" class="n">
                Series
              </th>
              <th role="columnheader" scope="col">
                <span class="unseen">Change</span>
              </th>
            </tr>
          </thead>
          <Body shown={shown} filter={filter} />
        </table>
      )}
    </main>
  );
}

/** Only the rows in sight, and the one that has the focus, are in the document. Scrolling draws nothing but this. */
function Body({ shown, filter }: { shown: readonly Row[]; filter: Filter }) {
  const body = useRef<HTMLTableSectionElement>(null);
  const [margin, setMargin] = useState(0);
  const [focused, setFocused] = useState<string | undefined>(undefined);
  const pinned = focused === undefined ? -1 : shown.findIndex(({ status }) => status.name === focused);
  const list = useWindowList({
    count: shown.length,
    estimateSize: (index) => (shown[index]?.condition.group === 'broken' ? BROKEN_ROW_PIXELS : ROW_PIXELS),
    getItemKey: (index) => shown[index]?.status.name ?? '',
    scrollMargin: margin,
    pinned: pinned < 0 ? undefined : pinned,
  });
  const measure = useCallback((element: HTMLElement | null) => list.measureElement(element), [list]);
  const lastFilter = useRef(filter);
  useLayoutEffect(() => {
    // What is found stands on top; the list has to be told, else it keeps to where it was.
    if (lastFilter.current !== filter) list.scrollToOffset(0);
    lastFilter.current = filter;
  }, [filter, list]);
  useLayoutEffect(() => {
    const look = (): void => {
      if (body.current) setMargin(Math.round(body.current.getBoundingClientRect().top + scrollY));
    };
    look();
    scrollTo(0, savedListScroll());
    // What stands above the list can grow and shrink at any time.
    const resized = new ResizeObserver(look);
    resized.observe(document.body);
    return () => resized.disconnect();
  }, []);
  return (
    <tbody
      role="rowgroup"
      ref={body}
      style={{ height: `${list.getTotalSize()}px` }}
      onFocusIn={(event) => setFocused(rowName(event.target))}
      onFocusOut={() => setFocused(undefined)}
    >
      {list.getVirtualItems().map(({ index, start }) => {
        const row = shown[index];
        return (
          row && (
            <ResourceRow
              key={row.status.name}
              row={row}
              index={index}
              top={start - margin}
              measure={measure}
            />
          )
        );
      })}
    </tbody>
  );
}

const rowName = (target: EventTarget | null): string | undefined =>
  target instanceof Element ? target.closest<HTMLElement>('[data-name]')?.dataset.name : undefined;

/** How many are broken, of all that should run. */
function Summary() {
  const text = useComputed(() => {
    if (!isLoaded.value) return 'Resources';
    let broken = 0;
    let enabled = 0;
    for (const { condition } of rows.value.values()) {
      if (condition.group !== 'disabled') enabled++;
      if (condition.group === 'broken') broken++;
    }
    if (broken > 0)
      return `${broken} of ${plural(enabled, 'resource')} ${broken === 1 ? 'is' : 'are'} broken`;
    return enabled === 1 ? 'The resource is not broken' : `None of ${plural(enabled, 'resource')} is broken`;
  });
  return <>{text}</>;
}
