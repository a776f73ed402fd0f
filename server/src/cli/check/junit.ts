import type { FileFinding } from '../../rules/run.js';
import { attributes, escaped } from '../xml.js';
import { fails, placeOf, type Report } from './report.js';

/**
 * JUnit's XML: a suite for each file, a case for each finding, and one that passes for a file without any that fails.
 * What is below `--fail-on` is said in the suite's output. Source of the elements: the schema of Jenkins' xunit plugin.
 */
export function* junit({ input, findings, shown, failOn }: Report, uris: readonly string[]): Generator<string> {
  const byFile = new Map<string, FileFinding[]>(uris.map((uri) => [uri, []]));
  for (const finding of findings) if (shown.includes(finding.severity)) byFile.get(finding.uri)?.push(finding);
  yield '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="netpol check">\n';
  for (const [uri, list] of byFile) {
    const name = input.show(uri);
    const told = list.map((finding) => {
      const { line, character } = placeOf(input, uri, finding.range).range.start;
      return { finding, line: line + 1, text: `${name}:${line + 1}:${character + 1}  ${finding.message}` };
    });
    const failures = told.filter(({ finding }) => fails(finding.severity, failOn));
    const others = told.filter((each) => !failures.includes(each));
    yield `  <testsuite${attributes({ name, tests: Math.max(1, failures.length), failures: failures.length, errors: 0 })}>\n`;
    if (failures.length === 0)
      yield `    <testcase${attributes({ name: 'no finding that fails', classname: name })}/>\n`;
    for (const { finding, line, text } of failures) {
      const { rule, message, severity } = finding;
      const causes = finding.related.map((related) => {
        const { file, range } = placeOf(input, related.uri, related.range);
        return `${file}:${range.start.line + 1}  ${related.message}`;
      });
      yield `    <testcase${attributes({ name: `${rule.id} at line ${line}`, classname: name, file: name, line })}>\n`;
      yield `      <failure${attributes({ type: severity, message })}>${escaped([text, ...causes].join('\n'))}</failure>\n    </testcase>\n`;
    }
    if (others.length > 0) {
      const lines = others.map(({ finding, text }) => `${finding.severity} ${finding.rule.id}  ${text}`);
      yield `    <system-out>${escaped(lines.join('\n'))}</system-out>\n`;
    }
    yield '  </testsuite>\n';
  }
  yield '</testsuites>\n';
}
