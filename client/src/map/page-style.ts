import { mapStyle, palettes } from 'netpol-language-server/out/picture/style.js';

/** The page's looks: the editor's own colours around the drawing, and its theme's kind for the drawing itself. */
export const pageStyle = `
:root { ${palettes.light} }
body.vscode-dark, body.vscode-high-contrast:not(.vscode-high-contrast-light) { ${palettes.dark} }
body { --map-paper: var(--vscode-editor-background); --map-ink: var(--vscode-editor-foreground);
  --map-faint: var(--vscode-descriptionForeground); --accent: var(--vscode-focusBorder, #0a7cd8);
  margin: 0; padding: 0; height: 100vh; display: flex; flex-direction: column; overflow: hidden;
  color: var(--vscode-foreground); background: var(--vscode-editor-background);
  font-family: var(--vscode-font-family); font-size: var(--vscode-font-size, 13px); }
body.vscode-high-contrast:not(.vscode) { --map-paper: var(--vscode-editor-background); --map-box: var(--vscode-editor-background);
  --map-node: var(--vscode-editor-background); --map-outside: var(--vscode-editor-background); --map-entry: var(--vscode-editor-background);
  --map-box-border: var(--vscode-contrastBorder); --map-node-border: var(--vscode-contrastBorder);
  --map-outside-border: var(--vscode-contrastBorder); --map-entry-border: var(--vscode-contrastBorder);
  --map-faint: var(--vscode-foreground); --accent: var(--vscode-contrastActiveBorder, #f38518); }
body.vscode-high-contrast .node.outside rect { stroke-dasharray: 1 3; stroke-width: 2; }
header { display: flex; flex-wrap: wrap; gap: 6px; align-items: center; padding: 6px 10px;
  border-bottom: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent)); }
header input { flex: 1 1 130px; min-width: 90px; max-width: 260px; }
input, select { color: var(--vscode-input-foreground); background: var(--vscode-input-background);
  border: 1px solid var(--vscode-input-border, var(--vscode-contrastBorder, transparent)); border-radius: 3px; padding: 3px 6px;
  font: inherit; }
select { color: var(--vscode-dropdown-foreground); background: var(--vscode-dropdown-background);
  border-color: var(--vscode-dropdown-border, transparent); max-width: 180px; }
button { color: var(--vscode-button-secondaryForeground, inherit); background: var(--vscode-button-secondaryBackground, transparent);
  border: 1px solid var(--vscode-contrastBorder, transparent); border-radius: 3px; padding: 3px 8px; font: inherit; cursor: pointer; }
button:hover { background: var(--vscode-button-secondaryHoverBackground, var(--vscode-toolbar-hoverBackground)); }
button[aria-pressed="true"] { color: var(--vscode-button-foreground); background: var(--vscode-button-background); }
body.vscode-high-contrast button[aria-pressed="true"] { outline: 1px dashed var(--accent); }
:focus-visible { outline: 1px solid var(--accent); outline-offset: 1px; }
button.link { color: var(--vscode-textLink-foreground); background: none; border: none; padding: 1px 0; text-align: left; }
button.link:hover { text-decoration: underline; }
main { flex: 1; display: flex; min-height: 0; }
#stage { flex: 1; position: relative; overflow: hidden; cursor: grab; touch-action: none; }
#stage:active { cursor: grabbing; }
#stage svg { position: absolute; left: 0; top: 0; transform-origin: 0 0; overflow: visible; }
#stage.gliding svg { transition: transform 120ms ease-out; }
@media (prefers-reduced-motion: reduce) { #stage.gliding svg { transition: none; } }
#problem { margin: 15vh auto 0; max-width: 40em; padding: 0 2em; text-align: center; line-height: 1.6; }
#problem p { font-size: 1.1em; }
aside { width: 270px; flex: none; overflow: auto; padding: 8px 12px 16px; box-sizing: border-box;
  border-left: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent)); }
aside[hidden] { display: none; }
@media (max-width: 640px) { main { flex-direction: column; } aside { width: auto; height: 34vh; border-left: none;
  border-top: 1px solid var(--vscode-panel-border, transparent); } }
aside h2 { font-size: 1.05em; margin: 10px 0 4px; overflow-wrap: anywhere; }
aside h3 { font-size: 0.92em; margin: 12px 0 2px; color: var(--vscode-descriptionForeground); font-weight: 600; }
aside ul { list-style: none; margin: 0; padding: 0; }
aside li { padding: 1px 0; overflow-wrap: anywhere; }
aside p { margin: 4px 0; color: var(--vscode-descriptionForeground); }
#status { padding: 2px 10px; min-height: 1.3em; font-size: 0.92em; color: var(--vscode-descriptionForeground);
  white-space: nowrap; overflow: hidden; text-overflow: ellipsis; flex: none; }
.legend { display: grid; grid-template-columns: 34px 1fr; gap: 3px 8px; align-items: center; margin-top: 10px; }
.legend svg { width: 34px; height: 12px; }
.legend path { fill: none; stroke: var(--map-c0); stroke-width: 1.6; }
.legend .wide { stroke-width: 3.2; }
.legend .dashed { stroke: var(--map-blocked); stroke-dasharray: 6 4; }
.legend .dotted { stroke: var(--map-blocked); stroke-dasharray: 1.5 4; stroke-linecap: round; }
.legend rect { fill: none; stroke: var(--accent); stroke-width: 2.4; }
${mapStyle}
.netpol-map .node, .netpol-map .arrow, .netpol-map .label, .netpol-map .box text { cursor: pointer; }
.netpol-map .arrow .hit { stroke: transparent; pointer-events: stroke; }
.netpol-map .node:focus { outline: none; }
.netpol-map .node:focus-visible rect { stroke: var(--accent); stroke-width: 2.6; }
.netpol-map .node.here rect { stroke: var(--accent); stroke-width: 2.4; }
.netpol-map .node.selected rect { stroke: var(--accent); stroke-width: 3.4; }
.netpol-map .arrow:hover .line, .netpol-map .arrow.selected .line { stroke-width: 3; }
.netpol-map .arrow.here .line { stroke-width: 2; }
.netpol-map .dim { opacity: 0.16; }
.netpol-map .found rect { stroke: var(--vscode-editor-findMatchBorder, var(--accent)); stroke-width: 2.6; }
.netpol-map .denial { stroke: var(--map-blocked); stroke-width: 1.4; stroke-dasharray: 1.5 5; stroke-linecap: round; pointer-events: none; }
.netpol-map .denied-node rect { stroke: var(--map-blocked); stroke-dasharray: 2 3; }
`;
