import { resourcesOf } from '../kinds/index.js';
import { nearestName } from '../kinds/nearest.js';
import { count } from '../model/print.js';
import { type Severity, severities } from '../rules/rule.js';
import type { SourceFile } from '../text/file.js';
import { compare, readBaseline, writeBaseline } from './check/baseline.js';
import { changedSince, isAbout } from './check/changed.js';
import { fixSafely, patchOf, writeFixed } from './check/fixing.js';
import { github } from './check/github.js';
import { json, ndjson } from './check/json.js';
import { junit } from './check/junit.js';
import { fails, type Report, summaryOf } from './check/report.js';
import { sarif } from './check/sarif.js';
import { printText } from './check/text.js';
import { type Io, parse, readWith } from './command.js';
import { CannotRun, type Input } from './input.js';
import { filesOf, shardOf } from './shard.js';

export const checkUsage = `netpol check [PATH...] [--format text|json|ndjson|sarif|github|junit] [--fail-on error|warning|info]
             [--fix [--dry-run]] [--baseline FILE|REVISION] [--write-baseline FILE] [--changed [--since REVISION]]
             [--shard I/N] [--hints] [--quiet]

  Finds what is wrong with network policies, what they cut off and what they open.
  PATH is a file, a folder or - for standard input; the current folder when none is given.

  --format FORMAT           text (with the lines, causes and fixes), json (the contract of docs/json.md), ndjson (a finding
                            in each line), sarif (code scanning), github (annotations of a workflow) or junit
  --fail-on SEVERITY        exit with 1 if something at or above it is found: error, warning (default) or info
  --fix                     apply the safe fixes to the files, then report what is left
  --dry-run                 with --fix: change nothing, print the patch instead; exit with 1 if there is one
  --baseline FILE|REVISION  only what is new: not in a file that --write-baseline wrote, or not in a git revision
  --write-baseline FILE     write down what is found as accepted, and exit with 0
  --changed                 only what stands in, or is caused by, files that differ from the last commit
  --since REVISION          with --changed: that differ from this git revision
  --shard I/N               only the files of the Ith of N jobs; together the jobs check everything once
  --hints                   also show hints: what an editor underlines faintly, such as a rule that another policy has too
  --quiet                   only errors and warnings, no summary

  Exit status: 0 nothing found at or above --fail-on, 1 something found, 2 it could not run.

  Examples:
    netpol check examples
    netpol check examples/shop --fail-on error --format sarif
    netpol check examples/seed --fix --dry-run
    kubectl kustomize examples/shop | netpol check -`;

const formats = ['text', 'json', 'ndjson', 'sarif', 'github', 'junit'] as const;
type Format = (typeof formats)[number];

/** `netpol check`: exit status 0 nothing found at or above --fail-on, 1 something found. */
export async function check(args: readonly string[], io: Io): Promise<number> {
  const options = optionsOf(args);
  const { shard, fix, baseline, writeTo } = options;
  const isChanged = options.changed === undefined ? undefined : await changedSince(options.changed, io);
  const input = await readWith(io, options.paths);
  const uris = shard === undefined ? input.uris : filesOf(shard, input.uris, input.netpol.workspace);
  if (fix !== undefined) {
    const fixed = fixSafely(input, isChanged === undefined ? uris : uris.filter(isChanged));
    if (fix === 'shown') {
      io.out(patchOf(fixed, input));
      return fixed.size > 0 ? 1 : 0;
    }
    await writeFixed(fixed, input, io);
  }
  const found = uris.flatMap((uri) => input.netpol.findings(uri));
  const about = isChanged === undefined ? found : found.filter((finding) => isAbout(finding, isChanged));
  if (writeTo !== undefined) {
    const written = await writeBaseline(writeTo, about, input, io);
    io.err(
      `netpol: ${writeTo} holds ${count(written, 'finding')} as accepted; --baseline ${writeTo} reports what is new\n`,
    );
    return 0;
  }
  const compared = baseline === undefined ? undefined : compare(about, await readBaseline(baseline, input, io), input);
  const findings = compared?.fresh ?? about;
  const summary = summaryOf(input, uris, findings);
  write({ input, findings, summary, shown: options.shown, failOn: options.failOn }, options.format, uris, io);
  const whole = shard === undefined && isChanged === undefined;
  if (compared !== undefined && compared.gone > 0 && whole && options.shown.includes('info'))
    io.err(`netpol: of the baseline ${baseline}, ${count(compared.gone, 'finding')} no longer there\n`);
  sayWhatIsNotJudged(input, io);
  for (const { uri, reason } of input.netpol.workspace.unread)
    io.err(`netpol: ${input.show(uri)} was not read: ${reason}\n`);
  for (const { rule, error } of input.netpol.crashes) {
    io.err(
      `netpol: the rule ${rule} failed; please report this. ${error instanceof Error ? error.message : String(error)}\n`,
    );
  }
  return findings.some(({ severity }) => fails(severity, options.failOn)) ? 1 : 0;
}

function optionsOf(args: readonly string[]) {
  const { values, positionals } = parse(args, checkUsage, {
    format: { type: 'string', default: 'text' },
    'fail-on': { type: 'string', default: 'warning' },
    fix: { type: 'boolean', default: false },
    'dry-run': { type: 'boolean', default: false },
    baseline: { type: 'string' },
    'write-baseline': { type: 'string' },
    changed: { type: 'boolean', default: false },
    since: { type: 'string' },
    shard: { type: 'string' },
    hints: { type: 'boolean', default: false },
    quiet: { type: 'boolean', default: false },
  });
  const on = (name: string) => values[name] === true;
  const text = (name: string) => (typeof values[name] === 'string' ? values[name] : undefined);
  const failOn = (['error', 'warning', 'info'] as const).find((each) => each === values['fail-on']);
  if (failOn === undefined) throw new CannotRun(`--fail-on ${String(values['fail-on'])}: use error, warning or info`);
  if (on('fix') && positionals.includes('-')) throw new CannotRun('--fix changes files; it cannot be used with -');
  if (on('dry-run') && !on('fix')) throw new CannotRun('--dry-run is said of --fix: what it would change');
  const [since, share] = [text('since'), text('shard')];
  if (since !== undefined && !on('changed')) throw new CannotRun('--since is said of --changed: since which revision');
  return {
    paths: positionals,
    format: formatNamed(String(values.format)),
    failOn,
    fix: on('fix') ? (on('dry-run') ? ('shown' as const) : ('written' as const)) : undefined,
    /** The revision since which files have to have changed. */
    changed: on('changed') ? (since ?? 'HEAD') : undefined,
    shard: share === undefined ? undefined : shardOf(share),
    baseline: text('baseline'),
    writeTo: text('write-baseline'),
    shown: shownIn({ quiet: on('quiet'), hints: on('hints') }),
  };
}

function formatNamed(name: string): Format {
  const format = formats.find((each) => each === name);
  if (format !== undefined) return format;
  const meant = nearestName(name, formats);
  throw new CannotRun(
    `--format ${name}: ${meant === undefined ? 'use text, json, ndjson, sarif, github or junit' : `did you mean "${meant}"?`}`,
  );
}

/** What the formats for people tell. */
function shownIn(options: { readonly quiet: boolean; readonly hints: boolean }): readonly Severity[] {
  if (options.quiet) return ['error', 'warning'];
  return options.hints ? severities : ['error', 'warning', 'info'];
}

function write(report: Report, format: Format, uris: readonly string[], io: Io): void {
  if (format === 'text') printText(report, io);
  else for (const part of partsOf(report, format, uris)) io.out(part);
}

function partsOf(report: Report, format: Exclude<Format, 'text'>, uris: readonly string[]): Iterable<string> {
  switch (format) {
    case 'json':
      return json(report);
    case 'ndjson':
      return ndjson(report);
    case 'sarif':
      return [sarif(report)];
    case 'github':
      return github(report);
    case 'junit':
      return junit(report, uris);
  }
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
