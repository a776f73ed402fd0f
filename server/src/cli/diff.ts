import { finished } from '../engine/diff.js';
import { pairSteps, pairsOf, pairTitle, type ScopeDiff, type States } from '../features/changes/diff-scopes.js';
import { undecidedIn } from '../features/changes/diff-view.js';
import { nearestName } from '../kinds/nearest.js';
import { type Io, parse } from './command.js';
import { diffFormats } from './diff-formats.js';
import { type ReadStates, readStates } from './diff-sides.js';
import { CannotRun } from './input.js';

export const diffUsage = `netpol diff BEFORE AFTER [--format text|json|md|csv] [--namespace NS] [--fail-on-change]
netpol diff REVISION [REVISION] [-- PATH...]

  Shows which connections become allowed, which become blocked and which change, and the policies that do it.
  BEFORE and AFTER are folders or files, or - for standard input. In a git repository they may be revisions: with one,
  the working tree is compared with it; A..B compares two, and A...B compares B with where it parted from A. Revisions are
  compared below the current folder, or only below PATH. What is both a path and a revision is taken as the path.

  --format FORMAT     text, json (the contract of docs/json.md), md (for a comment on a pull request) or csv
  --namespace NS      the namespace of objects that name none; default when it is left out
  --fail-on-change    exit status 1 when a connection differs, or when it cannot be told what a policy changes

  Connections that pass on the same ports under other conditions (an HTTP path, authentication) differ. What a policy's
  change does may not be in the manifests (addresses behind domain names, nodes): it is said, in json and csv on standard
  error.
  Only TCP, UDP and SCTP are compared; IPv6 addresses only where some policy speaks of IPv6.
  Exit status: 0 also when connections differ, unless --fail-on-change says otherwise; 2 it could not run.

  Examples:
    netpol diff examples/shop examples/shop-fixed
    netpol diff examples/shop examples/shop-fixed --format md
    netpol diff HEAD
    netpol diff origin/main...HEAD -- deploy`;

/** `netpol diff`: what a change of manifests means for connections. */
export async function diff(args: readonly string[], io: Io): Promise<number> {
  const dashes = args.indexOf('--');
  const { values, positionals } = parse(dashes < 0 ? args : args.slice(0, dashes), diffUsage, {
    format: { type: 'string', default: 'text' },
    namespace: { type: 'string', default: 'default' },
    'fail-on-change': { type: 'boolean', default: false },
  });
  const name = String(values.format);
  const format = Object.hasOwn(diffFormats, name) ? diffFormats[name] : undefined;
  if (format === undefined) {
    const meant = nearestName(name, Object.keys(diffFormats));
    throw new CannotRun(
      `--format ${name}: ${meant === undefined ? 'use text, json, md or csv' : `did you mean ${meant}?`}`,
    );
  }
  const states = await readStates(positionals, dashes < 0 ? [] : args.slice(dashes + 1), io);
  sayWhatIsMissing(states, io);
  const diffs = diffsOf(states, String(values.namespace));
  io.out(format(diffs, states, io.style));
  // These formats are lists of connections, in which what is not known has no place.
  if (name === 'json' || name === 'csv') sayWhatIsNotKnown(diffs, io);
  const differs = diffs.some(({ diff: { changes, undecided } }) => changes.length + undecided.length > 0);
  return differs && values['fail-on-change'] === true ? 1 : 0;
}

function sayWhatIsNotKnown(diffs: readonly ScopeDiff[], io: Io): void {
  for (const scoped of diffs) {
    const where = scoped.scope === undefined ? '' : `${scoped.scope}: `;
    for (const { policy, why } of undecidedIn(scoped)) {
      io.err(`netpol: ${where}what ${policy} changes cannot be told from the manifests: ${why}\n`);
    }
  }
}

function sayWhatIsMissing(states: ReadStates, io: Io): void {
  for (const { netpol, show, title } of states) {
    for (const { uri, reason } of netpol.workspace.unread) {
      io.err(`netpol: ${show(uri)} of ${title} could not be read: ${reason}\n`);
    }
  }
  if (states.every(({ scopes }) => scopes.every(({ workloads }) => workloads.length === 0))) {
    io.err('netpol: neither side has workloads, so there are no connections to compare\n');
  }
}

function diffsOf(states: States, unset: string): readonly ScopeDiff[] {
  const pairs = pairsOf(states);
  return pairs.map((pair) => ({
    scope: pairTitle(pair, pairs),
    diff: finished(pairSteps(states, pair, unset)),
  }));
}
