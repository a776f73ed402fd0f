import { describeNamespaces, describePods } from '../engine/describe.js';
import type { MatchedWorkloads } from '../engine/matching.js';
import type { PodPeer } from '../model/peer.js';
import { count } from '../model/print.js';
import type { Workload } from '../model/workload.js';
import { insertCommentAbove, insertEntry, mergeItems, removeItem } from '../text/edits.js';
import { type Change, editOnly, type Fix } from '../text/fix.js';
import { entryOf, keyText, type Span, stringOf, valueAt, type YamlSequence } from '../text/tree.js';
import { contentOf, type Placed } from '../workspace/scope.js';
import { type OrPair, orPairsOf } from './or-pairs.js';
import { orSelectors } from './or-selectors.js';
import { podListOf } from './peer-nodes.js';
import { countedWorkloads } from './peer-workloads.js';
import { definePolicyRule, type Finding, type PolicyContext, type RulePage } from './rule.js';
import { wellKnownPods } from './well-known.js';

export const andOrAmbiguity = definePolicyRule({
  id: 'and-or-ambiguity',
  group: 'AND or OR',
  severity: 'info',
  summary: 'Labels of pods and of namespaces stand in separate items, so they are joined by OR.',
  alone: true,
  *check(context) {
    if (context.policy.value.staged) return;
    for (const pair of orPairsOf(context)) yield findingOf(context, pair);
    yield* orSelectors(context);
  },
});

export const andOrAmbiguityPage: RulePage = {
  what: `Reports a peer with only a \`podSelector\` beside a peer with only a \`namespaceSelector\` in one \`from\` or \`to\` list.

Items of a list are joined by **OR**: pods with these labels in the policy's *own* namespace, OR *every* pod of the selected namespaces. Both selectors in **one** item are joined by **AND**: only pods with these labels in the selected namespaces. The two differ by a single dash.

It is a **warning** where AND was evidently meant: the pod selector matches no workload of the policy's own namespace but does match some in the selected namespaces; or the two name well-known pods, such as the cluster DNS in \`kube-system\`; or the namespace selector includes the own namespace anyway, so that the pod selector adds nothing. Elsewhere it is information, since OR is often meant.

Of Cilium it is two items of \`fromEndpoints\` or \`toEndpoints\`, one with labels of pods and one with a namespace. Of Calico it is one selector that joins a namespace and labels by \`||\`, where the labels are found in that namespace only.`,
  why: 'OR opens the rule to every pod of the selected namespaces, whatever its labels. Nothing in the cluster points this out: the policy is accepted and the wanted connection works, together with all the others.',
  bad: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: api
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: api
  policyTypes: [Ingress]
  ingress:
    - from:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: monitoring
        - podSelector:
            matchLabels:
              app.kubernetes.io/name: prometheus
`,
  good: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: api
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: api
  policyTypes: [Ingress]
  ingress:
    - from:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: monitoring
          podSelector:
            matchLabels:
              app.kubernetes.io/name: prometheus
`,
  references: [
    'https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors',
  ],
};

function findingOf(context: PolicyContext, pair: OrPair): Finding {
  const at = selectorKey(context, pair, pair.second);
  return {
    at,
    severity: pair.evidence === undefined ? 'info' : 'warning',
    message: `${readings(context, pair)} ${advice(context, pair)}`,
    related: [
      {
        at: selectorKey(context, pair, pair.first),
        message: `OR: this item by itself is ${inWords(context, pair.first)}`,
      },
    ],
    fixes: fixesOf(context, pair, at),
  };
}

/** The key of the selector; the item's own place where an alias brings it from elsewhere. */
function selectorKey(context: PolicyContext, pair: OrPair, peer: PodPeer): Span {
  const item = podListOf(context.policy, pair.rule)?.items[pair.index + (peer === pair.first ? 0 : 1)];
  if (item?.value.alias === true) return peer.at;
  return peer.podSource?.at ?? peer.namespaceSource?.at ?? peer.at;
}

function readings(context: PolicyContext, pair: OrPair): string {
  const { first, second, combined } = pair;
  const or = `${inWords(context, first)}${counted(context, pair, first)} OR ${inWords(context, second)}${counted(context, pair, second)}`;
  return `As written, in two items (OR): ${or}. In one item (AND): only ${inWords(context, combined)}${counted(context, pair, combined)}.`;
}

/** Unlike `describePeer`, without the word AND, which here tells the two readings apart. */
function inWords(context: PolicyContext, peer: PodPeer): string {
  return `${describePods(peer.pods)} ${describeNamespaces(peer.namespaces, context.policy.namespace)}`;
}

/** The workloads as far as they are known, in brackets; nothing where the manifests do not tell. */
function counted(context: PolicyContext, pair: OrPair, peer: PodPeer): string {
  const own = context.policy.namespace;
  const { sure, possible } = matched(pair, peer);
  const least = possible.length > 0 ? 'at least ' : '';
  if (peer === pair.combined && pair.namespaceWorkloads.sure.length > 0 && possible.length === 0) {
    const lost = lostByAnd(pair);
    return ` (${countedWorkloads(sure, own)}${lost === 0 ? '' : `; it leaves out ${count(lost, 'workload')}`})`;
  }
  if (sure.length > 0) return ` (${least}${countedWorkloads(sure, own)})`;
  const told = peer === pair.pods && contentOf(context.scope, own).workloads.length > 0 && possible.length === 0;
  return told ? ' (no workload of these manifests)' : '';
}

function matched(pair: OrPair, peer: PodPeer): MatchedWorkloads {
  if (peer === pair.combined) return pair.combinedWorkloads;
  return peer === pair.pods ? pair.podWorkloads : pair.namespaceWorkloads;
}

/** How many workloads OR allows and AND does not; 0 where that is not known for certain. */
function lostByAnd(pair: OrPair): number {
  if (pair.podWorkloads.possible.length > 0 || pair.namespaceWorkloads.possible.length > 0) return 0;
  const or = new Set<Placed<Workload>>([...pair.podWorkloads.sure, ...pair.namespaceWorkloads.sure]);
  for (const workload of pair.combinedWorkloads.sure) or.delete(workload);
  return or.size;
}

function advice(context: PolicyContext, pair: OrPair): string {
  const join = 'Put both selectors into one item.';
  const own = context.policy.namespace.name;
  const here = own === undefined ? "the policy's own namespace" : own;
  switch (pair.evidence?.kind) {
    case 'only-there':
      return `The pod labels match nothing in ${here}, only pods of the selected namespaces, so AND is probably meant. ${join}`;
    case 'well-known':
      return `Together they name ${pair.evidence.pods.title}, so AND is meant: OR opens all of ${pair.evidence.pods.namespace}. ${join}`;
    case 'covered':
      return `The namespace selector includes ${here} with every pod of it, so with OR the pod selector adds nothing, and AND is probably meant. ${join}`;
    default:
      if (andSelectsNothing(pair))
        return 'With AND no known workload is left, so OR is probably meant: say so in a comment.';
      return 'If AND is meant, put both selectors into one item; if OR is meant, say so in a comment.';
  }
}

function fixesOf(context: PolicyContext, pair: OrPair, at: Span): readonly Fix[] {
  const { policy } = context;
  const combine: Fix = {
    title: `Combine into one peer: AND (only ${inWords(context, pair.combined)})`,
    ...(pair.evidence === undefined ? {} : { preferred: true }),
    changes: () => {
      const list = podListOf(policy, pair.rule);
      return list === undefined ? undefined : combined(list, pair.index);
    },
  };
  const keep: Fix = {
    title: 'Keep OR and say so in a comment',
    changes: () =>
      editOnly(
        insertCommentAbove(
          at,
          `netpol-disable-next-line and-or-ambiguity -- OR is meant: ${inWords(context, pair.first)}, or ${inWords(context, pair.second)}`,
        ),
      ),
  };
  // Pods that everyone knows are rarely among the manifests.
  const known = wellKnownPods(context.profile, pair.pods.pods).length > 0;
  return andSelectsNothing(pair) && !known ? [keep] : [combine, keep];
}

/** One item of two; Cilium's have both kinds of labels under one key. */
function combined(list: YamlSequence, index: number): readonly Change[] | undefined {
  const merged = mergeItems(list, index, index + 1);
  if (merged !== undefined) return editOnly(merged);
  const [into, from] = [index, index + 1].map((each) => list.items[each]?.value);
  const labels = valueAt(from, 'matchLabels');
  const target = entryOf(into, 'matchLabels');
  const [only, ...more] = labels?.kind === 'map' ? labels.entries : [];
  if (from?.kind !== 'map' || from.entries.length > 1 || target === undefined || only === undefined) return undefined;
  const value = stringOf(only.value);
  const inserted = value === undefined ? undefined : insertEntry(target, keyText(only), value);
  const removed = removeItem(list, index + 1);
  if (more.length > 0 || inserted === undefined || removed === undefined) return undefined;
  return editOnly([inserted, removed]);
}

/** With AND the peer would match none of the workloads that are known to be there: then OR is what works. */
function andSelectsNothing({ namespaceWorkloads, combinedWorkloads }: OrPair): boolean {
  return (
    namespaceWorkloads.sure.length > 0 && combinedWorkloads.sure.length === 0 && combinedWorkloads.possible.length === 0
  );
}
