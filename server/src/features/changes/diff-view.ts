import { conditionWords } from '../../engine/connection-words.js';
import type { ComparedEnd, ConnectionChange } from '../../engine/diff.js';
import type { Cause } from '../../engine/diff-causes.js';
import { doubtWords } from '../../engine/doubts.js';
import { groupBy } from '../../engine/group-by.js';
import type { PolicyChange } from '../../engine/policy-changes.js';
import type { Condition } from '../../engine/reach.js';
import { printAddresses, union } from '../../model/addresses.js';
import type { PortSet } from '../../model/ports.js';
import { printConnections } from '../../model/ports.js';
import { count } from '../../model/print.js';
import type { Place } from '../../model/workload.js';
import type { ComparedState, ScopeDiff, States } from './diff-scopes.js';

/** Connections that change alike, for the same reasons. */
export interface Block {
  readonly rows: readonly Row[];
  readonly because: readonly ShownCause[];
}

/** Each source may connect to each destination, but for an end to itself. */
export interface Row {
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly ports: string;
}

export interface ShownCause {
  readonly words: string;
  /** `file:line`, with the revision before it where the file is of one. */
  readonly at: string | undefined;
  /** The same for who can go there; undefined where the file is of a revision. */
  readonly place: Place | undefined;
}

export interface Section {
  readonly title: string;
  readonly connections: number;
  readonly parts: readonly { readonly title: string; readonly blocks: readonly Block[] }[];
}

const titles = { added: 'Newly allowed', removed: 'Newly blocked', changed: 'Changed' } as const;

/** In the order in which a reviewer wants to see them. */
const risks = [
  'from outside of the cluster',
  'through an ingress controller',
  'to outside of the cluster',
  'between namespaces',
  'within a namespace',
] as const;

/**
 * "2 connections newly allowed, 5 newly blocked, 1 changed", of one policy with its name in `by`. Says as well where the
 * manifests do not tell all that a change does.
 */
export function headline(diffs: readonly ScopeDiff[], by?: string): string {
  const unknown = diffs.reduce((sum, { diff }) => sum + diff.undecided.length, 0);
  const known = `${knownHeadline(diffs)}${by === undefined ? '' : ` by ${by}`}`;
  if (unknown === 0) return known;
  const whose = by === undefined ? count(unknown, 'policy') : by;
  const verb = unknown === 1 || by !== undefined ? 'changes' : 'change';
  if (diffs.every(({ diff }) => diff.changes.length === 0)) return `What ${whose} ${verb} cannot be told`;
  return `${known}; what else ${whose} ${verb} cannot be told`;
}

function knownHeadline(diffs: readonly ScopeDiff[]): string {
  const number = (change: ConnectionChange['change']) =>
    diffs.reduce((sum, { diff }) => sum + diff.changes.filter((each) => each.change === change).length, 0);
  const [added, removed, changed] = [number('added'), number('removed'), number('changed')];
  if (added + removed + changed === 0) return 'No connection is allowed or blocked that was not before';
  const parts = [
    [added, 'newly allowed'],
    [removed, 'newly blocked'],
    [changed, 'changed'],
  ] as const;
  const [first, ...others] = parts
    .filter(([n]) => n > 0)
    .map(([n, words], index) => {
      return index > 0 ? `${n} ${words}` : `${n} ${n === 1 ? 'connection' : 'connections'} ${words}`;
    });
  return [first, ...others].join(', ');
}

export function sectionsOf({ diff }: ScopeDiff, states: States): readonly Section[] {
  return (['added', 'removed', 'changed'] as const).flatMap((change) => {
    const own = diff.changes.filter((each) => each.change === change);
    if (own.length === 0) return [];
    const parts = risks.flatMap((title) => {
      const found = own.filter((each) => riskOf(each) === title);
      return found.length === 0 ? [] : [{ title, blocks: blocksOf(found, states) }];
    });
    return [{ title: titles[change], connections: own.length, parts }];
  });
}

/** Policies that mean another thing than before and surely change no connection. */
export function withoutEffect({ diff }: ScopeDiff): readonly string[] {
  const credited = new Set(
    diff.changes.flatMap(({ because }) => because.flatMap((cause) => (cause.kind === 'policy' ? [cause.policy] : []))),
  );
  const undecided = new Set(diff.undecided.map(({ change }) => change));
  return diff.policies
    .filter((change) => !undecided.has(change))
    .filter(({ before, after }) => ![before, after].some((policy) => policy !== undefined && credited.has(policy)))
    .map((change) => `${policyTitle(change)} (${changeWords[change.change]})`);
}

/** Policies of which the manifests do not tell all that their changes do, each with the reason. */
export function undecidedIn({ diff }: ScopeDiff): readonly { readonly policy: string; readonly why: string }[] {
  return diff.undecided.map(({ change, doubts }) => ({
    policy: `${policyTitle(change)} (${changeWords[change.change]})`,
    why: doubtWords(doubts),
  }));
}

/** What stands before those policies. */
export const undecidedTitle = 'What these change cannot be told from the manifests';

/** The line of a cause in its own state's files. */
export function placeOf({ fileOf, show }: ComparedState, at: Place | undefined) {
  const file = at === undefined ? undefined : fileOf(at.document.uri);
  const range = at === undefined ? undefined : file?.toFile(at);
  if (file === undefined || range === undefined) return undefined;
  return { file: show(file.uri), line: file.lines.positionAt(range.start).line + 1 };
}

function riskOf({ from, to }: ConnectionChange): (typeof risks)[number] {
  if (from.kind === 'addresses') return risks[0];
  if (from.kind === 'ingress controller') return risks[1];
  if (to.kind !== 'pods') return risks[2];
  return namespaceOf(from) === namespaceOf(to) ? risks[4] : risks[3];
}

function namespaceOf(end: ComparedEnd): string | undefined {
  return end.kind === 'pods' ? (end.after[0] ?? end.before[0])?.namespace.name : undefined;
}

function blocksOf(changes: readonly ConnectionChange[], states: States): readonly Block[] {
  const shown = changes.map((change) => ({ change, because: shownCauses(change.because, states) }));
  const byCause = groupBy(shown, ({ because }) => JSON.stringify(because.map(({ words, at }) => [words, at])));
  return [...byCause.values()].map((group) => ({
    because: group[0]?.because ?? [],
    rows: rowsOf(group.map(({ change }) => change)),
  }));
}

/** Puts together what has the same ports: first the sources of one destination, then destinations with the same sources. */
function rowsOf(changes: readonly ConnectionChange[]): readonly Row[] {
  return [...groupBy(changes, portWords)].flatMap(([ports, alike]) => {
    const bySources = groupBy(
      groupBy(alike, ({ to }) => to.name),
      ([, group]) => JSON.stringify(group.map(({ from }) => from.name)),
    );
    return [...bySources.values()].map((groups) => ({
      from: namesOf(groups[0]?.[1].map(({ from }) => from) ?? []),
      to: namesOf(groups.flatMap(([, [first]]) => (first === undefined ? [] : [first.to]))),
      ports,
    }));
  });
}

/** Ranges of addresses together, as a person would write them. */
function namesOf(ends: readonly ComparedEnd[]): readonly string[] {
  const ranges = ends.flatMap((end) => (end.kind === 'addresses' ? [end.addresses] : []));
  const others = ends.flatMap((end) => (end.kind === 'addresses' ? [] : [end.name]));
  return ranges.length === 0 ? others : [printAddresses(ranges.reduce(union)), ...others];
}

function portWords({ change, before, after, conditions }: ConnectionChange): string {
  const [was, is] = [words(before, conditions[0]), words(after, conditions[1])];
  if (change === 'changed') return `${is} instead of ${was}`;
  return change === 'added' ? is : was;
}

function words(ports: PortSet, conditions: readonly Condition[]): string {
  return `${printConnections(ports).replaceAll(/,(?=[A-Z])/g, ', ')}${conditionWords(conditions)}`;
}

function shownCauses(causes: readonly Cause[], states: States): readonly ShownCause[] {
  return causes.map((cause) => {
    const state = states[cause.side];
    const place = placeOf(state, cause.at);
    const path = place === undefined ? undefined : `${place.file}:${place.line}`;
    const isPast = state.revision !== undefined;
    return {
      words: causeWords(cause),
      at: path && isPast ? `${state.revision}:${path}` : path,
      place: isPast ? undefined : cause.at,
    };
  });
}

const changeWords = { added: 'new', removed: 'removed', changed: 'changed' } as const;

const verbs = { allows: 'allowed', denies: 'denied', passes: 'passed', decides: 'decided' } as const;

function causeWords(cause: Cause): string {
  if (cause.kind === 'policy') {
    const { policy, change, side, direction, effect, rule } = cause;
    const name = `${policyTitle({ before: policy, after: undefined })} (${changeWords[change]})`;
    const end = direction === 'ingress' ? 'the destination' : 'the source';
    const past = side === 0;
    if (effect === 'isolates') return `${name} ${past ? 'no longer isolates' : 'isolates'} ${end} for ${direction}`;
    if (rule === undefined) return `${name} changes what the policies of ${end} decide for ${direction}`;
    return `${name}: ${direction} rule ${rule.index + 1} ${past ? `${verbs[effect]} it before` : `${effect} it`}`;
  }
  const { kind, change, name } = cause;
  switch (kind) {
    case 'workload':
      return `workload ${name} is ${change === 'added' ? 'new' : 'gone'}`;
    case 'entry point':
      if (change === 'changed') return `${name}, or a Service it names, leads to other ports`;
      return `${name} ${change === 'added' ? 'leads there now' : 'no longer leads there'}`;
    case 'labels':
      return `the labels of ${name} changed`;
    case 'namespace labels':
      return `the labels of namespace ${name} changed`;
    case 'container ports':
      return `the container ports of ${name} changed`;
    case 'host network':
      return `${name} changed its network or addresses`;
    case 'node':
      return `${name} is on another node, or the labels of its node changed`;
    case 'service account':
      return change === 'changed' ? `${name} changed, or the pods had another one` : objectWords(name, change);
    case 'address set':
    case 'tier':
    case 'service':
      return objectWords(name, change);
  }
}

function objectWords(name: string, change: Cause['change']): string {
  return `${name} ${change === 'added' ? 'is new' : change === 'removed' ? 'is gone' : 'changed'}`;
}

/** "NetworkPolicy shop/api". */
export function policyTitle({ before, after }: Pick<PolicyChange, 'before' | 'after'>): string {
  const policy = after ?? before;
  if (policy === undefined) return '';
  const { kind, name } = policy.placed.value;
  return `${kind} ${policy.namespace === undefined ? '' : `${policy.namespace.name}/`}${name}`;
}
