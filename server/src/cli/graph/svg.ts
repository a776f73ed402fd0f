import { CannotRun } from '../input.js';
import { dot } from './dot.js';
import type { Edge } from './edge.js';
import { pictureOf } from './picture.js';

/** The time to lay arrows out grows steeply: 300 take two seconds, 600 a minute, and nobody can follow so many. */
const drawable = 400;

/**
 * The connections as a drawing. The library that lays it out is loaded at the first drawing: it is larger than all the rest
 * of the command line. Rejects with `CannotRun` where the drawing would have too many arrows, and where the library is not
 * installed with what the import says.
 */
export async function svg(edges: readonly Edge[]): Promise<string> {
  const { arrows } = pictureOf(edges);
  if (arrows.length > drawable) {
    throw new CannotRun(
      `the drawing would have ${arrows.length} arrows, too many to read (at most ${drawable}): draw fewer workloads, or take another format such as dot or csv`,
    );
  }
  const { Graphviz } = await import('@hpcc-js/wasm-graphviz');
  const graphviz = await Graphviz.load();
  return graphviz.layout(dot(edges), 'svg', 'dot');
}
