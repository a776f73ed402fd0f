import { workloadsFor } from '../engine/by-label.js';
import { canMatch } from '../engine/containment.js';
import { describeNamespace } from '../engine/describe.js';
import { namespaceMatches, selects, workloadsSelected } from '../engine/matching.js';
import { isEverything } from '../model/selector.js';
import type { Workload } from '../model/workload.js';
import { contentOf, type Placed } from '../workspace/scope.js';
import { movePolicy, onlyNamespaceOf } from './move-policy.js';
import { definePolicyRule, type RulePage } from './rule.js';
import { adviceOn, judge, noneMatches, type Unmatched, unmatchedFinding } from './unmatched.js';

export const selectorMatchesNothing = definePolicyRule({
  id: 'selector-matches-nothing',
  group: 'Selectors',
  severity: 'warning',
  summary: 'The policy’s selector matches no workload of its namespace.',
  alone: true,
  *check({ scope, policy }) {
    const { subject } = policy.value;
    if (subject.source === undefined || !subject.namespaces.own || isEverything(subject.pods)) return;
    // What contradicts itself is the matter of policy-without-effect.
    if (!canMatch(subject.pods)) return;
    const { workloads } = contentOf(scope, policy.namespace);
    if (workloads.length === 0) return;
    const { sure, possible } = workloadsSelected(scope, policy);
    if (sure.length > 0 || possible.length > 0) return;
    if (workloads.some(({ value }) => value.openLabels)) return;
    // All of the scope: an unset namespace may turn out to be the same as another one.
    const isSelected = (workload: Placed<Workload>) => selects(scope, policy, workload) !== 'no';
    for (const content of scope.namespaces.values()) {
      const isMeant = namespaceMatches(scope, subject.namespaces, policy.namespace, content.ref) !== 'no';
      if (!isMeant) continue;
      for (const workload of workloadsFor(content.workloads, subject.pods)) if (isSelected(workload)) return;
    }
    const unmatched: Unmatched = {
      scope,
      selector: subject.pods,
      source: subject.source,
      node: policy.resource.node,
      workloads,
      own: policy.namespace,
    };
    const judgement = judge(unmatched);
    if (judgement === undefined) return;
    const none = noneMatches(unmatched, judgement, `in ${describeNamespace(policy.namespace)}`);
    const advice = adviceOn(unmatched, judgement, 'is the policy in the wrong namespace?');
    const finding = unmatchedFinding(
      unmatched,
      judgement,
      `In these manifests this policy selects nothing, so it protects nothing and allows nothing: ${none}. ${advice}`,
    );
    const there = onlyNamespaceOf(judgement.elsewhere);
    const moved = there === undefined ? [] : movePolicy(scope, policy, there, 'possible');
    yield { ...finding, fixes: [...(finding.fixes ?? []), ...moved] };
  },
});

export const selectorMatchesNothingPage: RulePage = {
  what: `Reports a policy whose \`podSelector\` matches none of the workloads that the manifests show in the policy's namespace.

It is a **warning** where a near label exists: a value that is spelt nearly alike, or the same value under another key; the quick fix changes the selector to it. Another fix moves the policy, where its pods all run in one other namespace. Otherwise it is information: the pods may come from another repository, or be made by an operator. It stays silent where the namespace has no workload in the manifests, and where labels come from a template, a controller or an operator.`,
  why: 'A policy that selects no pod does nothing, and nothing says so: the pods it was written for stay open to everyone, or keep missing what it was to allow. The usual causes are a misspelt label, `app` where the workload has `app.kubernetes.io/name`, and a policy in the wrong namespace.',
  bad: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: orders
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: order
  policyTypes: [Ingress]
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: orders
  namespace: shop
spec:
  selector:
    matchLabels:
      app: orders
  template:
    metadata:
      labels:
        app: orders
    spec:
      containers:
        - name: orders
          image: registry.example/orders:1
`,
  good: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: orders
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: orders
  policyTypes: [Ingress]
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: orders
  namespace: shop
spec:
  selector:
    matchLabels:
      app: orders
  template:
    metadata:
      labels:
        app: orders
    spec:
      containers:
        - name: orders
          image: registry.example/orders:1
`,
  references: [
    'https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-resource',
    'https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/',
  ],
};
