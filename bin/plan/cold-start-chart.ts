import { minutesText } from '../../lib/plan/model-summary';
import type { PlannedColdStart, PlannedStart } from '../../lib/plan/planned-cold-start';
import { type Chart, type ChartSize, COLOURS, svgChart, TEXT_STYLE } from './svg-chart';

/** One start of the picture. */
interface Row {
  readonly title: string;
  readonly start: PlannedStart;
  readonly colour: string;
}

/** A start as a waterfall: each stage begins where the one before ended. Before the optimisations, and as planned. */
export function coldStartChart(id: string, coldStart: PlannedColdStart): string {
  const rows = rowsOf(coldStart);
  const label = rows.map(({ title, start }) => `${title} ${minutesText(start.totalSeconds)}`).join(', ');
  return svgChart(id, `cold start: ${label}`, (size) => draw(rows, size));
}

function rowsOf(coldStart: PlannedColdStart): Row[] {
  const { unoptimised, optimised, parallelPull, weightsFrom } = coldStart;
  const faster = [...(parallelPull ? [] : ['parallel pull']), ...(weightsFrom === 's3' ? [] : ['weights streamed from S3'])];
  return [
    { title: 'without parallel pull and streaming', start: unoptimised, colour: COLOURS.before },
    { title: 'as planned', start: coldStart, colour: COLOURS.first },
    ...(optimised.totalSeconds < coldStart.totalSeconds
      ? [{ title: `with ${faster.join(' and ')}`, start: optimised, colour: COLOURS.third }]
      : []),
  ];
}

const ROW = 24;
const TITLE = 34;

function draw(rows: readonly Row[], { narrow }: ChartSize): Chart {
  const most = Math.max(...rows.map(({ start }) => start.totalSeconds));
  const heightOf = ({ start }: Row): number => start.stages.length * ROW + TITLE;
  const panels = rows.map((row, i) => ({ ...row, top: rows.slice(0, i).reduce((sum, above) => sum + heightOf(above), TITLE) }));
  const left = 58;
  return {
    height: rows.reduce((sum, row) => sum + heightOf(row), 26),
    option: {
      grid: panels.map(({ top, start }) => ({ left, right: 44, top, height: start.stages.length * ROW })),
      xAxis: panels.map((_, i) => ({
        gridIndex: i,
        type: 'value',
        min: 0,
        max: most,
        interval: minuteStep(most, narrow ? 4 : 8),
        axisLine: { show: false },
        axisTick: { show: false },
        axisLabel: {
          show: i === panels.length - 1,
          showMaxLabel: false,
          color: COLOURS.quiet,
          fontSize: 12,
          formatter: (seconds: number) => minutesText(seconds),
        },
        splitLine: { showMaxLine: false, lineStyle: { color: COLOURS.line } },
      })),
      yAxis: panels.map(({ start, title }, i) => ({
        gridIndex: i,
        type: 'category',
        inverse: true,
        data: start.stages.map(({ name }) => name),
        name: `${title}: ${minutesText(start.totalSeconds)}`,
        nameLocation: 'start',
        nameGap: 14,
        nameTextStyle: { ...TEXT_STYLE, align: 'left', fontWeight: 'bold', padding: [0, 0, 0, -left] },
        axisLine: { show: false },
        axisTick: { show: false },
        axisLabel: { color: COLOURS.text, fontSize: 13 },
      })),
      series: panels.flatMap(({ start, colour }, i) => [
        {
          // what came before, without a colour: the bar behind it begins where the last one ended
          type: 'bar',
          xAxisIndex: i,
          yAxisIndex: i,
          stack: `start-${i}`,
          silent: true,
          itemStyle: { color: 'transparent' },
          data: start.stages.map((_, at) => start.stages.slice(0, at).reduce((sum, { seconds }) => sum + seconds, 0)),
        },
        {
          type: 'bar',
          xAxisIndex: i,
          yAxisIndex: i,
          stack: `start-${i}`,
          silent: true,
          barWidth: 15,
          itemStyle: { color: colour, borderRadius: 2 },
          label: { show: true, position: 'right', color: COLOURS.text, fontSize: 12, formatter: ({ value }) => minutesText(Number(value)) },
          data: start.stages.map(({ seconds }) => seconds),
        },
      ]),
    },
  };
}

/** Whole minutes, so that about so many ticks fit. */
function minuteStep(most: number, ticks: number): number {
  const minutes = [1, 2, 5, 10, 15, 30, 60, 120].find((step) => step * 60 * ticks >= most) ?? 240;
  return most < 60 ? 15 : minutes * 60;
}
