import { describeNamespaces, describePods } from '../engine/describe.js';
import { namespaceSelected, namespacesMeant, workloadsChosen, workloadsOfPeer } from '../engine/matching.js';
import type { PodPeer } from '../model/peer.js';
import { isAboutGlobalSets } from '../model/pod-facts.js';
import type { Family, Policy, Rule } from '../model/policy.js';
import { equalsRequired, isEverything } from '../model/selector.js';
import { insertEntry } from '../text/edits.js';
import { editOnly, type Fix } from '../text/fix.js';
import { valueAt } from '../text/tree.js';
import { contentOf, type NamespaceContent, type Placed } from '../workspace/scope.js';
import { onlyNamespaceOf } from './move-policy.js';
import { likelyHalves } from './or-pairs.js';
import { peerNodeOf } from './peer-nodes.js';
import { ruleNode } from './policy-nodes.js';
import { definePolicyRule, type Finding, type PolicyContext, type RulePage } from './rule.js';
import { adviceOn, judge, noneMatches, type Unmatched, unmatchedFinding } from './unmatched.js';
import { doesNothing, unmatchedNamespaces } from './unmatched-namespaces.js';
import { globalSetsMissed, setsWithLabels, unmatchedGlobalSets } from './unmatched-sets.js';
import { isClusterNamespace, wellKnownPods } from './well-known.js';

export const peerMatchesNothing = definePolicyRule({
  id: 'peer-matches-nothing',
  group: 'Selectors',
  severity: 'warning',
  summary: 'A peer matches no workload, or no namespace.',
  alone: true,
  *check(context) {
    const halves = likelyHalves(context);
    for (const rule of context.policy.value.rules) {
      for (const peer of rule.peers) {
        if (peer.kind !== 'pods' || peer.uncertain || halves.has(peer)) continue;
        const finding = isAboutGlobalSets(peer)
          ? unmatchedGlobalSets(context, rule, peer)
          : (unmatchedNamespaces(context, rule, peer) ?? unmatchedPods(context, rule, peer));
        if (finding !== undefined) yield finding;
      }
    }
  },
});

export const peerMatchesNothingPage: RulePage = {
  what: `Reports a peer of a rule whose \`podSelector\` matches none of the workloads that the manifests show in the namespace it looks in, and one whose \`namespaceSelector\` matches none of the namespaces. A selector of Calico may take in sets of addresses as well: with \`namespaceSelector: global()\` it is reported where none of the manifests' GlobalNetworkSets matches, and without a namespaceSelector where nothing but a GlobalNetworkSet matches, since a selector alone looks only in the policy's own namespace.

It is a **warning** where a near label or name exists, which the quick fix writes; otherwise it is information, since the pods may come from another repository. It stays silent about namespaces without workloads in the manifests, about the cluster's own pods (DNS, ingress controllers, monitoring), and where labels come from a template or a controller. A namespace that is called by a name nothing knows is the matter of \`namespace-unknown\`, one that is called by its name in another label that of \`namespace-by-custom-label\`.`,
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
};

function unmatchedPods(context: PolicyContext, rule: Rule, peer: PodPeer): Finding | undefined {
  const { scope, profile, policy } = context;
  if (peer.podSource === undefined || isEverything(peer.pods)) return undefined;
  const contents = placesOf(context, peer);
  for (const content of contents) {
    const { sure, possible } = workloadsChosen(scope, content, peer.pods);
    if (sure.length > 0 || possible.length > 0) return undefined;
  }
  const workloads = contents.flatMap((content) => content.workloads);
  if (workloads.length === 0 || workloads.some(({ value }) => value.openLabels)) return undefined;
  if (wellKnownPods(profile, peer.pods).length > 0) return undefined;
  // All of the scope: an unset namespace may turn out to be the same as another one.
  const { sure, possible } = workloadsOfPeer(scope, policy, peer);
  if (sure.length > 0 || possible.length > 0) return undefined;
  const sets = setsWithLabels(scope, peer);
  if (sets.length > 0) return globalSetsMissed(context, rule, peer, sets);
  const unmatched: Unmatched = {
    scope,
    selector: peer.pods,
    source: peer.podSource,
    node: policy.resource.node,
    workloads,
    own: policy.namespace,
  };
  const judgement = judge(unmatched);
  if (judgement === undefined) return undefined;
  // Namespaces chosen by labels may exist beyond the manifests, and those of the cluster hold more than these show: there
  // only a slip is worth a word.
  const name = nameOf(peer);
  const open = !peer.namespaces.own && (name === undefined || isClusterNamespace(profile, name));
  if (judgement.severity !== 'warning' && open) return undefined;
  const where = describeNamespaces(peer.namespaces, policy.namespace);
  const own = policy.namespace.name ?? 'its own namespace';
  const advice = adviceOn(
    unmatched,
    judgement,
    peer.namespaces.own
      ? `${alone[policy.value.family]} looks only in ${own}; ${widen(policy.value)}`
      : 'is the namespace right?',
  );
  const finding = unmatchedFinding(
    unmatched,
    judgement,
    `In these manifests this peer ${doesNothing(rule)}: ${noneMatches(unmatched, judgement, where)}. ${advice}`,
  );
  const there = peer.namespaces.own ? onlyNamespaceOf(judgement.elsewhere) : undefined;
  return there === undefined
    ? finding
    : { ...finding, fixes: [...(finding.fixes ?? []), lookIn(context, rule, peer, there)] };
}

const alone: Readonly<Record<Family, string>> = {
  kubernetes: 'a podSelector alone',
  cluster: 'a podSelector alone',
  calico: 'a selector alone',
  cilium: 'a selector that names no namespace',
};

function widen({ family }: Policy): string {
  const what = family === 'cilium' ? `${ciliumNamespace} to its labels` : 'a namespaceSelector to the same item (AND)';
  return `add ${family === 'calico' ? 'a namespaceSelector beside it' : what} if they are meant.`;
}

const ciliumNamespace = 'k8s:io.kubernetes.pod.namespace';

function lookIn({ policy }: PolicyContext, rule: Rule, peer: PodPeer, namespace: string): Fix {
  const { family } = policy.value;
  return {
    title: `Add a ${family === 'cilium' ? 'namespace' : 'namespaceSelector'}: AND (only ${describePods(peer.pods)} in ${namespace})`,
    changes: () => {
      const { node, key, data } = placeFor(policy, rule, peer, namespace);
      const placement = family === 'calico' ? { after: ['selector'] } : { before: ['podSelector'] };
      return node === undefined ? undefined : editOnly(insertEntry(node, key, data, placement));
    },
  };
}

/** What confines a peer to a namespace, and where each family has it. */
function placeFor(policy: Placed<Policy>, rule: Rule, peer: PodPeer, namespace: string) {
  const key = 'namespaceSelector';
  switch (policy.value.family) {
    case 'calico': {
      const node = valueAt(ruleNode(policy, rule), rule.direction === 'ingress' ? 'source' : 'destination');
      return { node, key, data: `projectcalico.org/name == '${namespace}'` };
    }
    case 'cilium': {
      const lists = valueAt(ruleNode(policy, rule), rule.direction === 'ingress' ? 'fromEndpoints' : 'toEndpoints');
      const items = lists?.kind === 'sequence' ? lists.items : [];
      const item = items.find(({ marker }) => marker.start === peer.at.range.start)?.value;
      return { node: valueAt(item, 'matchLabels'), key: ciliumNamespace, data: namespace };
    }
    default: {
      const data = { matchLabels: { 'kubernetes.io/metadata.name': namespace } };
      return { node: peerNodeOf(policy, rule, peer), key, data };
    }
  }
}

/** The contents of the namespaces a peer looks in, as far as they are in the scope. */
function placesOf({ scope, policy }: PolicyContext, peer: PodPeer): readonly NamespaceContent[] {
  if (peer.namespaces.own) return [contentOf(scope, policy.namespace)];
  const { selector } = peer.namespaces;
  return [...namespacesMeant(scope, peer.namespaces, policy.namespace)].filter(
    (content) => namespaceSelected(scope, selector, content.ref) === 'yes' && content.workloads.length > 0,
  );
}

/** The one namespace that the peer calls by its name. */
function nameOf(peer: PodPeer): string | undefined {
  return peer.namespaces.own ? undefined : equalsRequired(peer.namespaces.selector).get('kubernetes.io/metadata.name');
}
