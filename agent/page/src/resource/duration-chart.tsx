import { useEffect, useRef, useState } from 'preact/hooks';
import type uPlot from 'uplot';
import type { CollectHistory } from '../api/types.ts';
import { outcomeWord } from '../model/condition.ts';
import { durationWords } from '../text.ts';
import { At } from '../view/time.tsx';

const HEIGHT = 180;

type Chart = typeof import('./uplot-chart.ts');

/** How long the last collects took and how they ended: as a chart, and as a table for who can't see that. */
export function DurationChart({ history }: { history: CollectHistory }) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<{ chart: uPlot; module: Chart } | undefined>(undefined);
  const [module, setModule] = useState<Chart | undefined>();
  // The chart's library is loaded when the first resource is looked at.
  useEffect(() => {
    void import('./uplot-chart.ts').then(setModule);
  }, []);
  const { length } = history.at;
  const isEmpty = length === 0;
  useEffect(() => {
    const element = place.current;
    if (!module || !element || isEmpty) return;
    const draw = (): void => {
      plot.current?.chart.destroy();
      plot.current = {
        chart: module.drawDurations(element, historyNow.current, element.clientWidth, HEIGHT),
        module,
      };
    };
    draw();
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', draw);
    const resized = new ResizeObserver(() =>
      plot.current?.chart.setSize({ width: element.clientWidth, height: HEIGHT }),
    );
    resized.observe(element);
    return () => {
      scheme.removeEventListener('change', draw);
      resized.disconnect();
      plot.current?.chart.destroy();
      plot.current = undefined;
    };
  }, [module, isEmpty]);
  const historyNow = useRef(history);
  historyNow.current = history;
  useEffect(() => {
    if (plot.current) plot.current.module.redraw(plot.current.chart, history);
  }, [history]);
  if (isEmpty) return <p class="empty">Nothing was collected yet.</p>;
  return (
    <>
      <div class="chart" ref={place} aria-hidden="true" />
      <p class="legend" aria-hidden="true">
        <span class="key line" /> seconds a collect took <span class="key failed">✕</span> failed{' '}
        <span class="key partial">△</span> partial
      </p>
      <details>
        <summary>The last {length} collects as a table</summary>
        <table class="plain">
          <thead>
            <tr>
              <th>At</th>
              <th>Outcome</th>
              <th class="n">Took</th>
            </tr>
          </thead>
          <tbody>
            {history.at
              .map((at, i) => (
                <tr key={at}>
                  <td>
                    <At at={at} />
                  </td>
                  <td>{outcomeWord(history.outcome[i] ?? '')}</td>
                  <td class="n">{durationWords(history.seconds[i] ?? 0)}</td>
                </tr>
              ))
              .reverse()}
          </tbody>
        </table>
      </details>
    </>
  );
}
