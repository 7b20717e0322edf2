import { init, type EChartsOption } from 'echarts';
import { escapeHtml } from './html';

/** What a chart has room for. */
export interface ChartSize {
  /** Width, in pixels. */
  readonly width: number;
  /** Whether it is shown on a narrow screen. */
  readonly narrow: boolean;
}

/** A chart with its height, for one width. */
export interface Chart {
  /** Height, in pixels. */
  readonly height: number;
  /** The chart. */
  readonly option: EChartsOption;
}

/** A chart is drawn for a phone and for a desk: one that is scaled down cannot be read. */
const SIZES: readonly ChartSize[] = [
  { width: 316, narrow: true },
  { width: 800, narrow: false },
];

/** Colours that people with a colour vision deficiency can tell apart (Okabe and Ito, 2008), softened. */
export const COLOURS = {
  first: '#2a6f97',
  second: '#e09f3e',
  third: '#61a5a8',
  fourth: '#9e4770',
  fifth: '#7a7f3f',
  pale: '#a9cbdc',
  free: '#dfe7ec',
  outside: '#f3f5f7',
  before: '#b8c1ca',
  text: '#1f2933',
  quiet: '#5b6770',
  line: '#d5dbe1',
  error: '#b3261e',
} as const;

/** The text of every chart. */
export const TEXT_STYLE = { fontFamily: 'system-ui, -apple-system, Segoe UI, Roboto, sans-serif', color: COLOURS.text, fontSize: 13 } as const;

/**
 * A chart as inline SVG, once for narrow and once for wide screens.
 *
 * @param id unique in the page
 * @param label what the chart says, for those who do not see it
 */
export function svgChart(id: string, label: string, draw: (size: ChartSize) => Chart): string {
  return SIZES.map((size) => {
    const { height, option } = draw(size);
    const chart = init(null, null, { renderer: 'svg', ssr: true, width: size.width, height });
    chart.setOption({ animation: false, textStyle: TEXT_STYLE, ...option });
    const svg = chart.renderToSVGString();
    chart.dispose();
    const named = stillPicture(svg, `${id}-${size.narrow ? 'narrow' : 'wide'}`).replace(/^<svg/, `<svg role="img" aria-label="${escapeHtml(label)}"`);
    return `<div class="chart ${size.narrow ? 'narrow' : 'wide'}">${named}</div>`;
  }).join('');
}

/**
 * Without what only a script would use. Ids and classes count up over the process: without classes, and with ids of its
 * own, two pages of one plan are the same.
 */
function stillPicture(svg: string, name: string): string {
  return svg
    .replace(/<style\b[^]*?<\/style>/g, '')
    .replace(/ (?:class|pointer-events|ecmeta_\w+)="[^"]*"/g, '')
    .replace(/zr\d+-/g, `${name}-`);
}
