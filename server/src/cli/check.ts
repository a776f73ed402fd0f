import { safeChanges } from '../features/code-actions.js';
import { reasonOf } from '../host/node-files.js';
import { resourcesOf } from '../kinds/index.js';
import { count } from '../model/print.js';
import type { Severity } from '../rules/rule.js';
import { applicableFixes, type FileFinding } from '../rules/run.js';
import type { SourceFile } from '../text/file.js';
import { cniNotes } from './cni-note.js';
import { type Io, parse, readWith } from './command.js';
import { CannotRun, type Input } from './input.js';
import { jsonArray } from './json-parts.js';
import { findingText } from './report-text.js';

export const checkUsage = `netpol check [PATH...] [--format text|json] [--fail-on error|warning|info] [--fix] [--hints] [--quiet]

  Finds what is wrong with network policies, what they cut off and what they open.
  PATH is a file, a folder or - for standard input; the current folder when none is given.

  --format text|json        text (with the lines, causes and fixes) or the JSON contract of docs/json.md
  --fail-on SEVERITY        exit with 1 if something at or above it is found: error, warning (default) or info
  --fix                     apply the safe fixes to the files, then report what is left
  --hints                   also show hints: what an editor underlines faintly, such as a rule that another policy has too
  --quiet                   only errors and warnings, no summary`;

const severities: readonly Severity[] = ['error', 'warning', 'info', 'hint'];

/** `netpol check`: exit status 0 nothing found at or above --fail-on, 1 something found. */
export async function check(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parse(args, checkUsage, {
    format: { type: 'string', default: 'text' },
    'fail-on': { type: 'string', default: 'warning' },
    fix: { type: 'boolean', default: false },
    hints: { type: 'boolean', default: false },
    quiet: { type: 'boolean', default: false },
  });
  const format = String(values.format);
  if (format !== 'text' && format !== 'json') throw new CannotRun(`--format ${format}: use text or json`);
  const failOn = severities.indexOf(String(values['fail-on']) as Severity);
  if (failOn < 0 || failOn > 2)
    throw new CannotRun(`--fail-on ${String(values['fail-on'])}: use error, warning or info`);
  if (values.fix === true && positionals.includes('-'))
    throw new CannotRun('--fix changes files; it cannot be used with -');
  const input = await readWith(io, positionals);
  if (values.fix === true) await applySafeFixes(input, io);
  const findings = input.uris.flatMap((uri) => input.netpol.findings(uri));
  const summary = summaryOf(input, findings);
  if (format === 'json') for (const part of reportParts(input, findings, summary)) io.out(part);
  else printText(input, findings, summary, shownIn({ quiet: values.quiet === true, hints: values.hints === true }), io);
  sayWhatIsNotJudged(input, io);
  for (const { uri, reason } of input.netpol.workspace.unread)
    io.err(`netpol: ${input.show(uri)} was not read: ${reason}\n`);
  for (const { rule, error } of input.netpol.crashes) {
    io.err(
      `netpol: the rule ${rule} failed; please report this. ${error instanceof Error ? error.message : String(error)}\n`,
    );
  }
  return findings.some((finding) => severities.indexOf(finding.severity) <= failOn) ? 1 : 0;
}

/**
 * Files that hold no text (encrypted ones, say) are no findings, but nobody should take them for checked; and a file that
 * was named is expected to hold something.
 */
function sayWhatIsNotJudged({ netpol, uris, named, show }: Input, io: Io): void {
  for (const uri of uris) {
    const file = netpol.workspace.file(uri);
    if (file?.text.includes('\u0000') === true) io.err(`netpol: ${show(uri)} was not read: it is not a text file\n`);
    else if (named.includes(uri) && !holdsObjects(file) && netpol.findings(uri).length === 0) {
      io.err(`netpol: ${show(uri)} holds no object that netpol knows; \`netpol schema\` names the kinds\n`);
    }
  }
}

function holdsObjects(file: SourceFile | undefined): boolean {
  return file?.documents.some(({ document }) => resourcesOf(document).length > 0) === true;
}

interface Summary {
  readonly files: number;
  readonly documents: number;
  readonly policies: number;
  readonly workloads: number;
  readonly errors: number;
  readonly warnings: number;
  readonly infos: number;
  readonly hints: number;
}

function summaryOf(input: Input, findings: readonly FileFinding[]): Summary {
  const number = (severity: Severity) => findings.filter((finding) => finding.severity === severity).length;
  const types = { policy: 0, workload: 0 };
  let documents = 0;
  for (const uri of input.uris) {
    for (const { document } of input.netpol.workspace.file(uri)?.documents ?? []) {
      documents++;
      for (const { object } of resourcesOf(document)) {
        if (object?.type === 'policy' || object?.type === 'workload') types[object.type]++;
      }
    }
  }
  return {
    files: input.uris.length,
    documents,
    policies: types.policy,
    workloads: types.workload,
    errors: number('error'),
    warnings: number('warning'),
    infos: number('info'),
    hints: number('hint'),
  };
}

/** What the text output shows. */
function shownIn(options: { readonly quiet: boolean; readonly hints: boolean }): readonly Severity[] {
  if (options.quiet) return ['error', 'warning'];
  return options.hints ? severities : ['error', 'warning', 'info'];
}

function printText(
  input: Input,
  findings: readonly FileFinding[],
  summary: Summary,
  shown: readonly Severity[],
  io: Io,
): void {
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

/** The report as `JSON.stringify` would indent it, in parts, so that thousands of findings need no room. */
function* reportParts(input: Input, findings: readonly FileFinding[], summary: Summary): Generator<string> {
  yield '{\n  "findings": ';
  yield* jsonArray(reports(), '  ');
  yield `,\n${JSON.stringify({ summary }, undefined, 2).slice(2)}\n`;

  function* reports() {
    for (const finding of findings) yield reported(input, finding);
  }
}

function reported(input: Input, finding: FileFinding) {
  const place = (uri: string, range: { start: number; end: number }) => {
    const lines = input.netpol.workspace.file(uri)?.lines;
    const start = lines?.positionAt(range.start) ?? { line: 0, character: 0 };
    return { file: input.show(uri), range: { start, end: lines?.positionAt(range.end) ?? start } };
  };
  return {
    rule: finding.rule.id,
    severity: finding.severity,
    message: finding.message,
    ...place(finding.uri, finding.range),
    related: finding.related.map(({ uri, range, message }) => ({ ...place(uri, range), message })),
    fixes: applicableFixes(input.netpol.workspace, finding, 'untried').map((fix) => fix.title),
  };
}

/** Applies safe fixes until none is left; each round may uncover the next, and twenty are plenty. */
async function applySafeFixes(input: Input, io: Io): Promise<void> {
  const { netpol } = input;
  const changed = new Set<string>();
  for (let round = 0; round < 20; round++) {
    let again = false;
    for (const uri of input.uris) {
      // Bytes that are not UTF-8 would be lost when the file is written back.
      if (netpol.workspace.file(uri)?.text.includes('\uFFFD') === true) continue;
      const changes = safeChanges(netpol, uri);
      const texts = changes === undefined ? undefined : netpol.applyChanges(changes);
      for (const [file, text] of texts ?? []) {
        netpol.workspace.setBuffer(file, text, undefined);
        changed.add(file);
        again = true;
      }
    }
    if (!again) break;
  }
  for (const uri of changed) {
    try {
      await io.write(uri, netpol.workspace.file(uri)?.text ?? '');
    } catch (error) {
      throw new CannotRun(`${input.show(uri)} could not be written: ${reasonOf(error)}`);
    }
    io.err(`netpol: fixed ${input.show(uri)}\n`);
  }
}
