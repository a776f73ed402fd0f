import type { Entity, NamespaceMatch, Peer, PodPeer, ServicePeer } from '../model/peer.js';
import {
  accountLabelsOf,
  asksForFacts,
  defaultServiceAccount,
  namespaceNameKey,
  selectedByFacts,
} from '../model/pod-facts.js';
import type { Policy } from '../model/policy.js';
import { type Labels, matches, matchesOpen, type Selector } from '../model/selector.js';
import { type Answer, all, and, any, not } from '../model/three.js';
import type { Service, Workload } from '../model/workload.js';
import { knownOr, perList } from '../workspace/per-list.js';
import { contentOf, type NamespaceContent, type NamespaceRef, type Placed, type Scope } from '../workspace/scope.js';
import { anyAsksForFacts, policiesFor, workloadsFor } from './by-label.js';

/**
 * Labels of a namespace as far as they are known. A namespace without an object in the scope has the one label that the
 * API server sets (KEP-2161) and perhaps others; of an unset namespace nothing is known.
 */
export function labelsOfNamespace(scope: Scope, namespace: NamespaceRef): { labels: Labels; open: boolean } {
  if (namespace.name === undefined) return { labels: new Map(), open: true };
  const object = scope.namespaceObjects.get(namespace.name)?.value;
  if (object === undefined) return { labels: new Map([[namespaceNameKey, namespace.name]]), open: true };
  return { labels: object.labels, open: object.openLabels };
}

export function namespaceSelected(scope: Scope, selector: Selector, namespace: NamespaceRef): Answer {
  // The commonest selector, by the label that every namespace has: no need to look the others up.
  if (selector.op === 'In' && selector.key === namespaceNameKey && namespace.name !== undefined) {
    return selector.values.includes(namespace.name) ? 'yes' : 'no';
  }
  const { labels, open } = labelsOfNamespace(scope, namespace);
  return answer(selector, labels, open);
}

/** Whether a peer's or subject's namespaces include one, seen from the policy's own namespace. */
export function namespaceMatches(scope: Scope, match: NamespaceMatch, own: NamespaceRef, other: NamespaceRef): Answer {
  if (!match.own) return namespaceSelected(scope, match.selector, other);
  if (own.key === other.key) return 'yes';
  // Two unset namespaces, or an unset and a named one, may turn out to be the same.
  return own.name === undefined || other.name === undefined ? 'unknown' : 'no';
}

/** Whether a selector chooses a workload's pods. Host-network pods: the API leaves it undefined, plugins say no. */
export function podsSelected(selector: Selector, workload: Workload): Answer {
  const chosen = answer(selector, workload.labels, workload.openLabels);
  return workload.hostNetwork && chosen !== 'no' ? 'unknown' : chosen;
}

/** As `podsSelected`, for selectors that may ask for the namespace and service account as well. */
function chosenPods(scope: Scope, selector: Selector, workload: Placed<Workload>): Answer {
  if (!asksForFacts(selector)) return podsSelected(selector, workload.value);
  const { labels, openLabels, serviceAccount, hostNetwork } = workload.value;
  const namespace = labelsOfNamespace(scope, workload.namespace);
  const account = serviceAccount ?? defaultServiceAccount;
  const chosen = selectedByFacts(selector, {
    labels,
    openLabels,
    namespaceLabels: namespace.labels,
    openNamespace: namespace.open,
    serviceAccount: account,
    accountLabels: accountLabelsOf(
      account,
      accountsAmong(scope.serviceAccounts).get(`${workload.namespace.key}/${account}`),
    ),
  });
  return hostNetwork && chosen !== 'no' ? 'unknown' : chosen;
}

const accountsAmong = perList(
  (accounts: Scope['serviceAccounts']) =>
    new Map(
      accounts.map(({ value: { name, labels, openLabels }, namespace }) => [
        `${namespace.key}/${name}`,
        { labels, open: openLabels },
      ]),
    ),
);

/** Whether a policy is about a workload's pods. */
export function selects(scope: Scope, policy: Placed<Policy>, workload: Placed<Workload>): Answer {
  const subject = policy.value.subject;
  if (subject.nodes !== undefined) return 'no';
  const where = namespaceMatches(scope, subject.namespaces, policy.namespace, workload.namespace);
  if (where === 'no') return 'no';
  const chosen = and(where, chosenPods(scope, subject.pods, workload));
  return subject.uncertain && chosen === 'yes' ? 'unknown' : chosen;
}

/** Of the policies of a workload's own namespace those that may select it, each with its answer. */
export function policiesSelecting(
  scope: Scope,
  workload: Placed<Workload>,
): readonly { readonly policy: Placed<Policy>; readonly answer: 'yes' | 'unknown' }[] {
  const { policies } = contentOf(scope, workload.namespace);
  // Labels of a namespace are no part of its lists.
  if (anyAsksForFacts(policies)) return workOut(scope, policies, workload);
  return knownOr(selecting(policies), workload, () => workOut(scope, policies, workload));
}

function workOut(scope: Scope, policies: readonly Placed<Policy>[], workload: Placed<Workload>) {
  const found: { policy: Placed<Policy>; answer: 'yes' | 'unknown' }[] = [];
  const { labels, openLabels } = workload.value;
  for (const policy of openLabels ? policies : policiesFor(policies, labels)) {
    const answer = selects(scope, policy, workload);
    if (answer !== 'no') found.push({ policy, answer });
  }
  return found;
}

/** Which policies of a namespace select a pod there is decided by its labels alone. */
const selecting = perList(
  (_policies: readonly Placed<Policy>[]) =>
    new Map<Placed<Workload>, { policy: Placed<Policy>; answer: 'yes' | 'unknown' }[]>(),
);

/** The workloads of a policy's own namespace that it surely selects, and those that it may select. */
export function workloadsSelected(scope: Scope, policy: Placed<Policy>): MatchedWorkloads {
  const { workloads } = contentOf(scope, policy.namespace);
  const { namespaces, pods } = policy.value.subject;
  const workOut = () => workloadsWhere(workloadsFor(workloads, pods), (workload) => selects(scope, policy, workload));
  // Others ask for labels of namespaces, which the list of workloads does not tell of.
  if (!namespaces.own || asksForFacts(pods)) return workOut();
  return knownOr(selected(workloads), policy, workOut);
}

/** The same for any policy: those of the cluster select in every namespace. */
export function subjectsOf(scope: Scope, policy: Placed<Policy>): MatchedWorkloads {
  if (!policy.value.clusterWide) return workloadsSelected(scope, policy);
  const { workloads, namespaceObjects } = scope;
  const { pods } = policy.value.subject;
  // Labels of service accounts are no part of these lists.
  const known = asksForFacts(pods) ? undefined : everywhere(workloads).get(policy);
  // Which namespaces are meant is decided by their labels.
  if (known?.namespaceObjects === namespaceObjects) return known.found;
  const found = workloadsWhere(workloadsFor(workloads, pods), (workload) => selects(scope, policy, workload));
  everywhere(workloads).set(policy, { namespaceObjects, found });
  return found;
}

interface SelectedEverywhere {
  readonly namespaceObjects: Scope['namespaceObjects'];
  readonly found: MatchedWorkloads;
}

const everywhere = perList(
  (_workloads: readonly Placed<Workload>[]) => new WeakMap<Placed<Policy>, SelectedEverywhere>(),
);

/** Many rules ask for the pods of a policy. */
const selected = perList((_workloads: readonly Placed<Workload>[]) => new WeakMap<Placed<Policy>, MatchedWorkloads>());

/** Whether a peer of a policy's rule includes a workload's pods. Addresses never do: see the profile's ipBlockMatchesPods. */
export function peerMatches(scope: Scope, policy: Placed<Policy>, peer: Peer, workload: Placed<Workload>): Answer {
  const answer = surelyMatches(scope, policy, peer, workload);
  return peer.uncertain && answer === 'yes' ? 'unknown' : answer;
}

function surelyMatches(scope: Scope, policy: Placed<Policy>, peer: Peer, workload: Placed<Workload>): Answer {
  switch (peer.kind) {
    case 'anything':
      return 'yes';
    case 'pods':
      return takesPods(
        scope,
        peer,
        workload,
        namespaceMatches(scope, peer.namespaces, policy.namespace, workload.namespace),
      );
    case 'all of': {
      // Which addresses pods have is not known: a restriction by address may or may not take them in.
      const of = (part: Peer): Answer =>
        part.kind === 'addresses' ? 'unknown' : peerMatches(scope, policy, part, workload);
      return and(all(peer.peers.map(of)), not(any(peer.except.map(of))));
    }
    case 'service':
      return any(
        servicesOf(scope, policy, peer).map(({ value, namespace }) =>
          namespace.key === workload.namespace.key && value.selector !== undefined
            ? podsSelected(selectorOf(value.selector), workload.value)
            : 'no',
        ),
      );
    case 'entity':
      if (peer.entity === 'all' || peer.entity === 'cluster') return 'yes';
      return workload.value.hostNetwork && nodeEntities.has(peer.entity) ? 'unknown' : 'no';
    case 'addresses':
    case 'address set':
    case 'domains':
    case 'nodes':
      return 'no';
  }
}

const nodeEntities: ReadonlySet<Entity> = new Set<Entity>(['host', 'remote-node', 'kube-apiserver']);

/** The services of the scope that a peer means. */
export function servicesOf(scope: Scope, policy: Placed<Policy>, peer: ServicePeer): readonly Placed<Service>[] {
  const anywhere = peer.anyNamespace === true || (peer.namespace === undefined && policy.value.clusterWide);
  const where = anywhere ? undefined : (peer.namespace ?? policy.namespace.name);
  const contents =
    peer.namespace === undefined && !anywhere
      ? [contentOf(scope, policy.namespace)]
      : [...scope.namespaces.values()].filter(({ ref }) => where === undefined || ref.name === where);
  return contents
    .flatMap(({ services }) => services)
    .filter(({ value }) =>
      peer.name !== undefined
        ? value.name === peer.name
        : peer.selector !== undefined && matches(peer.selector, value.labels),
    );
}

function selectorOf(labels: Labels): Selector {
  return { op: 'And', terms: [...labels].map(([key, value]) => ({ op: 'In', key, values: [value] })) };
}

function takesPods(scope: Scope, peer: PodPeer, workload: Placed<Workload>, where: Answer): Answer {
  if (where === 'no') return 'no';
  const chosen = and(where, chosenPods(scope, peer.pods, workload));
  return peer.uncertain && chosen === 'yes' ? 'unknown' : chosen;
}

/** The workloads of the scope that surely match, and those that may. */
export interface MatchedWorkloads {
  readonly sure: readonly Placed<Workload>[];
  readonly possible: readonly Placed<Workload>[];
}

/** The workloads that a peer includes. Asks each namespace once, then only the workloads of those that may be meant. */
export function workloadsOfPeer(scope: Scope, policy: Placed<Policy>, peer: PodPeer): MatchedWorkloads {
  const sure: Placed<Workload>[] = [];
  const possible: Placed<Workload>[] = [];
  for (const content of namespacesMeant(scope, peer.namespaces, policy.namespace)) {
    const where = namespaceMatches(scope, peer.namespaces, policy.namespace, content.ref);
    // What is not asked for is not read: an edit elsewhere leaves the answer as it is.
    if (where === 'no') continue;
    if (where === 'yes' && !peer.uncertain) {
      const there = workloadsChosen(scope, content, peer.pods);
      for (const workload of there.sure) sure.push(workload);
      for (const workload of there.possible) possible.push(workload);
      continue;
    }
    for (const workload of workloadsFor(content.workloads, peer.pods))
      if (takesPods(scope, peer, workload, where) !== 'no') possible.push(workload);
  }
  return { sure, possible };
}

/** The workloads of a namespace that a selector chooses. */
export function workloadsChosen(scope: Scope, { workloads }: NamespaceContent, selector: Selector): MatchedWorkloads {
  const workOut = () =>
    workloadsWhere(workloadsFor(workloads, selector), (workload) => chosenPods(scope, selector, workload));
  // Others ask for labels of namespaces, which the list of workloads does not tell of.
  if (asksForFacts(selector)) return workOut();
  return knownOr(chosen(workloads), selector, workOut);
}

/** Several rules ask what a peer chooses. */
const chosen = perList((_workloads: readonly Placed<Workload>[]) => new WeakMap<Selector, MatchedWorkloads>());

/** The namespaces that may be meant, in their order: by a name there is one, and those that may turn out to have it. */
export function namespacesMeant(scope: Scope, match: NamespaceMatch, own: NamespaceRef): Iterable<NamespaceContent> {
  const name = match.own ? own.name : soleName(match.selector);
  if (name === undefined) return scope.namespaces.values();
  const named = scope.namespaces.get(name);
  return named === undefined ? scope.unsetNamespaces : [named, ...scope.unsetNamespaces];
}

function soleName(selector: Selector): string | undefined {
  const named = selector.op === 'In' && selector.key === namespaceNameKey && selector.values.length === 1;
  return named ? selector.values[0] : undefined;
}

export function workloadsWhere(
  workloads: Iterable<Placed<Workload>>,
  question: (workload: Placed<Workload>) => Answer,
): MatchedWorkloads {
  const sure: Placed<Workload>[] = [];
  const possible: Placed<Workload>[] = [];
  for (const workload of workloads) {
    const given = question(workload);
    if (given === 'yes') sure.push(workload);
    else if (given === 'unknown') possible.push(workload);
  }
  return { sure, possible };
}

function answer(selector: Selector, labels: Labels, open: boolean): Answer {
  if (open) return matchesOpen(selector, labels);
  return matches(selector, labels) ? 'yes' : 'no';
}
