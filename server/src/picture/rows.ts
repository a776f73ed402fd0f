import type { Area, Arranged, Point, Trunk } from './layout.js';

const between = 46;

/** Takes the columns of a long layout into rows below each other; what leads from row to row goes straight. */
export function foldedRows(flat: Arranged, trunks: readonly Trunk[]): Arranged {
  const rows = Math.round(Math.sqrt(flat.width / (flat.height * 1.7)));
  if (rows < 2) return flat;
  const columns = columnsOf(flat.areas);
  const target = flat.width / rows;
  const rowOf = new Map<string, number>();
  const spans: { left: number; top: number; right: number; bottom: number }[] = [];
  for (const column of columns) {
    const left = Math.min(...column.map(([, { x }]) => x));
    const right = Math.max(...column.map(([, { x, width }]) => x + width));
    const current = spans.at(-1);
    const span =
      current === undefined || (right - current.left > target && spans.length < rows)
        ? { left, top: Number.POSITIVE_INFINITY, right, bottom: 0 }
        : current;
    if (span !== current) spans.push(span);
    span.right = Math.max(span.right, right);
    span.top = Math.min(span.top, ...column.map(([, { y }]) => y));
    span.bottom = Math.max(span.bottom, ...column.map(([, { y, height }]) => y + height));
    for (const [id] of column) rowOf.set(id, spans.length - 1);
  }
  // Arrows within a row may lead above or below its boxes.
  for (const [i, { from, to }] of trunks.entries()) {
    const span = rowOf.get(from) === rowOf.get(to) ? spans[rowOf.get(from) ?? 0] : undefined;
    if (span === undefined) continue;
    const ys = (flat.trunkPlaces[i]?.points ?? []).map(({ y }) => y);
    span.top = Math.min(span.top, ...ys);
    span.bottom = Math.max(span.bottom, ...ys);
  }
  let next = 0;
  const shifts = spans.map((span): Point => {
    const shift = { x: -span.left, y: next - span.top };
    next += span.bottom - span.top + between;
    return shift;
  });
  const shiftOf = (id: string): Point => shifts[rowOf.get(id) ?? 0] ?? { x: 0, y: 0 };
  const areas = new Map([...flat.areas].map(([id, area]) => [id, { ...area, ...moved(area, shiftOf(id)) }]));
  const trunkPlaces = trunks.map(({ from, to }, i) => {
    const { points, label } = flat.trunkPlaces[i] ?? { points: [], label: { x: 0, y: 0 } };
    if (rowOf.get(from) === rowOf.get(to)) {
      const shift = shiftOf(from);
      return { points: points.map((each) => moved(each, shift)), label: moved(label, shift) };
    }
    return straight(areas.get(from), areas.get(to));
  });
  return {
    width: Math.max(...spans.map(({ left, right }) => right - left)),
    height: next - between,
    areas,
    trunkPlaces,
  };
}

/** Items of one rank stand in one column, around the same middle. */
function columnsOf(areas: ReadonlyMap<string, Area>): readonly (readonly (readonly [string, Area])[])[] {
  const byMiddle = new Map<number, (readonly [string, Area])[]>();
  for (const [id, area] of areas) {
    const middle = Math.round(area.x + area.width / 2);
    byMiddle.set(middle, [...(byMiddle.get(middle) ?? []), [id, area]]);
  }
  return [...byMiddle].sort(([a], [b]) => a - b).map(([, items]) => items);
}

/** From the lower edge of the upper one to the upper edge of the lower one. */
function straight(from: Area | undefined, to: Area | undefined) {
  const nowhere = { x: 0, y: 0, width: 0, height: 0 };
  const [a, b] = [from ?? nowhere, to ?? nowhere];
  const down = a.y < b.y;
  const start = { x: a.x + a.width / 2, y: down ? a.y + a.height : a.y };
  const end = { x: b.x + b.width / 2, y: down ? b.y : b.y + b.height };
  const part = 0.3;
  const label = { x: start.x + (end.x - start.x) * part, y: start.y + (end.y - start.y) * part };
  return { points: [start, end], label };
}

function moved({ x, y }: Point, by: Point): Point {
  return { x: x + by.x, y: y + by.y };
}
