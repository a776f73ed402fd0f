import type { PlaceName, TextStyle } from '../hover/effective-text.js';
import type { NamedPlace } from '../hover/view.js';
import type { ExplainView } from './explain-view.js';

export interface ExplainStyle extends TextStyle {
  error(text: string): string;
}

/** The line of text in which a place begins, without its surroundings; undefined where it is gone. */
export type CodeLine = (place: NamedPlace) => { readonly line: number; readonly text: string } | undefined;

/** An explanation as plain text: the answer, then each direction with the lines that decide it. */
export function explainText(view: ExplainView, placeName: PlaceName, codeLine: CodeLine, style: ExplainStyle): string {
  const paint = view.verdict === 'allowed' ? style.bold : view.verdict === 'blocked' ? style.error : style.warn;
  const lines = [paint(view.answer), ...view.notes];
  for (const { title, lines: own } of view.sections) {
    lines.push('', style.bold(title));
    for (const { depth, words, place } of own) {
      const indent = '  '.repeat(depth + 1);
      const where = place === undefined ? undefined : placeName(place);
      lines.push(`${indent}${words}${where === undefined ? '' : style.dim(`   ${where}`)}`);
      const code = place === undefined ? undefined : codeLine(place);
      if (code !== undefined) lines.push(style.dim(`${indent}${String(code.line).padStart(4)} | ${code.text}`));
    }
  }
  if (view.fixes.length > 0) lines.push('', ...view.fixes.map((title) => `${style.bold('fix')}   ${title}`));
  if (view.cuts.length > 0) lines.push('', ...view.cuts.map((title) => `${style.bold('cut')}   ${title}`));
  return `${lines.join('\n')}\n`;
}
