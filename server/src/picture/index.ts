export { dot } from './dot.js';
export type { Edge } from './edge.js';
export { edgeWriter } from './edges.js';
export { mermaid } from './mermaid.js';
export { svg } from './svg.js';
export { csv, markdown } from './tables.js';
