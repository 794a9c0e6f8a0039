import type { ComponentChildren } from 'preact';
import type { Row } from '../model/rows.ts';
import { bytesWords, countWords, durationWords, intervalWords } from '../text.ts';
import { Ago, At } from '../view/time.tsx';

/** What the resource is, when it did what, and how much of its budgets it uses. */
export function Facts({ row: { status } }: { row: Row }) {
  const { plugin, every, host, hostPid, since, retryAt, series, bytes, budgets, hostUsage } = status;
  const { lastCollectAt, lastCollectSeconds, lastSuccessAt, snapshotAt } = status;
  return (
    <section class="facts">
      <dl>
        <Fact name="Plugin">{plugin}</Fact>
        <Fact name="Collected">{every === 'scrape' ? 'on scrape' : `every ${intervalWords(every)}`}</Fact>
        <Fact name="Host">
          {host === '' ? 'none' : host}
          {hostPid !== undefined && <span class="dim"> (process {hostPid})</span>}
        </Fact>
        <Fact name={`In this state since`}>
          <At at={since} />{' '}
          <span class="dim">
            (<Ago at={since} />)
          </span>
        </Fact>
        <Fact name="Last collect">
          {lastCollectAt === undefined ? (
            'none yet'
          ) : (
            <>
              <Ago at={lastCollectAt} />
              {lastCollectSeconds !== undefined && `, took ${durationWords(lastCollectSeconds)}`}
            </>
          )}
        </Fact>
        <Fact name="Last success">
          {lastSuccessAt === undefined ? 'none yet' : <Ago at={lastSuccessAt} />}
        </Fact>
        <Fact name="What is exposed is from">
          {snapshotAt === undefined ? 'nothing is' : <Ago at={snapshotAt} />}
        </Fact>
        {retryAt !== undefined && (
          <Fact name="Next try">
            <At at={retryAt} />{' '}
            <span class="dim">
              (<Ago at={retryAt} />)
            </span>
          </Fact>
        )}
      </dl>
      {budgets && (
        <dl class="budgets">
          <Budget name="Series" used={series} budget={budgets.maxSeries} words={countWords} />
          <Budget name="Exposition" used={bytes} budget={budgets.maxBytes} words={bytesWords} />
          <Budget
            name="Memory of its host"
            used={hostUsage?.memoryBytes}
            budget={budgets.memoryBytes}
            words={bytesWords}
          />
          <Budget
            name="CPU of its host, over 5 min"
            used={hostUsage?.cpuShare}
            budget={budgets.cpu}
            words={shareWords}
          />
        </dl>
      )}
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

const shareWords = (share: number): string => `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
/** From here on a budget is nearly used up. */
const NEARLY = 0.8;

function Budget({
  name,
  used,
  budget,
  words,
}: {
  name: string;
  used: number | undefined;
  budget: number | undefined;
  words: (value: number) => string;
}) {
  const text = `${used === undefined ? 'unknown' : words(used)} of ${budget === undefined ? 'no limit' : words(budget)}`;
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {used !== undefined && budget !== undefined && (
          <meter aria-label={name} max={budget} high={budget * NEARLY} value={used}>
            {text}
          </meter>
        )}
        <span class="n">{text}</span>
      </dd>
    </div>
  );
}
