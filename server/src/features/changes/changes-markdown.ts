import { count, list } from '../../model/print.js';
import { escapeMarkdown, type LinkTo } from '../hover/effective-markdown.js';
import { type Comparison, identity, keyOf, type PolicyDifference } from './changes.js';
import type { ScopeDiff } from './diff-scopes.js';
import {
  headline,
  type Row,
  type ShownCause,
  sectionsOf,
  undecidedIn,
  undecidedTitle,
  withoutEffect,
} from './diff-view.js';

/** Behind this many lines of connections a part is cut short, and says so. */
const maxRows = 200;

/** A comparison for people: what becomes allowed first, and of that what comes from outside; each cause with its line. */
export function changesMarkdown(
  { states, diffs, notes }: Comparison,
  revision: string,
  policies: readonly PolicyDifference[],
  link: LinkTo,
): string {
  const [policy] = policies;
  const own = policy === undefined ? diffs : diffs.map((scoped) => ofPolicies(scoped, policies));
  const title = headline(own, policy && `${policy.kind} ${policy.name}`);
  const parts = [
    `**${escapeMarkdown(title)}**, compared with ${escapeMarkdown(revision)}. Edits that are not saved yet count.`,
  ];
  for (const scoped of own) {
    const sections = sectionsOf(scoped, states);
    const idle = policy === undefined ? withoutEffect(scoped) : [];
    const undecided = undecidedIn(scoped);
    if (scoped.scope !== undefined && sections.length + idle.length + undecided.length > 0)
      parts.push(`### ${escapeMarkdown(scoped.scope)}`);
    for (const { title, connections, parts: kinds } of sections) {
      parts.push(`#### ${title} — ${count(connections, 'connection')}`);
      let left = maxRows;
      for (const { title: which, blocks } of kinds) {
        parts.push(`_${which}_`);
        for (const { rows, because } of blocks) {
          const shown = rows.slice(0, Math.max(left, 0));
          left -= rows.length;
          if (shown.length > 0) parts.push(blockLines(shown, because, link).join('\n'));
        }
      }
      if (left < 0)
        parts.push(`_${count(-left, 'more line')} left out; \`netpol diff\` on the command line shows all._`);
    }
    if (undecided.length > 0) {
      parts.push(`#### ${undecidedTitle}`);
      parts.push(
        undecided.map(({ policy: name, why }) => `- **${escapeMarkdown(name)}**: ${escapeMarkdown(why)}`).join('\n'),
      );
    }
    if (idle.length > 0) {
      parts.push(`_Without effect on these workloads: ${escapeMarkdown(list(idle, 12))}_`);
    }
  }
  const others = policy === undefined ? 0 : changesOf(diffs) - changesOf(own);
  if (others > 0)
    parts.push(
      `_Of other changes ${count(others, 'connection')} ${others === 1 ? 'differs' : 'differ'} as well: “netpol: Show What My Changes Allow and Block” shows all._`,
    );
  parts.push(...notes.map((note) => `_${escapeMarkdown(note)}_`));
  return parts.join('\n\n');
}

/** The connections that some policies have a part in. */
function ofPolicies(scoped: ScopeDiff, policies: readonly PolicyDifference[]): ScopeDiff {
  const wanted = new Set(policies.map(keyOf));
  const changes = scoped.diff.changes.filter(({ because }) =>
    because.some((cause) => cause.kind === 'policy' && wanted.has(keyOf(identity(cause.policy.placed)))),
  );
  const undecided = scoped.diff.undecided.filter(({ change }) =>
    [change.before, change.after].some(
      (version) => version !== undefined && wanted.has(keyOf(identity(version.placed))),
    ),
  );
  return { ...scoped, diff: { ...scoped.diff, changes, undecided } };
}

function changesOf(diffs: readonly ScopeDiff[]): number {
  return diffs.reduce((sum, { diff }) => sum + diff.changes.length, 0);
}

/** Connections that change alike, then why. A list breaks its lines where a table would be too wide for half a window. */
function blockLines(rows: readonly Row[], because: readonly ShownCause[], link: LinkTo): readonly string[] {
  return [
    ...rows.map(({ from, to, ports }) => `- ${names(from)} → ${names(to)}: ${escapeMarkdown(ports)}`),
    ...because.map((cause) => `  - ${causeLine(cause, link)}`),
  ];
}

function names(all: readonly string[]): string {
  return list(all.map((name) => `**${escapeMarkdown(name)}**`));
}

function causeLine({ words, at, place }: ShownCause, link: LinkTo): string {
  const found = place === undefined ? undefined : link({ label: words, at: place });
  if (found !== undefined) return `${escapeMarkdown(words)}: [line ${found.line}](${found.target})`;
  return `${escapeMarkdown(words)}${at === undefined ? '' : ` (${escapeMarkdown(at)})`}`;
}
