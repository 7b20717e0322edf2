import { COLOURS } from './svg-chart';

/** The page's style: one column that fits a phone, no font and no picture from anywhere. */
export const PAGE_STYLE = `
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; background: #eef1f4; color: ${COLOURS.text}; font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 880px; margin: 0 auto; padding: 20px 16px 48px; }
h1 { font-size: 26px; line-height: 1.2; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 20px; line-height: 1.3; margin: 0; overflow-wrap: anywhere; }
h3 { font-size: 15px; margin: 24px 0 6px; }
h4 { font-size: 13px; font-weight: 600; margin: 0 0 6px; color: ${COLOURS.quiet}; }
p { margin: 4px 0; }
@media (max-width: 480px) { main { padding: 12px 12px 32px; } }
section, header { background: #fff; border-radius: 10px; padding: 20px; margin: 0 0 16px; border: 1px solid ${COLOURS.line}; }
.quiet { color: ${COLOURS.quiet}; font-size: 14px; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(130px, 1fr)); gap: 14px 20px; margin: 16px 0 0; }
.figures dt { color: ${COLOURS.quiet}; font-size: 13px; }
.figures dd { margin: 0; font-weight: 600; overflow-wrap: anywhere; }
.figures .large dd { font-size: 22px; line-height: 1.3; }
.verdict { display: inline-block; border-radius: 999px; padding: 2px 12px; font-size: 14px; font-weight: 600; margin: 8px 0 0; }
.good { background: #e2f1e7; color: #1b6b3a; }
.bad { background: #fbe4e2; color: ${COLOURS.error}; }
ul.notes { list-style: none; margin: 14px 0 0; padding: 0; }
ul.notes li { border-left: 4px solid ${COLOURS.second}; background: #fdf6ec; padding: 8px 12px; margin: 6px 0; font-size: 14px; overflow-wrap: anywhere; }
ul.notes li.problem { border-color: ${COLOURS.error}; background: #fdf0ef; }
code { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
ul.legend { list-style: none; margin: 2px 0 0; padding: 0; display: flex; flex-wrap: wrap; gap: 4px 18px; font-size: 14px; }
ul.legend li { display: flex; align-items: center; gap: 7px; }
ul.legend i { width: 13px; height: 13px; border-radius: 3px; border: 1px solid rgba(31, 41, 51, .12); flex: none; }
.chart svg { display: block; max-width: 100%; height: auto; }
.chart.wide { display: none; }
@media (min-width: 880px) { .chart.wide { display: block; } .chart.narrow { display: none; } }
.zones { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 10px; }
.zone { background: #f6f8fa; border-radius: 8px; padding: 10px; }
.group { border: 1px solid ${COLOURS.first}; border-radius: 8px; padding: 4px; margin: 0 0 8px; background: #fff; }
.group.on-demand { border-style: dashed; opacity: .65; }
.node { padding: 4px 6px; font-size: 13px; line-height: 1.35; }
.node + .node { border-top: 1px solid ${COLOURS.line}; }
.node b { font-weight: 600; }
.role { color: ${COLOURS.quiet}; display: block; }
.devices { display: flex; flex-wrap: wrap; gap: 2px; margin: 4px 0 2px; }
.devices i { width: 11px; height: 11px; border-radius: 3px; border: 1px solid ${COLOURS.line}; background: #fff; }
.devices i.used { background: ${COLOURS.first}; border-color: ${COLOURS.first}; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 14px; width: 100%; }
th, td { text-align: left; padding: 6px 14px 6px 0; border-bottom: 1px solid ${COLOURS.line}; white-space: nowrap; }
th { color: ${COLOURS.quiet}; font-weight: 600; font-size: 13px; }
`;
