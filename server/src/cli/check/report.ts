import { resourcesOf } from '../../kinds/index.js';
import { type Severity, severities } from '../../rules/rule.js';
import { applicableFixes, type FileFinding } from '../../rules/run.js';
import type { TextRange } from '../../text/range.js';
import type { Input } from '../input.js';

/** What a check found, as every format tells it. */
export interface Report {
  readonly input: Input;
  /** In the order of the files and of their texts: all of them, or those that are new, or of a part. */
  readonly findings: readonly FileFinding[];
  readonly summary: Summary;
  /** What a person is shown; JSON has all. */
  readonly shown: readonly Severity[];
  readonly failOn: Severity;
}

export interface Summary {
  readonly files: number;
  readonly documents: number;
  readonly policies: number;
  readonly workloads: number;
  readonly errors: number;
  readonly warnings: number;
  readonly infos: number;
  readonly hints: number;
}

/** Numbers of the files that were checked and of what was found in them. */
export function summaryOf(input: Input, uris: readonly string[], findings: readonly FileFinding[]): Summary {
  const number = (severity: Severity) => findings.filter((finding) => finding.severity === severity).length;
  const types = { policy: 0, workload: 0 };
  let documents = 0;
  for (const uri of uris) {
    for (const { document } of input.netpol.workspace.file(uri)?.documents ?? []) {
      documents++;
      for (const { object, part = 0 } of resourcesOf(document)) {
        if (part > 0) continue;
        if (object?.type === 'policy' || object?.type === 'workload') types[object.type]++;
      }
    }
  }
  return {
    files: uris.length,
    documents,
    policies: types.policy,
    workloads: types.workload,
    errors: number('error'),
    warnings: number('warning'),
    infos: number('info'),
    hints: number('hint'),
  };
}

/** Whether findings of a severity make the command fail. */
export function fails(severity: Severity, failOn: Severity): boolean {
  return severities.indexOf(severity) <= severities.indexOf(failOn);
}

/** Lines and characters from zero, as the protocol counts. */
export function placeOf({ netpol, show }: Input, uri: string, range: TextRange) {
  const lines = netpol.workspace.file(uri)?.lines;
  const start = lines?.positionAt(range.start) ?? { line: 0, character: 0 };
  return { file: show(uri), range: { start, end: lines?.positionAt(range.end) ?? start } };
}

/** A finding in the contract of docs/json.md. */
export function reported(input: Input, finding: FileFinding) {
  return {
    rule: finding.rule.id,
    severity: finding.severity,
    message: finding.message,
    ...placeOf(input, finding.uri, finding.range),
    related: finding.related.map(({ uri, range, message }) => ({ ...placeOf(input, uri, range), message })),
    fixes: applicableFixes(input.netpol.workspace, finding, 'untried').map((fix) => fix.title),
  };
}
