import type { Area, Point } from './layout.js';

/** How far from a node a line turns; the space between two nodes of a box is more than twice of it. */
const gap = 6;
/** Beyond so many nodes in one box a way around them is not looked for: the line goes straight. */
const mostNodes = 30;
/** A turn counts as much as so much of a way, so that of two ways the plainer one is taken. */
const turn = 12;

/**
 * The way from a node to a point on the border of its box, without that point: a line that passed behind another node would be read
 * as two, one to it and one from it. It begins at `start`, on the node's edge, where nothing is in between; else at the side of the
 * node from which the way around the others is shortest, and straight if there is none.
 */
export function around(node: Area, start: Point, border: Point, others: readonly Area[]): readonly Point[] {
  const free = (a: Point, b: Point) => !crosses(a, b, node) && others.every((other) => !crosses(a, b, grown(other, 2)));
  if (others.length >= mostNodes || free(start, border)) return [start];
  const corners = [node, ...others].flatMap((each) => cornersOf(grown(each, gap)));
  const open: Way[] = sidesOf(node).map((at) => ({ at, length: 0, before: undefined }));
  const done = new Set<Point>();
  for (;;) {
    const nearest = open.reduce<Way | undefined>(
      (best, each) => (best === undefined || guess(each, border) < guess(best, border) ? each : best),
      undefined,
    );
    if (nearest === undefined) return [start];
    open.splice(open.indexOf(nearest), 1);
    if (nearest.at === border) return placesOf(nearest.before);
    if (done.has(nearest.at)) continue;
    done.add(nearest.at);
    for (const next of [border, ...corners]) {
      if (done.has(next) || !free(nearest.at, next)) continue;
      open.push({ at: next, length: nearest.length + distance(nearest.at, next) + turn, before: nearest });
    }
  }
}

interface Way {
  readonly at: Point;
  readonly length: number;
  readonly before: Way | undefined;
}

/** No way from here can be shorter. */
function guess({ at, length }: Way, goal: Point): number {
  return length + distance(at, goal);
}

function placesOf(way: Way | undefined): readonly Point[] {
  return way === undefined ? [] : [...placesOf(way.before), way.at];
}

function sidesOf({ x, y, width, height }: Area): readonly Point[] {
  return [
    { x: x + width / 2, y },
    { x: x + width / 2, y: y + height },
    { x, y: y + height / 2 },
    { x: x + width, y: y + height / 2 },
  ];
}

function cornersOf({ x, y, width, height }: Area): readonly Point[] {
  return [
    { x, y },
    { x: x + width, y },
    { x, y: y + height },
    { x: x + width, y: y + height },
  ];
}

function grown({ x, y, width, height }: Area, by: number): Area {
  return { x: x - by, y: y - by, width: width + 2 * by, height: height + 2 * by };
}

/** Whether a line passes through the inside of an area; along its edge it does not. (Liang and Barsky) */
export function crosses(a: Point, b: Point, { x, y, width, height }: Area): boolean {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  let [enters, leaves] = [0, 1];
  for (const [step, room] of [
    [-dx, a.x - x],
    [dx, x + width - a.x],
    [-dy, a.y - y],
    [dy, y + height - a.y],
  ] as const) {
    if (Math.abs(step) < 1e-9) {
      if (room <= 1e-9) return false;
    } else if (step < 0) enters = Math.max(enters, room / step);
    else leaves = Math.min(leaves, room / step);
  }
  return leaves - enters > 1e-6;
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
