import type { Diagnostic, DiagnosticSeverity } from 'vscode-languageserver-types';
import type { Severity } from '../rules/rule.js';
import type { FileFinding } from '../rules/run.js';
import type { Netpol } from '../service.js';
import { toLspRange } from './places.js';

/** Where the pages of the rules are published. */
export const rulePagesUrl = 'https://github.com/netpol/netpol/blob/main/docs/rules';

/** `DiagnosticSeverity` of the protocol. */
const severities = { error: 1, warning: 2, info: 3, hint: 4 } as const satisfies Record<Severity, DiagnosticSeverity>;

/** What the client can show of a diagnostic. */
export interface DiagnosticSupport {
  readonly relatedInformation: boolean;
  readonly codeDescription: boolean;
}

/** More in one file help nobody, and would keep the editor busy with each key; the last one says that there are more. */
const MOST = 500;

export function diagnosticsOf(netpol: Netpol, uri: string, support: DiagnosticSupport): Diagnostic[] {
  const findings = netpol.findings(uri);
  const shown = gravest(findings).flatMap((finding) => toDiagnostic(netpol, finding, support) ?? []);
  const last = shown.at(-1);
  if (findings.length <= MOST || last === undefined) return shown;
  const message = `This file has ${findings.length} findings; the ${MOST} gravest are shown. The others follow when some of these are gone, and \`netpol check\` lists all.`;
  return [...shown, { range: last.range, severity: severities.info, source: 'netpol', message }];
}

/** As many as are shown, the gravest of all, in the order of the text. */
function gravest(findings: readonly FileFinding[]): readonly FileFinding[] {
  if (findings.length <= MOST) return findings;
  const ordered = findings.toSorted((a, b) => severities[a.severity] - severities[b.severity]);
  const shown = new Set(ordered.slice(0, MOST));
  return findings.filter((finding) => shown.has(finding));
}

export function toDiagnostic(netpol: Netpol, finding: FileFinding, support: DiagnosticSupport): Diagnostic | undefined {
  const file = netpol.workspace.file(finding.uri);
  if (file === undefined) return undefined;
  const related = finding.related.flatMap(({ uri, range, message }) => {
    const other = netpol.workspace.file(uri);
    return other === undefined ? [] : [{ location: { uri, range: toLspRange(other, range) }, message }];
  });
  return {
    range: toLspRange(file, finding.range),
    severity: severities[finding.severity],
    source: 'netpol',
    code: finding.rule.id,
    message: finding.message,
    ...(support.codeDescription ? { codeDescription: { href: `${rulePagesUrl}/${finding.rule.id}.md` } } : {}),
    ...(support.relatedInformation && related.length > 0 ? { relatedInformation: related } : {}),
  };
}
