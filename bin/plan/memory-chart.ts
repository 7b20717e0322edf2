import type { MarkLineComponentOption } from 'echarts';
import type { PlannedModel } from '../../lib/plan/planned-model';
import { legend } from './legend';
import { type Chart, type ChartSize, COLOURS, svgChart } from './svg-chart';

/** A part of the memory. */
interface Part {
  readonly name: string;
  readonly gib: number;
  readonly colour: string;
}

/** What the memory of one device goes to. */
export function memoryChart(id: string, { fit }: PlannedModel): string {
  const parts = partsOf(fit);
  const label = parts.map(({ name, gib }) => `${name} ${gib.toFixed(1)} GiB`).join(', ');
  const picture = svgChart(id, `memory of one device: ${label}`, (size) => draw(fit, parts, size));
  return picture + legend(parts.map(({ name, gib, colour }) => ({ colour, text: `${name} ${gib.toFixed(1)} GiB` })));
}

function partsOf({ memory, marginGiB }: PlannedModel['fit']): Part[] {
  const parts = [
    { name: 'weights', gib: memory.weightsGiB, colour: COLOURS.first },
    { name: 'KV cache', gib: memory.kvCacheGiB, colour: COLOURS.second },
    { name: 'activations, graphs, runtime', gib: memory.activationsGiB + memory.graphsGiB + memory.runtimeGiB, colour: COLOURS.third },
    { name: 'LoRA', gib: memory.loraGiB, colour: COLOURS.fourth },
    { name: 'draft model', gib: memory.draftGiB, colour: COLOURS.fifth },
    { name: 'free', gib: memory.freeGiB, colour: COLOURS.free },
    { name: 'kept from the engine', gib: marginGiB >= 0 ? memory.deviceGiB - memory.budgetGiB : 0, colour: COLOURS.outside },
  ];
  return parts.filter(({ gib }) => gib >= 0.005);
}

function draw({ memory, marginGiB }: PlannedModel['fit'], parts: readonly Part[], { narrow }: ChartSize): Chart {
  const needed = memory.budgetGiB - marginGiB;
  const most = Math.max(memory.deviceGiB, needed);
  const limit: MarkLineComponentOption = {
    silent: true,
    symbol: 'none',
    lineStyle: { color: COLOURS.error, type: 'solid', width: 2 },
    label: { formatter: 'what the engine may use', color: COLOURS.error, fontSize: 12, position: 'end', align: memory.budgetGiB < most / 4 ? 'left' : memory.budgetGiB > (most * 3) / 4 ? 'right' : 'center' },
    data: [{ xAxis: memory.budgetGiB }],
  };
  return {
    height: marginGiB < 0 ? 88 : 66,
    option: {
      grid: { left: 2, right: 2, top: marginGiB < 0 ? 28 : 6, height: 34 },
      xAxis: {
        type: 'value',
        max: most,
        interval: niceStep(most, narrow ? 4 : 8),
        axisLabel: { formatter: (gib: number) => `${Math.round(gib * 10) / 10}`, color: COLOURS.quiet, fontSize: 12, showMaxLabel: false },
        axisLine: { show: false },
        axisTick: { show: false },
        splitLine: { showMaxLine: false, lineStyle: { color: COLOURS.line } },
      },
      yAxis: { type: 'category', data: [''], show: false },
      series: parts.map(({ name, gib, colour }, i) => ({
        type: 'bar',
        name,
        stack: 'memory',
        silent: true,
        barWidth: 30,
        data: [gib],
        itemStyle: { color: colour, borderColor: '#fff', borderWidth: 1 },
        markLine: marginGiB < 0 && i === 0 ? limit : undefined,
      })),
    },
  };
}

/** 1, 2 or 5 times a power of ten, so that about so many fit. */
export function niceStep(most: number, ticks: number): number {
  const rough = most / ticks;
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
}
