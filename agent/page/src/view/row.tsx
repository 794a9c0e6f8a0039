import { Component } from 'preact';
import { openChange } from '../changes.ts';
import type { Row } from '../model/rows.ts';
import { linkTo } from '../route.ts';
import { countWords, durationWords, intervalWords } from '../text.ts';
import { GroupIcon } from './icons.tsx';
import { Errors } from './problem-text.tsx';
import { Sparkline } from './sparkline.tsx';
import { Ago, At } from './time.tsx';

interface Props {
  readonly row: Row;
  readonly index: number;
  /** From the list's beginning, in pixels. */
  readonly top: number;
  readonly measure: (element: HTMLElement | null) => void;
}

const SHOWN_ERRORS = 3;

/** One resource in the list. It is drawn again only when something of it changed: there can be a thousand. */
export class ResourceRow extends Component<Props> {
  override shouldComponentUpdate(next: Props): boolean {
    const { row, index, top } = this.props;
    return row !== next.row || index !== next.index || top !== next.top;
  }

  override render({ row, index, top, measure }: Props) {
    const { status, condition, history } = row;
    const { name, plugin, every, errors, series, lastCollectAt, lastCollectSeconds, override } = status;
    const isEnabled = status.state !== 'disabled';
    const action = isEnabled ? 'disable' : 'enable';
    return (
      <tr
        role="row"
        class={`row ${condition.group}`}
        aria-rowindex={index + 2}
        data-index={index}
        data-name={name}
        style={{ transform: `translateY(${top}px)` }}
        ref={measure}
      >
        <td role="cell" class="c-state">
          <span class={`state ${condition.group}`}>
            <GroupIcon group={condition.group} /> {condition.word}
          </span>
          <StateTimes row={row} />
        </td>
        <th role="rowheader" scope="row" class="c-name">
          <a href={linkTo(name)}>{name}</a>
          <small>
            {plugin} · {every === 'scrape' ? 'on scrape' : `every ${intervalWords(every)}`}
          </small>
        </th>
        <td role="cell" class="c-wrong">
          {override && <span class="tag">overridden</span>}
          <Errors errors={errors} most={SHOWN_ERRORS} />
        </td>
        <td role="cell" class="c-last">
          {lastCollectAt !== undefined && <Ago at={lastCollectAt} />}
        </td>
        <td role="cell" class="c-took">
          <Sparkline history={history} />
          <span class="n">{lastCollectSeconds !== undefined && durationWords(lastCollectSeconds)}</span>
        </td>
        <td role="cell" class="c-series n">
          {isEnabled && countWords(series)}
        </td>
        <td role="cell" class="c-do">
          <button
            type="button"
            class="quiet"
            aria-label={`${isEnabled ? 'Disable' : 'Enable'} ${name}…`}
            onClick={() => {
              openChange.value = { action, name };
            }}
          >
            {isEnabled ? 'Disable…' : 'Enable…'}
          </button>
        </td>
      </tr>
    );
  }
}

/** Since when it is as it is, and when it is tried again; of what is well nothing. */
export function StateTimes({ row: { status, condition } }: { row: Row }) {
  const { state, since, retryAt, lastSuccessAt } = status;
  if (condition.group === 'up' || state === 'disabled') return null;
  const stands = state === 'failed' || state === 'quarantined' || state === 'opening';
  return (
    <>
      {stands && (
        <small>
          since <At at={since} />
        </small>
      )}
      {state === 'running' && condition.group === 'broken' && (
        <small>last success {lastSuccessAt === undefined ? 'never' : <Ago at={lastSuccessAt} />}</small>
      )}
      {retryAt !== undefined && (
        <small>
          next try <Ago at={retryAt} />
        </small>
      )}
    </>
  );
}
