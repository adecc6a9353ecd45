import {pageColors, pictureColors} from '../../../terminal/picture/theme.ts'

/** Colors and lines of a picture, light and dark. Part of the SVG file and of the HTML page. */
export const pictureStyle = `
${pictureColors}.picture text { font: 12px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; fill: var(--text); white-space: pre; }
.picture .back { fill: var(--back); }
.picture .network rect { fill: none; stroke: var(--soft); stroke-dasharray: 4 4; }
.picture .network text, .picture .label { fill: var(--soft); }
.picture .node rect { fill: var(--box); stroke: var(--line); stroke-width: 1.5; }
.picture .title { font-weight: bold; }
.picture .edge path { fill: none; stroke: var(--line); stroke-width: 1.5; }
.picture .edge rect { fill: var(--back); }
.picture .exports path, .picture .imports path, .picture .istiod path { stroke-dasharray: 5 4; }
.picture marker path { fill: var(--line); }
.picture .warning > rect, .picture .edge.warning > path { stroke: var(--warning); stroke-width: 2; }
.picture .broken > rect, .picture .edge.broken > path { stroke: var(--broken); stroke-width: 2.5; }
.picture .edge > rect { stroke: none; }
.picture #arrow-warning path { fill: var(--warning); }
.picture #arrow-broken path { fill: var(--broken); }
.picture text.warning, .picture .edge.warning > text { fill: var(--warning); }
.picture text.broken, .picture .edge.broken > text { fill: var(--broken); }
`

/** The style of the HTML page around the picture. */
export const pageStyle = `
${pageColors}html, body { height: 100%; margin: 0; }
body { display: flex; flex-direction: column; background: var(--page); color: var(--ink); font: 14px/1.4 system-ui, sans-serif; }
header { display: flex; flex-wrap: wrap; gap: 8px 16px; align-items: center; padding: 8px 12px; border-bottom: 1px solid var(--rule); }
h1 { font-size: 16px; margin: 0; flex: 1 1 auto; }
input, button { font: inherit; color: inherit; background: var(--page); border: 1px solid var(--rule); border-radius: 6px; padding: 6px 10px; min-height: 36px; }
input { width: 14em; max-width: 100%; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 1px; }
main { flex: 1 1 auto; display: flex; min-height: 0; }
#picture { flex: 1 1 auto; min-width: 0; width: 100%; height: 100%; touch-action: none; cursor: grab; }
#picture .node { cursor: pointer; }
#picture .node:focus-visible > rect { stroke: var(--focus); stroke-width: 3; }
#picture .dim { opacity: 0.15; }
#details { flex: 0 0 24em; max-width: 100%; overflow: auto; padding: 12px; border-left: 1px solid var(--rule); overflow-wrap: anywhere; }
#details[hidden], section[hidden] { display: none; }
#details button { float: right; }
#details h2 { font-size: 15px; margin: 0 0 8px; }
#problems { list-style: none; margin: 0; padding: 4px 12px; max-height: 8em; overflow: auto; }
#details ul { list-style: none; margin: 0; padding: 0; }
#details li { padding: 4px 0; border-top: 1px solid var(--rule); }
#details b { display: inline-block; min-width: 6em; font-weight: 600; }
li.broken { color: var(--red); }
li.warning { color: var(--amber); }
@media (max-width: 700px) {
  main { flex-direction: column; }
  #picture { flex: 1 1 50%; min-height: 0; }
  #details { flex: 0 1 auto; max-height: 50%; border-left: 0; border-top: 1px solid var(--rule); }
  input { width: 9em; }
}
`
