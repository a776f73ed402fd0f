import type { LaidNode } from 'netpol-language-server/out/picture/layout.js';
import type { PictureNode } from 'netpol-language-server/out/picture/picture.js';

/** The next node in a direction, as a person would take it: near, and rather straight ahead. Undefined where there is none. */
export function nearestIn(
  nodes: readonly LaidNode[],
  from: PictureNode,
  [right, down]: readonly [number, number],
): PictureNode | undefined {
  const start = nodes.find(({ node }) => node === from);
  if (start === undefined) return undefined;
  const middle = ({ x, y, width, height }: LaidNode) => ({ x: x + width / 2, y: y + height / 2 });
  const own = middle(start);
  let best: { readonly node: PictureNode; readonly cost: number } | undefined;
  for (const each of nodes) {
    const at = middle(each);
    const ahead = (at.x - own.x) * right + (at.y - own.y) * down;
    const aside = Math.abs((at.x - own.x) * down + (at.y - own.y) * right);
    if (each === start || ahead < 1) continue;
    const cost = ahead + aside * 2.5;
    if (best === undefined || cost < best.cost) best = { node: each.node, cost };
  }
  return best?.node;
}
