import { describeNamespaces, workloadNames } from '../engine/describe.js';
import { namespaceSelected, peerMatches } from '../engine/matching.js';
import type { PodPeer } from '../model/peer.js';
import type { Direction, Rule } from '../model/policy.js';
import { count } from '../model/print.js';
import { equalsRequired, isEverything } from '../model/selector.js';
import { valueOf } from '../text/tree.js';
import { contentOf, type NamespaceContent } from '../workspace/scope.js';
import { likelyHalves } from './or-pairs.js';
import { isPodOnly, peerNodeOf } from './peer-nodes.js';
import { definePolicyRule, type Finding, type PolicyContext } from './rule.js';
import { hints, judge, type Unmatched, unmatchedFinding, whatNothingHas } from './unmatched.js';
import { unmatchedNamespaces } from './unmatched-namespaces.js';
import { wellKnownPods } from './well-known.js';

export const peerMatchesNothing = definePolicyRule({
  id: 'peer-matches-nothing',
  group: 'Selectors',
  severity: 'warning',
  summary: 'A peer matches no workload, or no namespace.',
  what: `Reports a peer of a rule whose \`podSelector\` matches none of the workloads that the manifests show in the namespace it looks in, and one whose \`namespaceSelector\` matches none of the namespaces.

It is a **warning** where a near label or name exists, which the quick fix writes; otherwise it is information, since the pods may come from another repository. It stays silent about namespaces without workloads in the manifests, about the cluster's own pods (DNS, ingress controllers, monitoring), and where labels come from a template or a controller.`,
  why: 'A peer that matches nothing allows nothing. The rule looks right and the connection is still refused, and no event or log line tells why.',
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
        - podSelector:
            matchLabels:
              app: frontent
---
apiVersion: v1
kind: Pod
metadata:
  name: api
  namespace: shop
  labels:
    app: api
---
apiVersion: v1
kind: Pod
metadata:
  name: frontend
  namespace: shop
  labels:
    app: frontend
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
        - podSelector:
            matchLabels:
              app: frontend
---
apiVersion: v1
kind: Pod
metadata:
  name: api
  namespace: shop
  labels:
    app: api
---
apiVersion: v1
kind: Pod
metadata:
  name: frontend
  namespace: shop
  labels:
    app: frontend
`,
  references: [
    'https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors',
    'https://kubernetes.io/docs/concepts/services-networking/network-policies/#targeting-a-namespace-by-its-name',
  ],
  *check(context) {
    const halves = likelyHalves(context);
    for (const rule of context.policy.value.rules) {
      for (const peer of rule.peers) {
        if (peer.kind !== 'pods' || peer.uncertain || halves.has(peer)) continue;
        const finding = unmatchedNamespaces(context, rule, peer) ?? unmatchedPods(context, rule, peer);
        if (finding !== undefined) yield finding;
      }
    }
  },
});

function unmatchedPods(context: PolicyContext, rule: Rule, peer: PodPeer): Finding | undefined {
  const { scope, profile, policy } = context;
  if (peer.podSource === undefined || isEverything(peer.pods)) return undefined;
  if (wellKnownPods(profile, peer.pods).length > 0) return undefined;
  const contents = placesOf(context, peer);
  const workloads = contents.flatMap((content) => content.workloads);
  if (workloads.length === 0 || workloads.some(({ value }) => value.openLabels)) return undefined;
  if (scope.workloads.some((workload) => peerMatches(scope, policy, peer, workload) !== 'no')) return undefined;
  const unmatched: Unmatched = {
    scope,
    selector: peer.pods,
    source: peer.podSource,
    node: valueOf(peerNodeOf(context.policy, rule, peer), 'podSelector'),
    workloads,
    own: policy.namespace,
  };
  const judgement = judge(unmatched);
  if (judgement === undefined) return undefined;
  // Namespaces chosen by labels may exist beyond the manifests: only a slip is worth a word.
  if (judgement.severity !== 'warning' && !isPodOnly(peer) && nameOf(peer) === undefined) return undefined;
  const near = hints(unmatched, judgement);
  const known = `${count(workloads.length, 'workload')} (${workloadNames(workloads, policy.namespace)})`;
  const advice = near === '' ? 'Check the labels, unless these pods come from somewhere else.' : near;
  const where = describeNamespaces(peer.namespaces, policy.namespace);
  return unmatchedFinding(
    unmatched,
    judgement,
    `${allowsNothing(rule.direction)} in these manifests: of the ${known} ${where} none has ${whatNothingHas(unmatched, judgement)}. ${advice}`,
  );
}

function allowsNothing(direction: Direction): string {
  return direction === 'ingress' ? 'This peer lets nobody in' : 'This peer leads nowhere';
}

/** The contents of the namespaces a peer looks in, as far as they are in the scope. */
function placesOf({ scope, policy }: PolicyContext, peer: PodPeer): readonly NamespaceContent[] {
  if (peer.namespaces.own) return [contentOf(scope, policy.namespace)];
  const { selector } = peer.namespaces;
  return [...scope.namespaces.values()].filter(
    (content) => content.workloads.length > 0 && namespaceSelected(scope, selector, content.ref) === 'yes',
  );
}

/** The one namespace that the peer calls by its name. */
function nameOf(peer: PodPeer): string | undefined {
  return peer.namespaces.own ? undefined : equalsRequired(peer.namespaces.selector).get('kubernetes.io/metadata.name');
}
