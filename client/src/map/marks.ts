import type { Laid } from 'netpol-language-server/out/picture/layout.js';
import type { Arrow, Picture, PictureNode } from 'netpol-language-server/out/picture/picture.js';
import { arrowKey, isEnd, neighboursOf, nodeNamed, nodesOf, type Searched } from './visible.js';

/** What somebody looks at. */
export interface Looked {
  readonly picture: Picture;
  /** The node that is chosen, by its id, or the arrow, by its key. */
  readonly node: string | undefined;
  readonly arrow: string | undefined;
  /** The names of what the cursor of the editor is in. */
  readonly here: readonly string[];
  readonly found: Searched | undefined;
  /** Whether it is shown what the chosen node may not reach. */
  readonly denied: boolean;
}

/**
 * What is chosen, found or at the cursor stands out in a drawing; the rest steps back where something is chosen or found.
 */
export function markIn(stage: Element, laid: Laid, looked: Looked): void {
  const { picture, found } = looked;
  const touches = (arrow: Arrow, node: PictureNode) =>
    isEnd(picture, arrow, 'from', node) || isEnd(picture, arrow, 'to', node);
  const node = nodesOf(picture).find(({ id }) => id === looked.node);
  const denied = looked.denied && node !== undefined ? neighboursOf(picture, node).denied : [];
  const here = new Set(looked.here.flatMap((name) => nodeNamed(picture, name) ?? []));
  const bright = (arrow: Arrow) =>
    (found === undefined || found.arrows.has(arrow) || [...found.nodes].some((each) => touches(arrow, each))) &&
    (node === undefined || touches(arrow, node)) &&
    (looked.arrow === undefined || arrowKey(arrow) === looked.arrow);
  const lit = new Set(laid.arrows.filter(({ arrow }) => bright(arrow)).map(({ arrow }) => arrow));
  const isLit = (each: PictureNode) => {
    if (found?.nodes.has(each)) return true;
    if (node === undefined && looked.arrow === undefined) return found === undefined;
    return each === node || [...lit].some((arrow) => touches(arrow, each));
  };
  for (const [index, { node: each }] of laid.nodes.entries()) {
    const group = stage.querySelector(`[data-node="${index}"]`);
    group?.classList.toggle('selected', each === node);
    group?.setAttribute('aria-pressed', String(each === node));
    group?.classList.toggle('here', here.has(each));
    group?.classList.toggle('found', found?.nodes.has(each) === true);
    group?.classList.toggle('denied-node', denied.includes(each));
    group?.classList.toggle('dim', !isLit(each) && !denied.includes(each));
  }
  for (const [index, { arrow }] of laid.arrows.entries()) {
    const group = stage.querySelector(`[data-arrow="${index}"]`);
    group?.classList.toggle('selected', arrowKey(arrow) === looked.arrow);
    group?.classList.toggle(
      'here',
      [...here].some((each) => touches(arrow, each)),
    );
    group?.classList.toggle('dim', !lit.has(arrow));
  }
  for (const group of stage.querySelectorAll<SVGGElement>('.label')) {
    const own = (group.dataset.arrows ?? '').split(' ').flatMap((index) => laid.arrows[Number(index)]?.arrow ?? []);
    group.classList.toggle('dim', !own.some((arrow) => lit.has(arrow)));
  }
  drawDenials(stage, laid, node, denied);
}

/** Straight dotted lines to what a node may not reach: they are no part of the layout, which stays as it is. */
function drawDenials(stage: Element, laid: Laid, node: PictureNode | undefined, denied: readonly PictureNode[]): void {
  for (const old of stage.querySelectorAll('.denial')) old.remove();
  const middle = (wanted: PictureNode | undefined) => {
    const area = laid.nodes.find((each) => each.node === wanted);
    return area === undefined ? undefined : { x: area.x + area.width / 2, y: area.y + area.height / 2 };
  };
  const start = middle(node);
  const under = stage.querySelector('.arrows');
  for (const each of denied) {
    const end = middle(each);
    if (start === undefined || end === undefined) continue;
    const line = document.createElementNS('http://www.w3.org/2000/svg', 'line');
    line.setAttribute('class', 'denial');
    for (const [name, value] of Object.entries({ x1: start.x, y1: start.y, x2: end.x, y2: end.y })) {
      line.setAttribute(name, String(value));
    }
    under?.append(line);
  }
}
