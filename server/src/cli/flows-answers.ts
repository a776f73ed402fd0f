import { type Cluster, clusterOf } from '../engine/cluster.js';
import { type FoundEnd, findSeen, type SeenEnd } from '../engine/flows.js';
import { groupBy } from '../engine/group-by.js';
import { answerOf, type ScopeAnswer } from '../features/explain/explain-answers.js';
import { type Verdict, verdictOf } from '../features/explain/explain-view.js';
import { list } from '../model/print.js';
import type { ClusterProfile } from '../model/profile.js';
import type { Scope } from '../workspace/scope.js';
import { contradictionCauses, dropCauses } from './flows-causes.js';
import { type FlowRecord, isPolicyDrop } from './flows-records.js';
import type { Progress } from './progress.js';

/**
 * 'explained': dropped, and the manifests block it. 'unexplained': dropped, and they allow it or the drop was no policy's.
 * 'contradicted': forwarded, and they block it. 'agrees': forwarded, and they allow it. 'not certain': a template or what
 * the API leaves undefined decides. 'not judged': an end is not known, or no policy is about it.
 */
type FlowFinding = 'explained' | 'unexplained' | 'contradicted' | 'agrees' | 'not certain' | 'not judged';

/** What the manifests say of one connection that was seen, and how often it was. */
export interface FlowAnswer {
  readonly count: number;
  readonly record: FlowRecord;
  readonly finding: FlowFinding;
  /** The ends in the words of the lists, or as the record has them where they were not found. */
  readonly from: string;
  readonly to: string;
  /** Sentences: what may be behind it where the manifests alone do not explain it, or why it is not judged. */
  readonly causes: readonly string[];
  /** One for each scope that knows the ends; none where it is not judged. */
  readonly answers: readonly ScopeAnswer[];
}

/** The same of one scope: its cluster, made once. */
interface Place {
  readonly scope: Scope;
  readonly cluster: Cluster;
}

/** Judges each distinct connection once; those that were dropped first, and of those the frequent ones. */
export function flowAnswers(
  scopes: readonly Scope[],
  profileOf: (scope: Scope) => ClusterProfile,
  records: readonly FlowRecord[],
  options: { readonly namespace: string; readonly progress: Progress },
): readonly FlowAnswer[] {
  const places = scopes.map((scope) => ({
    scope,
    cluster: clusterOf([scope], { profile: profileOf(scope), unset: options.namespace }),
  }));
  // Each pair of pods is looked up once; pods of one owner are then one connection.
  const bySeen = [...groupBy(records, seenKey).values()].flatMap(([record, ...others]) =>
    record === undefined ? [] : [{ record, count: 1 + others.length, located: locate(places, record) }],
  );
  const groups = [...groupBy(bySeen, ({ record, located }) => foundKey(record, located)).values()];
  const answers = groups.flatMap((group, index) => {
    options.progress.say(`${index} of ${groups.length} connections`);
    const [first] = group;
    if (first === undefined) return [];
    const count = group.reduce((sum, each) => sum + each.count, 0);
    return [answerTo(first.record, first.located, count)];
  });
  options.progress.done();
  return answers.toSorted((a, b) => rank(a) - rank(b) || b.count - a.count);
}

/** Whether something was dropped, or would be, or passed that the manifests block. */
export function isTrouble({ finding, record }: FlowAnswer): boolean {
  return record.verdict !== 'forwarded' || finding === 'contradicted';
}

const order: readonly FlowFinding[] = [
  'explained',
  'unexplained',
  'contradicted',
  'not certain',
  'not judged',
  'agrees',
];

function rank(answer: FlowAnswer): number {
  return order.indexOf(answer.finding) + (isTrouble(answer) ? 0 : order.length);
}

/** Both ends as a scope knows them. */
export interface Located extends Place {
  readonly from: FoundEnd;
  readonly to: FoundEnd;
}

/** The ends in the scopes that know most about them. */
function locate(places: readonly Place[], { from, to }: FlowRecord): readonly Located[] {
  const all = places.map((place) => ({
    ...place,
    from: findSeen(place.cluster, from),
    to: findSeen(place.cluster, to),
  }));
  const most = Math.max(0, ...all.map(knowledge));
  const best = all.filter((each) => knowledge(each) === most);
  if (most >= knows.manifests) return best;
  // Pods that no manifest has are everywhere alike: what counts is where policies are about them.
  const concerned = best.filter(({ cluster: { policies } }) =>
    policies.some(({ namespace }) => [from, to].some((end) => namespace?.name === end.namespace)),
  );
  return concerned.length > 0 ? concerned : best.slice(0, 1);
}

const knows = { manifests: 4, record: 1, address: 0 } as const;

function knowledge({ from, to }: Located): number {
  return [from, to].reduce((sum, end) => sum + ('end' in end ? knows[end.known] : 0), 0);
}

function seenKey({ from, to, ...rest }: FlowRecord): string {
  return JSON.stringify([seenEndKey(from), seenEndKey(to), rest]);
}

function seenEndKey({ namespace, pod, address, labels, entities }: SeenEnd): readonly unknown[] {
  return pod === undefined ? [namespace, address, [...labels], [...entities]] : [namespace, pod, [...labels]];
}

function foundKey(record: FlowRecord, located: readonly Located[]): string {
  const { verdict, reason, direction, protocol, port, request, deniedBy } = record;
  const ends = located.map(({ scope, from, to }) => [scope.id, foundEndKey(from), foundEndKey(to)]);
  const unknown = located.some(({ from, to }) => 'unjudged' in from || 'unjudged' in to);
  return JSON.stringify([
    [verdict, reason, direction, protocol, port, request, deniedBy],
    ends,
    unknown || located.length === 0 ? [seenName(record.from), seenName(record.to)] : [],
  ]);
}

function foundEndKey(found: FoundEnd): readonly unknown[] {
  if ('unjudged' in found) return [found.unjudged];
  const identities = found.end.ends.map((end) => (end.kind === 'addresses' ? end.identity : undefined));
  return [found.end.name, found.differs, identities];
}

function answerTo(record: FlowRecord, located: readonly Located[], count: number): FlowAnswer {
  const [first] = located;
  const from = nameOf(first?.from, record.from);
  const to = nameOf(first?.to, record.to);
  const unjudged = (...causes: readonly string[]): FlowAnswer => {
    return { count, record, finding: 'not judged', from, to, causes, answers: [] };
  };
  if (first === undefined) return unjudged('There are no manifests here.');
  const strange = [first.from, first.to].flatMap((end) => ('unjudged' in end ? [end.unjudged] : []));
  if (strange.length > 0) return unjudged(...strange.map(sentence));
  if (record.direction !== 'egress' && record.from.entities.has('host') && record.from.pod === undefined) {
    return unjudged('It comes from the node itself, which always reaches its own pods, whatever the policies say.');
  }
  if ([first.from, first.to].every((end) => 'end' in end && end.known === 'address')) {
    return unjudged('Neither end is a pod of these manifests, so no policy is about it.');
  }
  const question = { protocol: record.protocol, port: record.port };
  const found = located.map(({ scope, cluster, from, to }) => {
    if ('unjudged' in from || 'unjudged' in to) return { problem: '' };
    // Edits are for what is dropped.
    const repairable = record.verdict === 'forwarded' ? -1 : undefined;
    return answerOf(scope, cluster, { from: from.end, to: to.end }, question, repairable);
  });
  const answers = found.flatMap((each) => ('problem' in each ? [] : [each]));
  if (answers.length === 0) return unjudged(...found.flatMap((each) => ('problem' in each ? [each.problem] : [])));
  const finding = findingOf(record, answers);
  return { count, record, finding, from, to, causes: causesOf(finding, record, first, answers), answers };
}

function findingOf(record: FlowRecord, answers: readonly ScopeAnswer[]): FlowFinding {
  const verdict = verdictOf(answers.flatMap(({ explained }) => explained.parts));
  if (record.verdict !== 'forwarded' && !isPolicyDrop(record)) return 'unexplained';
  if (verdict === 'not certain' || verdict === 'partly allowed') return 'not certain';
  if (record.verdict === 'forwarded') return verdict === 'allowed' ? 'agrees' : 'contradicted';
  return verdict === 'blocked' ? 'explained' : 'unexplained';
}

function causesOf(
  finding: FlowFinding,
  record: FlowRecord,
  located: Located,
  answers: readonly ScopeAnswer[],
): readonly string[] {
  if (finding === 'agrees') return [];
  if (finding === 'not certain') return new Set(answers.map(verdictIn)).size > 1 ? [disagreement(answers)] : [];
  if (finding === 'contradicted') return contradictionCauses(located);
  const parts = answers.flatMap(({ explained }) => explained.parts);
  const blocked = parts.some(({ allowed }) => !allowed);
  if (finding === 'unexplained') return dropCauses(record, located, blocked);
  const { direction } = record;
  // A drop on one side does not prove what the manifests say of the other.
  return finding === 'explained' && direction !== undefined && parts.every((part) => part[direction].allowed)
    ? [
        `The cluster dropped it at ${direction}, which these manifests allow; they block the other direction. The policies of the cluster may be others.`,
      ]
    : [];
}

function verdictIn({ explained }: ScopeAnswer): Verdict {
  return verdictOf(explained.parts);
}

function disagreement(answers: readonly ScopeAnswer[]): string {
  const titles = answers.map(({ scope }) => scope.title);
  return `${list(titles, 4)} say different things of it: name the PATH of the one that the cluster has.`;
}

function nameOf(found: FoundEnd | undefined, seen: SeenEnd): string {
  return found !== undefined && 'end' in found ? found.end.name : seenName(seen);
}

function seenName({ namespace, pod, address, entities }: SeenEnd): string {
  if (pod !== undefined) return namespace === undefined ? pod : `${namespace}/${pod}`;
  return address ?? [...entities][0] ?? namespace ?? 'somebody';
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
