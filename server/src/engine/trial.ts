import { resourcesOf } from '../kinds/index.js';
import { union as joinAddresses } from '../model/addresses.js';
import type { Direction, Rule } from '../model/policy.js';
import { isEmpty, subtract } from '../model/ports.js';
import { documentBehind, documentOf } from '../text/document.js';
import { applyEdits, type TextEdit } from '../text/edits.js';
import type { Change } from '../text/fix.js';
import type { DocumentRef } from '../text/tree.js';
import { TransformedResource } from '../workspace/kustomize/step.js';
import type { Placed } from '../workspace/scope.js';
import { addressCells } from './address-cells.js';
import type { AppliedPolicy, Cluster } from './cluster.js';
import { isItself } from './explain.js';
import { groupBy } from './group-by.js';
import { ruleMeaning } from './policy-changes.js';
import type { Connection } from './reach.js';
import { type Endpoint, peersTake, podsEnd, selectsPods } from './stages.js';
import type { Steps } from './steps.js';
import type { Judge } from './verdict.js';

/** A change to the text of policies, before it is offered to anybody. */
export interface Draft {
  readonly edits: readonly TextEdit[];
  readonly added: readonly AddedPolicy[];
}

/** A policy's text, for the end of the file in which `beside` stands: it gets that one's namespace, or none. */
export interface AddedPolicy {
  readonly beside: Placed<unknown>;
  readonly text: string;
}

export function joinDrafts(drafts: readonly Draft[]): Draft {
  return { edits: drafts.flatMap(({ edits }) => edits), added: drafts.flatMap(({ added }) => added) };
}

export function changesOf({ edits, added }: Draft): readonly Change[] {
  const byFile = groupBy(added, ({ beside }) => beside.uri);
  return [
    ...edits.map((edit): Change => ({ kind: 'edit', edit })),
    ...[...byFile].map(
      ([uri, texts]): Change => ({ kind: 'append', uri, text: texts.map(({ text }) => text).join('---\n') }),
    ),
  ];
}

/**
 * The cluster with the policies as they read after a draft; nothing else is read again. Undefined where the draft touches
 * a template or broken text, its edits are in each other's way, or something in it could not be read afterwards.
 */
export function clusterAfter(cluster: Cluster, { edits, added }: Draft): Cluster | undefined {
  const read = new Map<DocumentRef, ReturnType<typeof resourcesOf>>();
  for (const [ref, own] of groupBy(edits, ({ span }) => span.document)) {
    const document = documentBehind(ref);
    if (document === undefined || document.templated || document.problems.length > 0 || overlap(own)) return undefined;
    const text = applyEdits(
      document.text,
      own.map(({ span, newText }) => ({ range: span.range, newText })),
    );
    const after = documentOf(document.uri, text);
    if (after.problems.length > 0) return undefined;
    read.set(ref, resourcesOf(after));
  }
  const policies: AppliedPolicy[] = [];
  for (const policy of cluster.policies) {
    const { resource } = policy.placed;
    const made = resource instanceof TransformedResource ? resource : undefined;
    // What another text of a patch makes of it is not tried.
    if ([...read.keys()].some(({ uri }) => made?.from.has(uri))) return undefined;
    const found = read.get(resource.node.document);
    if (found === undefined) {
      policies.push(policy);
      continue;
    }
    const written = found.find(({ path, part }) => path.join() === resource.path.join() && part === resource.part);
    const same = written && made !== undefined ? made.again(written) : written;
    if (same?.object?.type !== 'policy') return undefined;
    policies.push({ ...policy, placed: { ...policy.placed, value: same.object.value, resource: same } });
  }
  for (const { beside, text } of added) {
    const [written] = resourcesOf(documentOf(beside.uri, text));
    const around = beside.resource;
    const resource = written && around instanceof TransformedResource ? around.again(written) : written;
    if (resource?.object?.type !== 'policy') return undefined;
    const { value } = resource.object;
    const namespace = value.clusterWide ? undefined : cluster.namespaceOf(beside.namespace);
    policies.push({ placed: { value, namespace: beside.namespace, resource, uri: beside.uri }, namespace });
  }
  return { ...cluster, policies };
}

function overlap(edits: readonly TextEdit[]): boolean {
  const ranges = edits.map(({ span }) => span.range).toSorted((a, b) => a.start - b.start || a.end - b.end);
  return ranges.some(({ start }, i) => start < (ranges[i - 1]?.end ?? 0));
}

/** What differs between two states of a cluster; the addresses that share pods and ports are one end. */
export interface Effects {
  readonly opens: readonly Connection[];
  readonly blocks: readonly Connection[];
}

/** How many pairs are compared at most: a change that touches more is not the smallest. */
const maxPairs = 200_000;

/** How many pairs, and how many ends, are looked at in one step. */
const pairsAtOnce = 100;
const endsAtOnce = 100;
const joinedAtOnce = 1000;

/**
 * What becomes allowed and what becomes blocked between pods of the cluster and addresses, where `after` has the same
 * policies in the same order, some of them with other rules, and more behind them. With a direction: what its policies by
 * themselves say differently. Undefined where the change touches too much to look at each pair.
 */
export function* effectsOf(before: Judge, after: Judge, direction?: Direction): Steps<Effects | undefined> {
  const pairs = yield* pairsTouched(before, after);
  if (pairs === undefined) return undefined;
  const opens: Connection[] = [];
  const blocks: Connection[] = [];
  let asked = 0;
  for (const [from, others] of pairs) {
    for (const to of others) {
      if (isItself(from, to)) continue;
      if (++asked % pairsAtOnce === 0) yield;
      const [was, is] = [before, after].map((judge) =>
        judge.table.setOf(direction === undefined ? judge.between(from, to) : judge.side(direction, from, to)),
      );
      if (was === undefined || is === undefined) continue;
      const [more, less] = [subtract(is, was), subtract(was, is)];
      if (!isEmpty(more)) opens.push({ from, to, ports: more });
      if (!isEmpty(less)) blocks.push({ from, to, ports: less });
    }
  }
  return { opens: yield* joinCells(before, opens), blocks: yield* joinCells(before, blocks) };
}

/** The pairs about which some policy says something else. */
function* pairsTouched(before: Judge, after: Judge): Steps<ReadonlyMap<Endpoint, ReadonlySet<Endpoint>> | undefined> {
  const pairs = new Map<Endpoint, Set<Endpoint>>();
  let count = 0;
  const all = after.cluster.pods.map(podsEnd);
  for (const direction of ['ingress', 'egress'] as const) {
    yield;
    const cells = addressCells([before.cluster, after.cluster], direction);
    yield;
    const others: readonly Endpoint[] = [
      ...all,
      ...cells.map((addresses) => ({ kind: 'addresses' as const, addresses })),
    ];
    for (const [i, policy] of after.cluster.policies.entries()) {
      const old = before.cluster.policies[i];
      if (old?.placed.value === policy.placed.value) continue;
      const versions = old === undefined ? [policy] : [old, policy];
      const changed = changedRules(old, policy, direction);
      const taken = others.filter((end) => changed.some((applied) => peersTake(after.cluster, applied, end) !== 'no'));
      yield;
      for (const [index, own] of all.entries()) {
        if (index % endsAtOnce === endsAtOnce - 1) yield;
        if (own.kind !== 'pods' || !versions.some((each) => selectsPods(each, own.pods) === 'yes')) continue;
        const [was, is] = [before, after].map((judge) => isolation(judge, own, direction));
        for (const other of was === is ? taken : others) {
          const [from, to] = direction === 'egress' ? [own, other] : [other, own];
          const known = pairs.get(from) ?? new Set();
          pairs.set(from, known.add(to));
          if (++count > maxPairs) return undefined;
        }
      }
    }
  }
  return pairs;
}

/** The stages that let nothing through but what their rules allow: equal for pods that are isolated alike. */
function isolation(judge: Judge, end: Endpoint, direction: Direction): string {
  if (end.kind !== 'pods') return '';
  const isolating = judge.stages(end.pods, direction).filter(({ isolatedBy }) => isolatedBy.length > 0);
  return isolating.map(({ tier, name = '' }) => `${tier} ${name}`).join();
}

/** The rules of a direction that only one of two versions of a policy has, as often as it has them more. */
function changedRules(old: AppliedPolicy | undefined, policy: AppliedPolicy, direction: Direction) {
  const rulesOf = (version: AppliedPolicy) => version.placed.value.rules.filter((rule) => rule.direction === direction);
  const left = groupBy(old === undefined ? [] : rulesOf(old), ruleMeaning);
  const more = rulesOf(policy).filter((rule) => left.get(ruleMeaning(rule))?.shift() === undefined);
  const applied = (of: AppliedPolicy) => (rule: Rule) => ({ policy: of, rule });
  return [...more.map(applied(policy)), ...(old === undefined ? [] : [...left.values()].flat().map(applied(old)))];
}

/** Addresses that connect to the same pods on the same ports, as one end; likewise destinations. */
function* joinCells({ table }: Judge, connections: readonly Connection[]): Steps<readonly Connection[]> {
  const ids = new Map<unknown, number>();
  const idOf = (end: Endpoint) => {
    const key = end.kind === 'pods' ? end.pods : undefined;
    const id = ids.get(key) ?? ids.size;
    ids.set(key, id);
    return id;
  };
  const found = new Map<string, Connection>();
  for (const [index, each] of connections.entries()) {
    if (index % joinedAtOnce === joinedAtOnce - 1) yield;
    const key = `${idOf(each.from)} ${idOf(each.to)} ${table.idOf(each.ports)}`;
    const known = found.get(key);
    found.set(key, known === undefined ? each : joinTwo(known, each));
  }
  return [...found.values()];
}

function joinTwo(a: Connection, b: Connection): Connection {
  return { ...a, from: joinEnds(a.from, b.from), to: joinEnds(a.to, b.to) };
}

function joinEnds(a: Endpoint, b: Endpoint): Endpoint {
  if (a.kind !== 'addresses' || b.kind !== 'addresses') return a;
  return { kind: 'addresses', addresses: joinAddresses(a.addresses, b.addresses) };
}
