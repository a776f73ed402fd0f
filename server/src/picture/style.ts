/**
 * How the elements of a drawing look, by custom properties: a page sets these as its theme has them. The second part is for
 * a picture that stands alone: on white, or on black where the reader's system is dark.
 */
export const mapStyle = `
.netpol-map { font-family: Helvetica, Arial, "Liberation Sans", sans-serif; }
.netpol-map .paper { fill: var(--map-paper); }
.netpol-map text { fill: var(--map-ink); }
.netpol-map .box rect { fill: var(--map-box); stroke: var(--map-box-border); }
.netpol-map .box text { font-size: 12px; font-weight: 600; }
.netpol-map .box.frame rect { fill: none; stroke-dasharray: 2 4; stroke-width: 1.4; }
.netpol-map .node rect { fill: var(--map-node); stroke: var(--map-node-border); stroke-width: 1.2; }
.netpol-map .node text { text-anchor: middle; }
.netpol-map .node .heading { font-size: 12px; }
.netpol-map .node .below { font-size: 10px; fill: var(--map-faint); }
.netpol-map .node.namespace rect { fill: var(--map-box); stroke: var(--map-box-border); stroke-width: 1.6; }
.netpol-map .node.namespace .heading { font-weight: 600; }
.netpol-map .node.outside rect { fill: var(--map-outside); stroke: var(--map-outside-border); }
.netpol-map .node.entry rect { fill: var(--map-entry); stroke: var(--map-entry-border); }
.netpol-map .node.unnamed rect { stroke-dasharray: 4 3; }
.netpol-map .arrow .line { fill: none; stroke: var(--own); stroke-width: 1.3; }
.netpol-map .arrow.every .line { stroke-width: 2.2; }
.netpol-map .arrow .head { fill: var(--own); }
.netpol-map .arrow .hit { fill: none; stroke: none; stroke-width: 10; }
.netpol-map .label rect { fill: var(--map-paper); opacity: 0.82; }
.netpol-map .label text { font-size: 10px; text-anchor: middle; fill: var(--own); }
.netpol-map .one-sided .line { stroke-dasharray: 6 4; }
.netpol-map .note { font-size: 11px; fill: var(--map-faint); }
${Array.from({ length: 8 }, (_, i) => `.netpol-map .c${i} { --own: var(--map-c${i}); }`).join('\n')}
.netpol-map .one-sided { --own: var(--map-blocked); }
`;

const light =
  '--map-paper: #ffffff; --map-ink: #1b2733; --map-faint: #5a6672; --map-box: #eef3f9; --map-box-border: #9db2c8; --map-node: #ffffff; --map-node-border: #4a6785; --map-outside: #fdf0d5; --map-outside-border: #a8741a; --map-entry: #e2f2e6; --map-entry-border: #2e7d4f; --map-blocked: #b3261e; --map-c0: #1f5fa8; --map-c1: #2e7d4f; --map-c2: #7a3e9d; --map-c3: #8a6100; --map-c4: #00727a; --map-c5: #8c3b63; --map-c6: #4d5cc4; --map-c7: #55585c;';
const dark =
  '--map-paper: #1e1f22; --map-ink: #e6e8ea; --map-faint: #a3abb3; --map-box: #272b31; --map-box-border: #4a5663; --map-node: #32383f; --map-node-border: #7d93aa; --map-outside: #3b3323; --map-outside-border: #c9963f; --map-entry: #22372a; --map-entry-border: #5cb37e; --map-blocked: #f28b82; --map-c0: #79b0ee; --map-c1: #71c992; --map-c2: #c795e6; --map-c3: #dcb35c; --map-c4: #5fc9d2; --map-c5: #e592bb; --map-c6: #a2acf7; --map-c7: #b9bec4;';

/** The colours of light and of dark pictures, as custom properties. */
export const palettes = { light, dark };

export const aloneStyle = `.netpol-map { ${light} }${mapStyle}@media (prefers-color-scheme: dark) { .netpol-map { ${dark} } }`;
