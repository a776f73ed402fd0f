import { outsideFramed } from './closed.js';
import type { Edge } from './edge.js';
import { type Picture, pictureOf } from './picture.js';

/** The picture of a map: workloads that nothing tells apart are always one node. `others` are drawn also unconnected. */
export function mapPicture(edges: readonly Edge[], others: readonly string[]): Picture {
  return outsideFramed(pictureOf(edges, 0, others));
}
