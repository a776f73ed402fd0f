import { describeNamespaces, describePods } from '../engine/describe.js';
import { workloadsOfPeer } from '../engine/matching.js';
import type { PodPeer } from '../model/peer.js';
import type { Rule } from '../model/policy.js';
import { isEverything, type Labels, matches, type Selector } from '../model/selector.js';
import type { Workload } from '../model/workload.js';
import { insertEntry } from '../text/edits.js';
import { editOnly, type Fix } from '../text/fix.js';
import { entryOf, valueAt } from '../text/tree.js';
import type { Placed } from '../workspace/scope.js';
import { expression } from './family-words.js';
import { carrying, identifyingLabels, selectorFor } from './identifying-labels.js';
import { likelyHalves } from './or-pairs.js';
import { isNamespaceOnly, peerNodeOf, podListOf } from './peer-nodes.js';
import { countedWorkloads } from './peer-workloads.js';
import { ruleNode } from './policy-nodes.js';
import { definePolicyRule, type PolicyContext, type RulePage } from './rule.js';
import { podsOfWellKnownNamespace } from './well-known.js';

const mostFixes = 3;
const mostRelated = 5;

export const namespaceWidePeer = definePolicyRule({
  id: 'namespace-wide-peer',
  group: 'AND or OR',
  severity: 'hint',
  summary: 'A namespaceSelector alone opens a rule to every pod of those namespaces.',
  alone: true,
  *check(context) {
    const { scope, policy } = context;
    // A cluster policy is about namespaces in the first place, and says so in one word.
    const { family, clusterWide } = policy.value;
    if (family === 'cluster' || clusterWide) return;
    const halves = likelyHalves(context);
    for (const rule of policy.value.rules) {
      if (rule.action !== 'Allow') continue;
      for (const peer of rule.peers) {
        if (!isNamespaceOnly(peer) || isEverything(peer.namespaces.selector) || halves.has(peer)) continue;
        if (!choosesSome(peer)) continue;
        const { sure, possible } = workloadsOfPeer(scope, policy, peer);
        const missing = missingClusterPods(context, peer.namespaces.selector, sure);
        if (sure.length === 0 || missing || peer.namespaceSource === undefined) continue;
        const verb = rule.direction === 'ingress' ? 'lets in' : 'leads to';
        const least = possible.length > 0 ? 'at least ' : '';
        yield {
          at: peer.namespaceSource.at,
          message: `This ${verb} every pod ${describeNamespaces(peer.namespaces, policy.namespace)}, whatever its labels: ${least}${countedWorkloads(sure, policy.namespace)}. If only some of them are meant, add ${more[family]}, which joins the two by AND.`,
          related: sure
            .slice(0, mostRelated)
            .map(({ value }) => ({ at: value.at, message: `${value.kind} ${value.name} is one of them` })),
          fixes: fixesOf(context, rule, peer, sure),
        };
      }
    }
  },
});

export const namespaceWidePeerPage: RulePage = {
  what: `Reports a peer that has a \`namespaceSelector\` and no \`podSelector\`, where the workspace shows which workloads run in the selected namespaces. It tells how many workloads the rule is open to, and offers to narrow it to one of them.

It stays silent where the manifests show no workload in these namespaces, and where the namespace is that of the cluster's own pods (DNS, ingress controller, monitoring) and these are not in the manifests. A selector of *all* namespaces (\`{}\`) is the matter of \`all-namespaces-peer\`.`,
  why: 'Every pod of those namespaces may use the connection: test jobs, other teams’ services, whatever is added next. A rule for the one workload that needs it stays right when its neighbours change.',
  bad: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: orders-db
  namespace: data
spec:
  podSelector:
    matchLabels:
      app: orders-db
  policyTypes: [Ingress]
  ingress:
    - from:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: shop
---
apiVersion: v1
kind: Pod
metadata:
  name: orders
  namespace: shop
  labels:
    app: orders
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
  name: orders-db
  namespace: data
spec:
  podSelector:
    matchLabels:
      app: orders-db
  policyTypes: [Ingress]
  ingress:
    - from:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: shop
          podSelector:
            matchLabels:
              app: orders
---
apiVersion: v1
kind: Pod
metadata:
  name: orders
  namespace: shop
  labels:
    app: orders
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

const more = {
  kubernetes: 'a podSelector to the same item',
  calico: 'a selector beside it',
  cilium: 'labels of the pods to the same item',
} as const;

/** By a label they have. Who excludes namespaces means all the others, present and future. */
function choosesSome(peer: PodPeer): boolean {
  const requirements = peer.namespaceSource?.requirements ?? [];
  return requirements.some(({ selector }) => selector.op === 'In' || selector.op === 'Exists');
}

/** The namespace is known for pods that are not among the manifests: then what is there is likely not what is meant. */
function missingClusterPods(
  { scope, profile }: PolicyContext,
  namespaces: Selector,
  workloads: readonly Placed<Workload>[],
): boolean {
  return podsOfWellKnownNamespace(scope, profile, namespaces).some(
    (pods) => !workloads.some(({ value }) => matches(selectorFor(pods.labels), value.labels)),
  );
}

function fixesOf(
  context: PolicyContext,
  rule: Rule,
  peer: PodPeer,
  workloads: readonly Placed<Workload>[],
): readonly Fix[] {
  const fixes = new Map<string, Fix>();
  for (const workload of offered(context, rule, peer, workloads)) {
    if (fixes.size === mostFixes) break;
    const labels = identifyingLabels(workload.value, workloads);
    if (labels === undefined) continue;
    const chosen = carrying(labels, workloads);
    const title = `Narrow to ${describePods(selectorFor(labels))} (${countedWorkloads(chosen, context.policy.namespace)})`;
    if (!fixes.has(title)) fixes.set(title, { title, changes: () => narrow(context, rule, peer, labels) });
  }
  return [...fixes.values()];
}

/** The workloads it is worth narrowing to: without cutting off the cluster's own pods, or naming pods without the port. */
function offered(
  { scope, profile }: PolicyContext,
  rule: Rule,
  peer: PodPeer,
  workloads: readonly Placed<Workload>[],
): readonly Placed<Workload>[] {
  const known = peer.namespaces.own ? [] : podsOfWellKnownNamespace(scope, profile, peer.namespaces.selector);
  return workloads.filter(({ value }) => {
    if (known.length > 0 && !known.some((pods) => matches(selectorFor(pods.labels), value.labels))) return false;
    return rule.direction === 'ingress' || listens(value, rule);
  });
}

function listens(workload: Workload, rule: Rule): boolean {
  if (rule.clauses.length === 0 || workload.ports.length === 0) return true;
  return rule.clauses.some((clause) =>
    workload.ports.some((port) => {
      if (clause.protocol !== port.protocol) return false;
      if (clause.name !== undefined) return clause.name === port.name;
      return clause.from === undefined || (clause.from <= port.port && port.port <= (clause.to ?? clause.from));
    }),
  );
}

function narrow(context: PolicyContext, rule: Rule, peer: PodPeer, labels: Labels) {
  const { policy } = context;
  if (policy.value.family === 'calico') {
    const entity = valueAt(ruleNode(policy, rule), rule.direction === 'ingress' ? 'source' : 'destination');
    const words = expression({ matchLabels: Object.fromEntries(labels) });
    return entity && editOnly(insertEntry(entity, 'selector', words, { after: ['namespaceSelector'] }));
  }
  if (policy.value.family === 'cilium') {
    const own = entryOf(podListOf(policy, rule)?.items[rule.peers.indexOf(peer)]?.value, 'matchLabels');
    const [label, ...others] = labels;
    if (own === undefined || label === undefined || others.length > 0) return undefined;
    return editOnly(insertEntry(own, ...label));
  }
  const node = peerNodeOf(policy, rule, peer);
  if (node === undefined) return undefined;
  const data = { matchLabels: Object.fromEntries(labels) };
  return editOnly(insertEntry(node, 'podSelector', data, { after: ['namespaceSelector'] }));
}
