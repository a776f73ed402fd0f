import { rulePagesUrl } from '../../features/diagnostics.js';
import type { Severity } from '../../rules/rule.js';
import { placeOf, type Report } from './report.js';

const levels: Readonly<Record<Severity, string>> = {
  error: 'error',
  warning: 'warning',
  info: 'notice',
  hint: 'notice',
};

/**
 * Workflow commands, which GitHub shows at the lines of a pull request.
 * Source: GitHub Docs, "Workflow commands for GitHub Actions".
 */
export function* github({ input, findings, shown }: Report): Generator<string> {
  for (const finding of findings) {
    if (!shown.includes(finding.severity)) continue;
    const { file, range } = placeOf(input, finding.uri, finding.range);
    const { start, end } = range;
    const properties = {
      file: file.replaceAll('\\', '/'),
      line: start.line + 1,
      endLine: end.line + 1,
      // Columns count only within one line.
      ...(start.line === end.line ? { col: start.character + 1, endColumn: end.character + 1 } : {}),
      title: `netpol ${finding.rule.id}`,
    };
    const causes = finding.related.map((related) => {
      const at = placeOf(input, related.uri, related.range);
      return `${at.file}:${at.range.start.line + 1}  ${related.message}`;
    });
    const text = [finding.message, ...causes, `${rulePagesUrl}/${finding.rule.id}.md`].join('\n');
    const list = Object.entries(properties).map(([name, value]) => `${name}=${property(String(value))}`);
    yield `::${levels[finding.severity]} ${list.join(',')}::${data(text)}\n`;
  }
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
