import { rulePagesUrl } from '../../features/diagnostics.js';
import { rulePage } from '../../rules/page.js';
import type { RuleDefinition, Severity } from '../../rules/rule.js';
import type { TextRange } from '../../text/range.js';
import { version } from '../../version.js';
import type { Input } from '../input.js';
import { fingerprints } from './identity.js';
import { placeOf, type Report } from './report.js';

const levels: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'note', hint: 'note' };

/**
 * SARIF 2.1.0, as code scanning takes it: the rules that found something with their pages, results with the lines that
 * cause them, and what went wrong as notifications. Paths are relative to the folder netpol is run from.
 * Source: OASIS, Static Analysis Results Interchange Format 2.1.0.
 */
export function sarif({ input, findings, shown }: Report): string {
  const told = findings.filter(({ severity }) => shown.includes(severity));
  const rules = [...new Set(told.map(({ rule }) => rule))].sort((a, b) => (a.id < b.id ? -1 : 1));
  const indexOf = new Map(rules.map((rule, index) => [rule, index]));
  const names = fingerprints(input, told);
  const run = {
    tool: {
      driver: {
        name: 'netpol',
        semanticVersion: version,
        informationUri: 'https://github.com/netpol/netpol',
        rules: rules.map(described),
      },
    },
    columnKind: 'utf16CodeUnits',
    originalUriBaseIds: { [base]: { description: { text: 'The folder that netpol was run from.' } } },
    invocations: [{ executionSuccessful: true, toolExecutionNotifications: notifications(input) }],
    results: told.map((finding, i) => ({
      ruleId: finding.rule.id,
      ruleIndex: indexOf.get(finding.rule),
      level: levels[finding.severity],
      message: { text: finding.message },
      locations: [{ physicalLocation: physical(input, finding.uri, finding.range) }],
      ...(finding.related.length === 0
        ? {}
        : {
            relatedLocations: finding.related.map(({ uri, range, message }, id) => ({
              id,
              message: { text: message },
              physicalLocation: physical(input, uri, range),
            })),
          }),
      partialFingerprints: { 'netpol/v1': names[i] },
    })),
  };
  const log = { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] };
  return `${JSON.stringify(log, undefined, 2)}\n`;
}

const base = 'SRCROOT';

function described(rule: RuleDefinition) {
  const { id, severity, summary, group } = rule;
  return {
    id,
    shortDescription: { text: summary },
    help: { text: summary, markdown: rulePage(rule) },
    helpUri: `${rulePagesUrl}/${id}.md`,
    defaultConfiguration: { level: levels[severity] },
    properties: { tags: ['kubernetes', 'network-policy', group] },
  };
}

function physical(input: Input, uri: string, range: TextRange) {
  const { file, range: at } = placeOf(input, uri, range);
  const path = file.replaceAll('\\', '/').split('/').map(encodeURIComponent).join('/');
  const outside = file.startsWith('/') || /^[a-z]:/i.test(file);
  return {
    artifactLocation: outside ? { uri } : { uri: path, uriBaseId: base },
    region: {
      startLine: at.start.line + 1,
      startColumn: at.start.character + 1,
      endLine: at.end.line + 1,
      endColumn: at.end.character + 1,
    },
  };
}

function notifications({ netpol, show }: Input) {
  return [
    ...netpol.workspace.unread.map(({ uri, reason }) => ({
      level: 'warning',
      message: { text: `${show(uri)} was not read: ${reason}` },
    })),
    ...netpol.crashes.map(({ rule, error }) => ({
      level: 'error',
      message: { text: `The rule ${rule} failed: ${error instanceof Error ? error.message : String(error)}` },
    })),
  ];
}
