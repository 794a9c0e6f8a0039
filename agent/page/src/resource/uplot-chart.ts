import uPlot from 'uplot';
import type { CollectHistory } from '../api/types.ts';
import { outcomeWord } from '../model/condition.ts';
import { absoluteWords, durationWords } from '../text.ts';

/** The histories of charts, for marks and readings. */
const histories = new WeakMap<uPlot, CollectHistory>();

const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name);

const dataOf = ({ at, seconds }: CollectHistory): uPlot.AlignedData => [
  at.map((ms) => ms / 1000),
  [...seconds],
];

export function redraw(chart: uPlot, history: CollectHistory): void {
  histories.set(chart, history);
  chart.setData(dataOf(history));
}

/** Durations as a line; a cross is a collect that failed, a triangle one that brought not all. */
export function drawDurations(
  place: HTMLElement,
  history: CollectHistory,
  width: number,
  height: number,
): uPlot {
  const dim = colour('--dim');
  const grid = { stroke: colour('--line'), width: 1 };
  const font = '12px system-ui, sans-serif';
  const reading = (index: number | null | undefined, words: (at: number, i: number) => string): string => {
    const at = index == null ? undefined : histories.get(chart)?.at[index];
    return index == null || at === undefined ? '–' : words(at, index);
  };
  const chart: uPlot = new uPlot(
    {
      width,
      height,
      padding: [8, 40, 0, 0],
      scales: { y: { range: (_chart, _low, high) => [0, (high || 0.001) * 1.1] } },
      axes: [
        {
          stroke: dim,
          grid: { show: false },
          ticks: grid,
          font,
          space: 96,
          values: (_chart, ticks) => ticks.map((seconds) => absoluteWords(seconds * 1000, Date.now())),
        },
        {
          stroke: dim,
          grid,
          ticks: { show: false },
          font,
          size: 64,
          values: (_chart, ticks) => ticks.map((seconds) => (seconds === 0 ? '0' : durationWords(seconds))),
        },
      ],
      series: [
        {
          label: 'At',
          value: (_chart, _value, _series, index) => reading(index, (at) => absoluteWords(at, Date.now())),
        },
        {
          label: 'Took',
          stroke: colour('--accent'),
          width: 1.5,
          points: { size: 4 },
          value: (drawn, _value, _series, index) =>
            reading(index, (_at, i) => {
              const { seconds = [], outcome = [] } = histories.get(drawn) ?? {};
              return `${durationWords(seconds[i] ?? 0)}, ${outcomeWord(outcome[i] ?? '')}`;
            }),
        },
      ],
      cursor: { y: false, drag: { x: false, y: false } },
      hooks: { draw: [drawMarks] },
    },
    undefined,
  );
  histories.set(chart, history);
  chart.setData(dataOf(history));
  place.append(chart.root);
  return chart;
}

function drawMarks(chart: uPlot): void {
  const { at = [], seconds = [], outcome = [] } = histories.get(chart) ?? {};
  const { ctx } = chart;
  const size = 4 * devicePixelRatio;
  ctx.save();
  ctx.lineWidth = 2 * devicePixelRatio;
  outcome.forEach((result, i) => {
    if (result === 'ok') return;
    const x = chart.valToPos((at[i] ?? 0) / 1000, 'x', true);
    const y = chart.valToPos(seconds[i] ?? 0, 'y', true);
    const isPartial = result === 'partial' || result === 'limit';
    ctx.strokeStyle = colour(isPartial ? '--warn' : '--bad');
    ctx.beginPath();
    if (isPartial) {
      ctx.moveTo(x, y - size);
      ctx.lineTo(x + size, y + size);
      ctx.lineTo(x - size, y + size);
      ctx.closePath();
    } else {
      ctx.moveTo(x - size, y - size);
      ctx.lineTo(x + size, y + size);
      ctx.moveTo(x + size, y - size);
      ctx.lineTo(x - size, y + size);
    }
    ctx.stroke();
  });
  ctx.restore();
}
