import { type Edge, folded } from './edge.js';
import { type PictureNode, pictureOf } from './picture.js';

const shapes: Readonly<Record<PictureNode['role'], string>> = {
  pods: 'shape=box, style="rounded,filled", fillcolor="#ffffff", color="#4a6785"',
  outside: 'shape=ellipse, style=filled, fillcolor="#fdf0d5", color="#a8741a"',
  entry: 'shape=hexagon, style=filled, fillcolor="#e2f2e6", color="#2e7d4f"',
  namespace: 'shape=box, style="rounded,filled", fillcolor="#eef3f9", color="#9db2c8"',
  unnamed: 'shape=box, style="rounded,filled,dashed", fillcolor="#f3f3f3", color="#666666"',
};
/** Dark enough for text on white; the arrows of one source share a colour, so that a line can be followed. */
const colours = ['#1f5fa8', '#a13d2d', '#2e7d4f', '#7a3e9d', '#8a6100', '#00727a', '#b0306a', '#55585c'];

/** The connections as a graph in the DOT language, with a box for each namespace. */
export function dot(edges: readonly Edge[]): string {
  const { groups, arrows } = pictureOf(edges);
  const all = groups.flatMap(({ nodes }) => nodes);
  const colourOf = new Map(all.map((node, index) => [node, colours[index % colours.length]]));
  const lines = [
    'digraph netpol {',
    '  rankdir=LR; nodesep=0.3; ranksep=0.9; bgcolor="#ffffff"; newrank=true; compound=true;',
    '  fontname="Helvetica,Arial,sans-serif"; fontsize=13;',
    '  node [fontname="Helvetica,Arial,sans-serif", fontsize=11, margin="0.1,0.07"];',
    '  edge [fontname="Helvetica,Arial,sans-serif", fontsize=10, arrowsize=0.8];',
  ];
  for (const { namespace, nodes } of groups) {
    const indent = namespace === undefined ? '  ' : '    ';
    if (namespace !== undefined) {
      lines.push(`  subgraph ${quoted(`cluster_${namespace}`)} {`);
      lines.push(`    label=${label([roomy(`namespace ${namespace}`)])}; labeljust=l; margin=14;`);
      lines.push('    style="rounded,filled"; fillcolor="#eef3f9"; color="#9db2c8";');
    }
    for (const node of nodes) {
      lines.push(`${indent}${idOf(node)} [label=${label(node.lines.map(roomy))}, ${shapes[node.role]}];`);
    }
    if (namespace !== undefined) lines.push('  }');
  }
  for (const { from, to, both, every, lines: text } of arrows) {
    const colour = colourOf.get(from);
    const style = [
      `color="${colour}", fontcolor="${colour}"`,
      ...(both ? ['dir=both'] : []),
      ...(every.from === undefined ? [] : [`ltail=${quoted(`cluster_${every.from}`)}`]),
      ...(every.to === undefined ? [] : [`lhead=${quoted(`cluster_${every.to}`)}`]),
      ...(every.from === undefined && every.to === undefined ? [] : ['penwidth=2']),
    ].join(', ');
    lines.push(`  ${idOf(from)} -> ${idOf(to)} [label=${label(text.flatMap(folded))}, ${style}];`);
  }
  return `${[...lines, '}'].join('\n')}\n`;
}

function idOf({ id }: PictureNode): string {
  return quoted(id);
}

/** Where the font is missing, the one that stands for it may be a fifth wider: the boxes leave room for that. */
function roomy(line: string): string {
  const room = '\u00a0'.repeat(Math.ceil(line.length / 6));
  return `${room}${line}${room}`;
}

/**
 * In labels the backslash and the ampersand have meanings of their own. The library may crash on a line without any text, so
 * there is none.
 */
function label(lines: readonly string[]): string {
  const text = (line: string) => escaped(line.replaceAll('\n', ' ')).replaceAll('&', '&amp;') || '\u00a0';
  return `"${lines.map(text).join('\\n')}"`;
}

function quoted(text: string): string {
  return `"${escaped(text)}"`;
}

/** Characters that an SVG cannot hold are shown as unknown ones. */
function escaped(text: string): string {
  return text
    .replace(/[\\"]/g, '\\$&')
    .replaceAll('\n', '\\n')
    .replace(/[\p{Cc}\p{Cn}\p{Cs}]/gu, '\ufffd');
}
