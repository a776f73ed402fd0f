import { rulePagesUrl } from '../features/diagnostics.js';
import { list } from '../model/print.js';
import type { Severity } from '../rules/rule.js';
import { applicableFixes, type FileFinding } from '../rules/run.js';
import type { SourceFile } from '../text/file.js';
import type { Input } from './input.js';
import type { Style } from './style.js';

const words: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'info', hint: 'hint' };

/** One finding as a person likes to read it: what, the lines, the cause, the fixes, the page. */
export function findingText(
  finding: FileFinding,
  input: Input,
  style: Style,
  width: number,
  others: readonly FileFinding[] = [],
): string {
  const file = input.netpol.workspace.file(finding.uri);
  const start = file?.lines.positionAt(finding.range.start) ?? { line: 0, character: 0 };
  const paint = finding.severity === 'warning' ? style.warn : style[finding.severity];
  const where = `${input.show(finding.uri)}:${start.line + 1}:${start.character + 1}`;
  const lines = [`${paint(words[finding.severity])} ${style.bold(finding.rule.id)}  ${where}`];
  lines.push(...wrap(finding.message, width, '  '));
  if (file !== undefined) lines.push('', ...codeFrame(file, finding, paint, style));
  const related = finding.related.slice(0, 4).map(({ uri, range, message }) => {
    const line = input.netpol.workspace.file(uri)?.lines.positionAt(range.start).line ?? 0;
    return `  ${style.dim(`${input.show(uri)}:${line + 1}`)}  ${message}`;
  });
  if (related.length > 0) lines.push(...related);
  if (others.length > 0) lines.push(...wrap(`The same at ${list(others.map(placeName(input)), 5)}.`, width, '  '));
  for (const fix of applicableFixes(input.netpol.workspace, finding, 'untried'))
    lines.push(`  ${style.bold('fix')}   ${fix.title}`);
  lines.push(`  ${style.dim(`more  netpol rules ${finding.rule.id}   ${rulePagesUrl}/${finding.rule.id}.md`)}`);
  return `${lines.join('\n')}\n`;
}

function placeName({ netpol, show }: Input) {
  return ({ uri, range }: FileFinding) =>
    `${show(uri)}:${(netpol.workspace.file(uri)?.lines.positionAt(range.start).line ?? 0) + 1}`;
}

/** The line of the finding with the one before it, and carets below the marked part. */
function codeFrame(
  file: SourceFile,
  finding: FileFinding,
  paint: (text: string) => string,
  style: Style,
): readonly string[] {
  const start = file.lines.positionAt(finding.range.start);
  const end = file.lines.positionAt(finding.range.end);
  const digits = String(start.line + 1).length;
  const gutter = (text: string) => style.dim(`  ${text.padStart(digits)} | `);
  const lines: string[] = [];
  for (let line = Math.max(0, start.line - 1); line <= start.line; line++) {
    const text = file.lines.lineText(line).replace(/\s+$/, '');
    if (line < start.line && text === '') continue;
    lines.push(`${gutter(String(line + 1))}${text.replaceAll('\t', ' ')}`);
  }
  const length = Math.max(
    1,
    end.line === start.line
      ? end.character - start.character
      : file.lines.lineText(start.line).trimEnd().length - start.character,
  );
  lines.push(`${gutter('')}${' '.repeat(start.character)}${paint('^'.repeat(length))}`);
  return lines;
}

/** Words in lines of at most `width` characters, each line indented. */
export function wrap(text: string, width: number, indent: string): readonly string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(/\s+/)) {
    if (line.length > indent.length && line.length + word.length + 1 > width) {
      lines.push(line);
      line = indent;
    }
    line += line.length > indent.length ? ` ${word}` : word;
  }
  lines.push(line);
  return lines;
}
