import { count } from '../../model/print.js';
import type { FileFinding } from '../../rules/run.js';
import type { Io } from '../command.js';
import { findingText } from '../report-text.js';
import { cniNotes } from '../scope-notes.js';
import type { Report } from './report.js';

/** For a person: each finding with its lines, cause and fixes, and a line of numbers. */
export function printText({ input, findings, summary, shown }: Report, io: Io): void {
  for (const [finding, ...others] of told(findings.filter(({ severity }) => shown.includes(severity))))
    io.out(`${findingText(finding, input, io.style, io.width, others)}\n`);
  if (!shown.includes('info')) return;
  for (const note of cniNotes(input, input.netpol.workspace.index.scopes)) io.out(`${note}\n`);
  const { errors, warnings, infos, hints } = summary;
  const found =
    findings.length === 0
      ? 'nothing found'
      : [
          [errors, 'error'],
          [warnings, 'warning'],
          [infos, 'info'],
          [hints, 'hint'],
        ]
          .flatMap(([n, noun]) => (typeof n === 'number' && n > 0 ? [count(n, String(noun))] : []))
          .join(', ');
  io.out(
    `${count(summary.files, 'file')}, ${count(summary.policies, 'policy')}, ${count(summary.workloads, 'workload')}: ${found}${hints > 0 && !shown.includes('hint') ? ' (--hints shows them)' : ''}\n`,
  );
}

/** The findings, each with those that say the same of other places, where the rule is one that would be told everywhere. */
function told(findings: readonly FileFinding[]): readonly (readonly [FileFinding, ...FileFinding[]])[] {
  const groups = new Map<string | FileFinding, [FileFinding, ...FileFinding[]]>();
  for (const finding of findings) {
    const key = finding.rule.everywhere === true ? `${finding.rule.id} ${finding.message}` : finding;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [finding]);
    else group.push(finding);
  }
  return [...groups.values()];
}
