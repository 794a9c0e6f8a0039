import { useMemo, useState } from 'preact/hooks';
import { readExposition } from '../api/client.ts';
import { problemWords } from '../changes.ts';
import { agent } from '../live/store.ts';
import { type ParsedExposition, parseExposition } from '../model/exposition.ts';
import { plural } from '../text.ts';

/** More are shown when somebody asks. */
const SHOWN = 200;

/** What a scraper gets of the resource: read when somebody asks, since reading can be a collect. */
export function Series({ name }: { name: string }) {
  const [exposition, setExposition] = useState<ParsedExposition | undefined>();
  const [state, setState] = useState<{ isReading: boolean; problem: string }>({
    isReading: false,
    problem: '',
  });
  const metricsPath = (agent.value?.metricsPath ?? '/metrics').slice(1);
  const read = async (): Promise<void> => {
    setState({ isReading: true, problem: '' });
    try {
      setExposition(parseExposition(await readExposition(metricsPath, name)));
      setState({ isReading: false, problem: '' });
    } catch (error) {
      setState({ isReading: false, problem: problemWords(error) });
    }
  };
  return (
    <section>
      <h2>Series</h2>
      <p class="bar">
        <button type="button" aria-busy={state.isReading} onClick={() => void read()}>
          {exposition ? 'Read again' : 'Show the series'}
        </button>
        <a href={`${metricsPath}?resource=${encodeURIComponent(name)}`}>as a scraper gets them</a>
      </p>
      <p role="status" class="fix">
        {state.problem || (state.isReading ? 'Collecting…' : '')}
      </p>
      {exposition && <SeriesTable exposition={exposition} />}
    </section>
  );
}

function SeriesTable({ exposition }: { exposition: ParsedExposition }) {
  const [search, setSearch] = useState('');
  const [most, setMost] = useState(SHOWN);
  const found = useMemo(() => {
    const words = search.toLowerCase().split(/\s+/).filter(Boolean);
    return exposition.lines.filter(({ family, series }) => {
      const text = `${series}\n${exposition.help.get(family) ?? ''}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
  }, [exposition, search]);
  const shown = found.slice(0, most);
  return (
    <>
      <p class="bar">
        <input
          type="search"
          aria-label="Search series"
          placeholder="Search: name, label, help"
          value={search}
          onInput={({ currentTarget: { value } }) => {
            setSearch(value);
            setMost(SHOWN);
          }}
        />
        <span role="status">
          {plural(found.length, 'series', 'series')}
          {found.length > shown.length && `, ${shown.length} shown`}
        </span>
      </p>
      <table class="plain series">
        <thead class="unseen">
          <tr>
            <th>Series</th>
            <th>Value</th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ family, series, value }, i) => {
            const help = family === shown[i - 1]?.family ? undefined : exposition.help.get(family);
            const nameEnd = series.indexOf('{') < 0 ? series.length : series.indexOf('{');
            return [
              help !== undefined && (
                <tr key={`${family} help`}>
                  <td colSpan={2} class="help">
                    {help}
                  </td>
                </tr>
              ),
              <tr key={series}>
                <td>
                  <b>{series.slice(0, nameEnd)}</b>
                  {series.slice(nameEnd)}
                </td>
                <td class="n">{value}</td>
              </tr>,
            ];
          })}
        </tbody>
      </table>
      {found.length > shown.length && (
        <button type="button" onClick={() => setMost(most + SHOWN)}>
          Show {Math.min(SHOWN, found.length - most)} more
        </button>
      )}
    </>
  );
}
