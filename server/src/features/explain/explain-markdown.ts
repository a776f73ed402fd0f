import { escapeMarkdown, type LinkTo } from '../hover/effective-markdown.js';
import type { ExplainView } from './explain-view.js';

/** An explanation as Markdown: the answer, then each direction with links to the lines that decide it. */
export function explainMarkdown(view: ExplainView, linkTo: LinkTo): string {
  const lines = [`**${escapeMarkdown(view.answer)}**`, '', ...view.notes.flatMap((note) => [escapeMarkdown(note), ''])];
  for (const { title, lines: own } of view.sections) {
    lines.push(`**${escapeMarkdown(title)}**`, '');
    for (const { depth, words, place } of own) {
      const found = place === undefined ? undefined : linkTo(place);
      const link = place === undefined || found === undefined ? '' : ` — [line ${found.line}](${found.target})`;
      lines.push(`${'  '.repeat(depth)}- ${escapeMarkdown(words)}${link}`);
    }
    lines.push('');
  }
  if (view.fixes.length > 0) lines.push('**What would allow it**', '');
  for (const title of view.fixes) lines.push(`1. ${escapeMarkdown(title)}`);
  if (view.cuts.length > 0) lines.push('**What would cut it**', '');
  for (const title of view.cuts) lines.push(`1. ${escapeMarkdown(title)}`);
  return lines.join('\n').trimEnd();
}
