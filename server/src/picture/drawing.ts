import { type Laid, type LaidArrow, type LaidNode, type Point, selfWords, sizes } from './layout.js';
import type { Arrow, PictureNode } from './picture.js';

/** How many colours the arrows have: those of one source share one, so that a line can be followed. */
const colours = 8;

export interface DrawingOptions {
  /** Styles to carry in the picture itself; without them it takes those of the page that it stands in. */
  readonly style?: string;
  /** A sentence below the picture. */
  readonly note?: string | undefined;
  /** What to call it where it cannot be seen. */
  readonly title: string;
}

/**
 * An SVG of a picture that is laid out. Each node and arrow is an element of its own, with its words as a title and, for a page
 * that brings it to life, the number it has in the picture: `data-node`, `data-arrow`, and for labels `data-arrows`.
 */
export function drawing({ width, height, ...laid }: Laid, { style, note, title }: DrawingOptions): string {
  const numbers = new Map(laid.arrows.map(({ arrow }, index) => [arrow, index]));
  const colourOf = new Map<string, number>();
  const colour = ({ from, every }: Arrow) => {
    const key = every.from ?? from.id;
    const known = colourOf.get(key) ?? colourOf.size % colours;
    colourOf.set(key, known);
    return known;
  };
  const total = height + (note === undefined ? 0 : 24);
  const box = `viewBox="0 0 ${round(width)} ${round(total)}" width="${round(width)}" height="${round(total)}"`;
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" class="netpol-map" role="img" aria-label="${escaped(title)}" ${box}>`,
    `<title>${escaped(title)}</title>`,
    ...(style === undefined
      ? []
      : [`<style>${escaped(style)}</style>`, '<rect class="paper" width="100%" height="100%"/>']),
    '<g class="boxes">',
    ...laid.boxes.map(
      ({ namespace, frame, ...area }) =>
        `<g class="box${frame === undefined ? '' : ' frame'}" data-${frame === undefined ? 'namespace' : 'frame'}="${escaped(namespace)}">` +
        `<title>${escaped(frame === undefined ? `namespace ${namespace}` : namespace)}</title>` +
        `${rectangle(area, 8)}<text x="${round(area.x + 12)}" y="${round(area.y + 19)}">${escaped(namespace)}</text></g>`,
    ),
    '</g><g class="arrows">',
    ...laid.arrows.map((each, index) => arrowElement(each, index, colour(each.arrow))),
    '</g><g class="labels">',
    ...laid.labels.map(({ lines: text, arrows, x, y, width: wide, height: high }) => {
      const [first] = arrows;
      const area = { x: x - wide / 2, y: y - high / 2, width: wide, height: high };
      const classes = first === undefined ? '' : `${first.kind} c${colour(first)}`;
      const own = arrows.map((each) => numbers.get(each) ?? '').join(' ');
      return `<g class="label ${classes}" data-arrows="${own}">${rectangle(area, 3)}${textLines(text, x, y, sizes.label)}</g>`;
    }),
    '</g><g class="nodes">',
    ...laid.nodes.map(nodeElement),
    '</g>',
    ...(note === undefined ? [] : [`<text class="note" x="16" y="${round(height + 8)}">${escaped(note)}</text>`]),
    '</svg>',
  ];
  return `${lines.join('\n')}\n`;
}

/** "api to db on TCP 5432", for those who do not see the arrow. */
export function arrowWords({ from, to, both, every, ports, kind }: Arrow): string {
  const end = (node: PictureNode, namespace: string | undefined) =>
    namespace === undefined
      ? nodeWords(node)
      : node.role === 'namespace'
        ? `each of the ${namespace}`
        : node.role === 'outside'
          ? 'every address outside'
          : `every workload of ${namespace}`;
  const words = portWords(ports);
  const ends =
    from === to ? `${nodeWords(from)}, each to the others` : `${end(from, every.from)} to ${end(to, every.to)}`;
  return `${ends}${both ? ' and back' : ''} on ${words}${kind === 'allowed' ? '' : ': only one end allows it, so it is blocked'}`;
}

/** "TCP 80, UDP 53", "all ports". */
export function portWords(ports: readonly string[]): string {
  return ports.map((each) => (each === 'All Connections' ? 'all ports' : each)).join(', ');
}

/** "shop/api", "203.0.113.0/29", "namespace shop". */
export function nodeWords({ role, heading, names }: PictureNode): string {
  if (role === 'namespace') return `namespace ${heading}`;
  const namespace = role === 'pods' ? names[0]?.split('/')[0] : undefined;
  return namespace === undefined ? heading : `${namespace}/${heading}`;
}

function nodeElement({ node, own, ...area }: LaidNode, index: number): string {
  const { role, heading, below, id } = node;
  const middle = area.x + area.width / 2;
  const rows = [heading, ...(below === '' ? [] : [below]), ...own.map(selfWords)];
  const text = rows.map((row, i) => {
    const y = area.y + 6 + 15 * i + 11;
    return `<text class="${i === 0 ? 'heading' : 'below'}" x="${round(middle)}" y="${round(y)}">${escaped(row)}</text>`;
  });
  const selves = own.map((arrow) => `<desc>${escaped(arrowWords(arrow))}</desc>`).join('');
  return `<g class="node ${role}" data-node="${index}"><title>${escaped(id)}</title>${selves}${rectangle(area, role === 'pods' ? 6 : role === 'namespace' ? 8 : area.height / 2)}${text.join('')}</g>`;
}

function arrowElement({ arrow, points }: LaidArrow, index: number, colour: number): string {
  const heads = [head(points), ...(arrow.both ? [head(points.toReversed())] : [])].join('');
  const whole = arrow.every.from === undefined && arrow.every.to === undefined ? '' : ' every';
  const path = curve(points);
  return (
    `<g class="arrow ${arrow.kind} c${colour}${whole}" data-arrow="${index}"><title>${escaped(arrowWords(arrow))}</title>` +
    `<path class="hit" d="${path}"/><path class="line" d="${path}"/><path class="head" d="${heads}"/></g>`
  );
}

/** Straight pieces with round corners. */
function curve(points: readonly Point[]): string {
  const [first, ...rest] = distinct(points);
  if (first === undefined) return '';
  const radius = 14;
  let path = `M${at(first)}`;
  let before = first;
  for (const [index, corner] of rest.entries()) {
    const next = rest[index + 1];
    if (next === undefined) {
      path += `L${at(corner)}`;
      break;
    }
    const turn = Math.min(radius, distance(before, corner) / 2, distance(corner, next) / 2);
    path += `L${at(towards(corner, before, turn))}Q${at(corner)} ${at(towards(corner, next, turn))}`;
    before = corner;
  }
  return path;
}

/** A triangle at the last point. */
function head(points: readonly Point[]): string {
  const own = distinct(points);
  const [tip, before] = [own.at(-1), own.at(-2)];
  if (tip === undefined || before === undefined) return '';
  const back = towards(tip, before, 8);
  const [dx, dy] = [(tip.x - back.x) / 8, (tip.y - back.y) / 8];
  const [left, right] = [
    { x: back.x - dy * 3.5, y: back.y + dx * 3.5 },
    { x: back.x + dy * 3.5, y: back.y - dx * 3.5 },
  ];
  return `M${at(tip)}L${at(left)}L${at(right)}Z`;
}

function distinct(points: readonly Point[]): readonly Point[] {
  return points.filter((point, i) => i === 0 || distance(point, points[i - 1] ?? point) > 0.5);
}

function towards(from: Point, to: Point, length: number): Point {
  const part = length / (distance(from, to) || 1);
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

function textLines(lines: readonly string[], x: number, y: number, size: number): string {
  const step = size * 1.3;
  const top = y - (lines.length * step) / 2 + size;
  return lines.map((line, i) => `<text x="${round(x)}" y="${round(top + i * step)}">${escaped(line)}</text>`).join('');
}

function rectangle(
  { x, y, width, height }: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
  radius: number,
): string {
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="${round(radius)}"/>`;
}

function at({ x, y }: Point): string {
  return `${round(x)} ${round(y)}`;
}

function round(number: number): number {
  return Math.round(number * 10) / 10;
}

/** Characters that an SVG cannot hold are shown as unknown ones. */
function escaped(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cn}\p{Cs}]/gu, (character) => (character === '\n' ? ' ' : '\ufffd'))
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
