import { Graph, layout } from '@dagrejs/dagre';
import { around } from './around.js';
import type { Arrow, Group, Picture, PictureNode } from './picture.js';
import { foldedRows } from './rows.js';
import { textSize } from './text-size.js';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A rectangle by its top left corner. */
export interface Area extends Point {
  readonly width: number;
  readonly height: number;
}

/** A namespace that is open, or a frame. */
export interface LaidBox extends Area {
  readonly namespace: string;
  readonly frame: Group['frame'];
}

export interface LaidNode extends Area {
  readonly node: PictureNode;
  /** Of its namespace's box, if it stands in one. */
  readonly namespace: string | undefined;
  /** What its members may send to each other, where it stands for several: an arrow that is written into it. */
  readonly own: readonly Arrow[];
}

export interface LaidArrow {
  readonly arrow: Arrow;
  /** At least two, from the source to the target. */
  readonly points: readonly Point[];
}

/** A label in the middle of a point; arrows between the same boxes with the same ports share one. */
export interface LaidLabel extends Area {
  readonly lines: readonly string[];
  readonly arrows: readonly Arrow[];
}

/** A picture with places, in CSS pixels. */
export interface Laid {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly LaidBox[];
  readonly nodes: readonly LaidNode[];
  readonly arrows: readonly LaidArrow[];
  readonly labels: readonly LaidLabel[];
}

export const sizes = { heading: 12, below: 10, label: 10, box: 12, line: 13 } as const;
const margin = 16;
/** What there is room for: a window, or half of one beside an editor. */
export type Shape = 'wide' | 'tall';

/** What is shown at a glance; where rows are made, what leads from one to another crosses what is between. */
interface View {
  readonly width: number;
  readonly height: number;
  /** How many times larger something may be before it is better made of rows. */
  readonly crossing: number;
}
const views: Readonly<Record<Shape, View>> = {
  wide: { width: 1500, height: 950, crossing: 1.8 },
  tall: { width: 800, height: 1050, crossing: 1.8 },
};
/** What a namespace takes of it at most, if it can; few arrows there lead from row to row. */
const part: View = { width: 760, height: 560, crossing: 1 };
const padding = { top: 30, side: 14, bottom: 14 };
/** Beyond this, arrows are drawn straight: to lay them out would take minutes. */
const mostArrows = 500;

/**
 * Lays a picture out, for a page of some shape. The inside of a namespace depends on nothing outside of it, so that an edit in one
 * leaves the others as they were; then the boxes are laid out among each other. The same picture gives the same places.
 */
export function laidOut(picture: Picture, shape: Shape = 'wide'): Laid {
  const insides = picture.groups.filter(isBox).map((group) => insideOf(group, picture.arrows));
  const loose = picture.groups.filter((group) => !isBox(group)).flatMap(({ nodes }) => nodes);
  const outerOf = new Map<PictureNode, string>(loose.map((node) => [node, node.id]));
  for (const { group } of insides) for (const node of group.nodes) outerOf.set(node, boxId(group.namespace ?? ''));
  const items: Item[] = [
    ...insides.map(({ group, width, height }) => ({ id: boxId(group.namespace ?? ''), width, height })),
    ...loose.map((node) => ({ id: node.id, ...sizeOf(node, ownOf(node, picture.arrows)) })),
  ];
  const outside = picture.arrows.filter(
    ({ from, to }) => outerOf.has(from) && outerOf.has(to) && outerOf.get(from) !== outerOf.get(to),
  );
  const trunks = trunksOf(outside, outerOf);
  const { width, height, areas, trunkPlaces } = fitting(
    items,
    trunks,
    { nodesep: 26, ranksep: 46, edgesep: 10 },
    views[shape],
  );

  const nodes: LaidNode[] = [];
  const boxes: LaidBox[] = [];
  const arrows: LaidArrow[] = [];
  const labels: LaidLabel[] = [];
  const area = (id: string): Area => areas.get(id) ?? { x: 0, y: 0, width: 0, height: 0 };
  for (const node of loose) {
    nodes.push({ node, namespace: undefined, own: ownOf(node, picture.arrows), ...area(node.id) });
  }
  for (const { group, ...inside } of insides) {
    const namespace = group.namespace ?? '';
    const box = area(boxId(namespace));
    boxes.push({ ...box, namespace, frame: group.frame });
    const by = { x: box.x + padding.side, y: box.y + padding.top };
    for (const node of inside.nodes) nodes.push({ ...node, ...moved(node, by) });
    for (const { arrow, points } of inside.arrows)
      arrows.push({ arrow, points: points.map((each) => moved(each, by)) });
    for (const label of inside.labels) labels.push({ ...label, ...moved(label, by) });
  }
  const areaOf = new Map(nodes.map((laid) => [laid.node, laid]));
  const tail = (node: PictureNode, border: Point | undefined) => {
    const laid = areaOf.get(node);
    if (laid === undefined || laid.namespace === undefined || border === undefined) return [];
    const others = nodes.filter((each) => each !== laid && each.namespace === laid.namespace);
    return tailOf(laid, border, area(outerOf.get(node) ?? ''), others);
  };
  for (const [index, trunk] of trunks.entries()) {
    const place = trunkPlaces[index];
    if (place === undefined) continue;
    for (const arrow of trunk.arrows) {
      const turned = outerOf.get(arrow.from) !== trunk.from;
      const middle = turned ? place.points.toReversed() : place.points;
      const points = [
        ...(arrow.every.from === undefined ? tail(arrow.from, middle[0]) : []),
        ...middle,
        ...(arrow.every.to === undefined ? tail(arrow.to, middle.at(-1)).toReversed() : []),
      ];
      arrows.push({ arrow, points });
    }
    labels.push({ ...trunk.size, lines: trunk.lines, arrows: trunk.arrows, ...place.label });
  }
  const by = { x: margin, y: margin };
  return {
    width: width + 2 * margin,
    height: height + 2 * margin,
    boxes: boxes.map((each) => ({ ...each, ...moved(each, by) })),
    nodes: nodes.map((each) => ({ ...each, ...moved(each, by) })),
    arrows: arrows.map(({ arrow, points }) => ({ arrow, points: points.map((each) => moved(each, by)) })),
    labels: labels.map((each) => ({ ...each, ...moved(each, by) })),
  };
}

/** A box, or a node beside the boxes. */
export interface Item {
  readonly id: string;
  readonly width: number;
  readonly height: number;
}

/** Arrows that go the same way with the same words: laid out as one, which fans out at its ends. */
export interface Trunk {
  readonly from: string;
  readonly to: string;
  readonly lines: readonly string[];
  readonly size: { readonly width: number; readonly height: number };
  readonly arrows: readonly Arrow[];
}

/** Items and trunks with places: labels by their middle, all else by the top left corner. */
export interface Arranged {
  readonly width: number;
  readonly height: number;
  readonly areas: ReadonlyMap<string, Area>;
  readonly trunkPlaces: readonly { readonly points: readonly Point[]; readonly label: Point }[];
}

function trunksOf(arrows: readonly Arrow[], outerOf: ReadonlyMap<PictureNode, string>): readonly Trunk[] {
  const found = new Map<string, Trunk & { arrows: Arrow[] }>();
  for (const arrow of arrows) {
    const [from, to] = [outerOf.get(arrow.from) ?? '', outerOf.get(arrow.to) ?? ''];
    const lines = labelOf(arrow);
    const key = JSON.stringify([from, to, lines, arrow.kind]);
    const back = arrow.both ? JSON.stringify([to, from, lines, arrow.kind]) : undefined;
    const known = found.get(key) ?? (back === undefined ? undefined : found.get(back));
    if (known !== undefined) known.arrows.push(arrow);
    else found.set(key, { from, to, lines, size: textSize(lines, sizes.label), arrows: [arrow] });
  }
  return [...found.values()];
}

/** Ports in a few short lines. */
export function labelOf({ ports, kind }: Arrow): readonly string[] {
  const words = ports.map((line) => (line === 'All Connections' ? 'all ports' : line));
  const lines: string[] = [];
  for (const part of words.flatMap((word) => word.split(/(?<=,)/))) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + part.length <= 22)
      lines[lines.length - 1] = `${last}${last.endsWith(',') ? '' : ', '}${part}`;
    else lines.push(part);
  }
  const shown = lines.length > 3 ? [...lines.slice(0, 2), `and ${lines.length - 2} lines more`] : lines;
  return kind === 'one-sided' ? shown.map((line, i) => (i === 0 ? `\u2717 ${line}` : line)) : shown;
}

function insideOf(group: Group, all: readonly Arrow[]) {
  const members = new Set(group.nodes);
  const own = all.filter(({ from, to }) => from !== to && members.has(from) && members.has(to));
  const outerOf = new Map(group.nodes.map((node) => [node, node.id]));
  const trunks = trunksOf(own, outerOf);
  const items = group.nodes.map((node) => ({ id: node.id, ...sizeOf(node, ownOf(node, all)) }));
  const found = fitting(items, trunks, { nodesep: 14, ranksep: 24, edgesep: 6 }, part);
  const title = textSize([group.namespace ?? ''], sizes.box).width;
  return {
    group,
    width: Math.max(found.width, title) + 2 * padding.side,
    height: found.height + padding.top + padding.bottom,
    nodes: group.nodes.flatMap((node): LaidNode[] => {
      const area = found.areas.get(node.id);
      return area === undefined ? [] : [{ node, namespace: group.namespace, own: ownOf(node, all), ...area }];
    }),
    arrows: trunks.flatMap(({ arrows, from }, i) => {
      const points = found.trunkPlaces[i]?.points ?? [];
      return arrows.map((arrow) => ({ arrow, points: arrow.from.id === from ? points : points.toReversed() }));
    }),
    labels: trunks.flatMap(({ size, lines, arrows }, i) => {
      const place = found.trunkPlaces[i];
      return place === undefined ? [] : [{ ...size, lines, arrows, ...place.label }];
    }),
  };
}

/** The space between items, in the words of the library. */
interface Space {
  readonly nodesep: number;
  readonly ranksep: number;
  readonly edgesep: number;
}

/**
 * From left to right, or where a window would show that much smaller, from top to bottom, or from left to right in rows.
 */
function fitting(items: readonly Item[], trunks: readonly Trunk[], space: Space, within: View): Arranged {
  const across = arranged(items, trunks, space, 'LR');
  if (across.width <= within.width) return across;
  const ways = [
    { laid: across, factor: 1 },
    { laid: arranged(items, trunks, space, 'TB'), factor: 1.1 },
    { laid: foldedRows(across, trunks), factor: within.crossing },
  ].map(({ laid, factor }) => ({ laid, cost: factor * scaleOf(laid, within) }));
  return ways.reduce((best, each) => (each.cost < best.cost ? each : best)).laid;
}

/** How many times larger than a window; 1 for all that fits. */
function scaleOf({ width, height }: Arranged, within: View): number {
  return Math.max(1, width / within.width, height / within.height);
}

function arranged(items: readonly Item[], trunks: readonly Trunk[], space: Space, rankdir: 'LR' | 'TB'): Arranged {
  if (trunks.length > mostArrows) return inGrid(items, trunks);
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir, ranker: 'network-simplex', ...space });
  for (const { id, width, height } of items) graph.setNode(id, { width, height });
  for (const [index, { from, to, size }] of trunks.entries()) {
    graph.setEdge(from, to, { ...size, labelpos: 'c' }, String(index));
  }
  layout(graph);
  const areas = new Map(
    items.map(({ id, width, height }) => {
      const at: Partial<Point> = graph.node(id);
      return [id, { x: (at.x ?? 0) - width / 2, y: (at.y ?? 0) - height / 2, width, height }] as const;
    }),
  );
  const trunkPlaces = trunks.map(({ from, to }, index) => {
    const laid: Partial<Point & { points: readonly Point[] }> = graph.edge(from, to, String(index));
    const { points = [], x = 0, y = 0 } = laid;
    return { points, label: { x, y } };
  });
  const all = [...areas.values()];
  return {
    width: Math.max(
      0,
      ...all.map((each) => each.x + each.width),
      ...trunkPlaces.flatMap((each) => each.points.map(({ x }) => x)),
      ...trunkPlaces.map(({ label }, i) => label.x + (trunks[i]?.size.width ?? 0) / 2),
    ),
    height: Math.max(
      0,
      ...all.map((each) => each.y + each.height),
      ...trunkPlaces.flatMap((each) => each.points.map(({ y }) => y)),
      ...trunkPlaces.map(({ label }, i) => label.y + (trunks[i]?.size.height ?? 0) / 2),
    ),
    areas,
    trunkPlaces,
  };
}

/** So many arrows that none can be followed: the items in rows, the arrows straight. */
function inGrid(items: readonly Item[], trunks: readonly Trunk[]): Arranged {
  const columns = Math.ceil(Math.sqrt(items.length));
  const [wide, high] = [
    Math.max(...items.map(({ width }) => width)) + 80,
    Math.max(...items.map(({ height }) => height)) + 60,
  ];
  const areas = new Map(
    items.map(({ id, width, height }, i) => [
      id,
      { x: (i % columns) * wide, y: Math.floor(i / columns) * high, width, height },
    ]),
  );
  const middle = (id: string) => {
    const { x = 0, y = 0, width = 0, height = 0 } = areas.get(id) ?? {};
    return { x: x + width / 2, y: y + height / 2 };
  };
  const trunkPlaces = trunks.map(({ from, to }) => {
    const [a, b] = [middle(from), middle(to)];
    return { points: [a, b], label: { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 } };
  });
  return { width: columns * wide, height: Math.ceil(items.length / columns) * high, areas, trunkPlaces };
}

/** From the side of a node to the border of its box, around what else stands in it. */
function tailOf(laid: LaidNode, border: Point, box: Area, others: readonly Area[]): readonly Point[] {
  const beside = laid.node.role === 'outside' || border.x <= box.x + 1 || border.x >= box.x + box.width - 1;
  const [x, y] = [laid.x + laid.width / 2, laid.y + laid.height / 2];
  const start = beside
    ? { x: border.x < x ? laid.x : laid.x + laid.width, y }
    : { x, y: border.y < y ? laid.y : laid.y + laid.height };
  return around(laid, start, border, others);
}

function sizeOf(node: PictureNode, own: readonly Arrow[]): { width: number; height: number } {
  const rows = [
    textSize([node.heading], sizes.heading),
    ...(node.below === '' ? [] : [textSize([node.below], sizes.below)]),
    ...own.map((arrow) => textSize([selfWords(arrow)], sizes.below)),
  ];
  return { width: Math.max(64, ...rows.map(({ width }) => width)) + 20, height: rows.length * 15 + 12 };
}

/** "each other: TCP 80". */
export function selfWords(arrow: Arrow): string {
  return `each other: ${labelOf(arrow).join(' ')}`;
}

function ownOf(node: PictureNode, arrows: readonly Arrow[]): readonly Arrow[] {
  return arrows.filter(({ from, to }) => from === node && to === node);
}

/** A namespace that is open; a closed one is a node like those outside. */
function isBox({ namespace, frame, nodes }: Group): boolean {
  return frame !== undefined || (namespace !== undefined && !(nodes.length === 1 && nodes[0]?.role === 'namespace'));
}

function boxId(namespace: string): string {
  return `box ${namespace}`;
}

function moved<T extends Point>({ x, y }: T, by: Point): Point {
  return { x: x + by.x, y: y + by.y };
}
