import { type Edge, folded } from './edge.js';
import { type PictureNode, pictureOf } from './picture.js';

const brackets: Readonly<Record<PictureNode['role'], readonly [string, string]>> = {
  pods: ['[', ']'],
  outside: ['([', '])'],
  entry: ['{{', '}}'],
  unnamed: ['[', ']'],
  namespace: ['[', ']'],
};

/** The connections as a flowchart of Mermaid, which GitHub and GitLab draw in Markdown. */
export function mermaid(edges: readonly Edge[]): string {
  const { groups, arrows } = pictureOf(edges);
  const lines = ['flowchart LR'];
  const ids = new Map(groups.flatMap(({ nodes }) => nodes).map((node, index) => [node, `n${index}`]));
  const boxes = new Map<string | undefined, string>();
  for (const [index, { namespace, nodes }] of groups.entries()) {
    if (namespace !== undefined) boxes.set(namespace, `g${index}`);
    if (namespace !== undefined) lines.push(`  subgraph g${index}[${text([`namespace ${namespace}`])}]`);
    for (const node of nodes) {
      const [open, close] = brackets[node.role];
      lines.push(
        `${namespace === undefined ? '  ' : '    '}${ids.get(node)}${open}${text(node.lines)}${close}:::${node.role}`,
      );
    }
    if (namespace !== undefined) lines.push('  end');
  }
  for (const { from, to, both, every, lines: label } of arrows) {
    lines.push(
      `  ${boxes.get(every.from) ?? ids.get(from)} ${both ? '<-->' : '-->'}|${text(label.flatMap(folded))}| ${boxes.get(every.to) ?? ids.get(to)}`,
    );
  }
  lines.push(
    '  classDef pods fill:#ffffff,stroke:#4a6785,color:#1b2733',
    '  classDef outside fill:#fdf0d5,stroke:#a8741a,color:#1b2733',
    '  classDef entry fill:#e2f2e6,stroke:#2e7d4f,color:#1b2733',
    '  classDef unnamed fill:#f3f3f3,stroke:#666666,color:#1b2733,stroke-dasharray:4',
  );
  return `${lines.join('\n')}\n`;
}

/** A quoted text. Mermaid reads `#` as the beginning of a character's name or number, and text as HTML or Markdown. */
function text(lines: readonly string[]): string {
  const escaped = (line: string) =>
    line.replace(/[^\w .,:/()=[\]{}*+!-]/g, (character) => `#${character.codePointAt(0)};`);
  return `"${lines.map(escaped).join('<br/>')}"`;
}
