import type { DefaultLabelFormatterCallbackParams } from 'echarts';
import type { Plan } from '../../lib/plan/plan';
import type { PlannedCost } from '../../lib/plan/planned-cost';
import { legend } from './legend';
import { niceStep } from './memory-chart';
import { type Chart, type ChartSize, COLOURS, svgChart } from './svg-chart';
import { usd, usdText } from './words';

/** What one line of the picture costs. */
interface Line {
  readonly name: string;
  readonly cost: PlannedCost;
}

/** Cost of the cluster and of each model, dearest first. Empty where a price is not known. */
export function costChart(plan: Plan): string {
  const lines = linesOf(plan);
  if (lines.length === 0) return '';
  const label = lines.map(({ name, cost }) => `${name} ${usdText(cost)}`).join(', ');
  const picture = svgChart('cost', `US dollars an hour: ${label}`, (size) => draw(lines, size));
  if (!lines.some(isScaled)) return picture;
  return picture + legend([{ colour: COLOURS.first, text: 'fewest replicas' }, { colour: COLOURS.pale, text: 'most replicas' }]);
}

function isScaled({ cost }: Line): boolean {
  return cost.minimumUsd !== cost.maximumUsd;
}

/** More would not be read: the table has them all. */
const MOST_LINES = 20;

function linesOf({ cluster, models }: Plan): Line[] {
  const lines = [{ name: 'cluster without models', cost: cluster.cost }, ...models.map(({ name, cost }) => ({ name, cost }))];
  return lines
    .filter(({ cost }) => cost.maximumUsd !== undefined)
    .sort((a, b) => (b.cost.maximumUsd ?? 0) - (a.cost.maximumUsd ?? 0))
    .slice(0, MOST_LINES);
}

function draw(lines: readonly Line[], { narrow }: ChartSize): Chart {
  const most = Math.max(...lines.map(({ cost }) => cost.maximumUsd ?? 0));
  const bar = { type: 'bar', stack: 'cost', silent: true, barWidth: 16 } as const;
  const above = (value: number | undefined, base: number | undefined): number => (value ?? 0) - (base ?? 0);
  return {
    height: lines.length * 48 + 34,
    option: {
      grid: { left: 2, right: lines.some(isScaled) ? 134 : 76, top: 10, height: lines.length * 48 },
      xAxis: {
        type: 'value',
        min: 0,
        max: most,
        interval: niceStep(most, narrow ? 3 : 8),
        axisLine: { show: false },
        axisTick: { show: false },
        axisLabel: { color: COLOURS.quiet, fontSize: 12, showMaxLabel: false, formatter: (value: number) => `$${Math.round(value * 100) / 100}` },
        splitLine: { showMaxLine: false, lineStyle: { color: COLOURS.line } },
      },
      yAxis: {
        type: 'category',
        inverse: true,
        data: lines.map(({ name }) => name),
        axisLine: { show: false },
        axisTick: { show: false },
        axisLabel: { show: false },
      },
      series: [
        {
          ...bar,
          itemStyle: { color: COLOURS.first },
          data: lines.map(({ cost }) => cost.minimumUsd ?? 0),
          // the name is above its bar, so that a long one takes nothing from the width
          label: {
            show: true,
            position: [0, -17],
            color: COLOURS.text,
            fontSize: 13,
            formatter: ({ dataIndex }: DefaultLabelFormatterCallbackParams) => lines[dataIndex].name,
          },
        },
        {
          ...bar,
          itemStyle: { color: COLOURS.pale },
          data: lines.map(({ cost }) => above(cost.maximumUsd, cost.minimumUsd)),
          label: {
            show: true,
            position: 'right',
            color: COLOURS.text,
            fontSize: 12,
            formatter: ({ dataIndex }: DefaultLabelFormatterCallbackParams) => lineText(lines[dataIndex].cost),
          },
        },
      ],
    },
  };
}

function lineText({ minimumUsd = 0, maximumUsd = 0 }: PlannedCost): string {
  return minimumUsd === maximumUsd ? usd(maximumUsd) : `${usd(minimumUsd)} to ${usd(maximumUsd)}`;
}
