import { list } from '../model/print.js';
import type { Fix } from '../text/fix.js';
import type { Scope } from '../workspace/scope.js';
import { severities } from './rule.js';
import type { FileFinding } from './run.js';

/** A finding before it is known which scopes show the same. Without a scope: one that holds in each. */
export interface ScopedFinding {
  readonly finding: FileFinding;
  readonly scope: Scope | undefined;
}

interface Group {
  finding: FileFinding;
  /** The scopes that say it in these words. */
  readonly scopes: Set<Scope>;
  /** Scopes that say it with names of their own. */
  readonly alike: Set<Scope>;
}

/**
 * The findings of a file, each once: what several scopes find at one place by one rule is one finding, in the words of the
 * first and as grave as in the worst. It says which scopes show it where not all of `all`, which hold the file, do so in the
 * same words.
 */
export function joinScopes(
  found: readonly ScopedFinding[],
  all: ReadonlySet<Scope>,
  scopesOf: (uri: string) => readonly Scope[],
): readonly FileFinding[] {
  const places = new Map<string, Group[]>();
  for (const { finding, scope } of found) {
    const { rule, range, message } = finding;
    const key = `${rule.id} ${range.start} ${range.end}`;
    const groups = places.get(key);
    const known = groups?.find((group) => group.finding.message === message);
    if (groups === undefined) places.set(key, [{ finding, scopes: new Set(scope && [scope]), alike: new Set() }]);
    else if (known === undefined) groups.push({ finding, scopes: new Set(scope && [scope]), alike: new Set() });
    else {
      // What holds in each scope is not said of some.
      if (scope === undefined) known.scopes.clear();
      else if (known.scopes.size > 0) known.scopes.add(scope);
      known.finding = graver(known.finding, finding);
    }
  }
  const told: FileFinding[] = [];
  for (const groups of places.values())
    for (const group of groups.length > 1 ? joined(groups) : groups) told.push(saying(group, all, scopesOf));
  return told;
}

/** Different words of different scopes tell of the same fault with other names in it. */
function joined(groups: readonly Group[]): readonly Group[] {
  const kept: Group[] = [];
  for (const group of groups) {
    const { finding, scopes } = group;
    const first = kept.find(
      (other) =>
        scopes.size > 0 && other.scopes.size > 0 && !meets(other.scopes, scopes) && !meets(other.alike, scopes),
    );
    if (first === undefined) {
      kept.push(group);
      continue;
    }
    for (const scope of scopes) first.alike.add(scope);
    first.finding = { ...first.finding, severity: graver(first.finding, finding).severity };
  }
  return kept;
}

function saying(
  { finding, scopes, alike }: Group,
  all: ReadonlySet<Scope>,
  scopesOf: (uri: string) => readonly Scope[],
): FileFinding {
  if (scopes.size === 0) return finding;
  // Most files are in one scope: nothing is to be said of others.
  if (all.size === 1 && alike.size === 0 && (finding.fixes.length === 0 || scopesOf(finding.uri).length > 0))
    return finding;
  const isOther = (scope: Scope) => !scopes.has(scope) && !alike.has(scope);
  const others = [...all].filter(isOther);
  const { message, uri } = finding;
  // In a file whose every scope shows it, a fix is for all of them.
  const fixes =
    others.length === 0 && scopesOf(uri).length > 0
      ? finding.fixes
      : finding.fixes.map((fix) => (changesFor(fix, (file) => scopesOf(file).some(isOther)) ? wider(fix) : fix));
  if (others.length === 0 && alike.size === 0) return { ...finding, fixes };
  const where = [
    `In ${titles(scopes)}`,
    ...(alike.size > 0 ? [`and likewise in ${titles(alike)}`] : []),
    ...(others.length > 0 && others.length < scopes.size + alike.size ? [`not in ${titles(others)}`] : []),
  ].join(', ');
  return {
    ...finding,
    message: `${message}${/[.?!]$/.test(message) ? '' : '.'} ${where}.`,
    fixes,
  };
}

/** Whether a fix changes a file of which something holds; what takes long to know is taken to. */
function changesFor(fix: Fix, holds: (uri: string) => boolean): boolean {
  if (fix.costly === true) return true;
  const changes = fix.changes() ?? [];
  return changes.some((change) => holds(change.kind === 'edit' ? change.edit.span.document.uri : change.uri));
}

function wider(fix: Fix): Fix {
  return { ...fix, title: `${fix.title} (in the base, for all overlays that build on it)` };
}

function titles(scopes: Iterable<Scope>): string {
  return list(
    [...scopes].map(({ title }) => title),
    3,
  );
}

function meets(a: ReadonlySet<Scope>, b: ReadonlySet<Scope>): boolean {
  return [...b].some((scope) => a.has(scope));
}

function graver(a: FileFinding, b: FileFinding): FileFinding {
  return severities.indexOf(b.severity) < severities.indexOf(a.severity) ? b : a;
}
