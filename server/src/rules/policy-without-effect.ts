import { canMatch } from '../engine/containment.js';
import { policyName } from '../engine/describe.js';
import { podsSelected, selects } from '../engine/matching.js';
import type { Policy } from '../model/policy.js';
import { list, printSelector } from '../model/print.js';
import { isEverything } from '../model/selector.js';
import type { Workload } from '../model/workload.js';
import { perList } from '../workspace/per-list.js';
import { contentOf, type Placed, type Scope } from '../workspace/scope.js';
import { removeObject } from './remove-object.js';
import { definePolicyRule, type Finding, type PolicyContext, type RulePage } from './rule.js';
import { countedNames } from './subject-words.js';
import { voidedBy } from './voided.js';

export const policyWithoutEffect = definePolicyRule({
  id: 'policy-without-effect',
  group: 'No effect',
  severity: 'warning',
  summary: 'The policy changes nothing.',
  *check({ scope, policy }: PolicyContext): Iterable<Finding> {
    const found = contradiction(policy) ?? withoutRules(policy) ?? onHostNetwork(scope, policy) ?? idle(scope, policy);
    if (found !== undefined) yield found;
  },
});

export const policyWithoutEffectPage: RulePage = {
  what: `Reports a policy that makes no difference, whatever happens:

- **Other policies do all of it** (information): they isolate at least the same pods in the same directions, and their rules contain all of its rules. Only policies that are applied together count, and only what selectors, addresses and ports show by themselves. Of two equal policies the later is reported. A default deny beside policies with rules for the very same pods is no fault: it is what they make exceptions from.
- **Its selector contradicts itself**, as in \`app: api\` together with \`app notin (api)\`: no pod can match.
- **It selects host-network pods only.** They have their node's address, and most network plugins apply no policy to them; the API leaves it open.
- **An AdminNetworkPolicy or ClusterNetworkPolicy without rules.** Unlike a NetworkPolicy it does not isolate by being there: without rules it decides nothing.

A policy whose rules are of directions that \`policyTypes\` does not list is the matter of \`rules-without-policy-type\`, one that matches no known workload of \`selector-matches-nothing\`, and one that opens everything of \`allow-all-rule\`.`,
  why: 'A policy that changes nothing looks like protection in a review, and is not; or it is the copy that is changed later while the other goes on allowing. Host-network pods are the worst case: they are the most powerful, and stay open with a policy that names them.',
  bad: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: default-deny
  namespace: shop
spec:
  podSelector: {}
  policyTypes: [Ingress]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: deny-db
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: db
  policyTypes: [Ingress]
`,
  good: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: default-deny
  namespace: shop
spec:
  podSelector: {}
  policyTypes: [Ingress]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: db
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: db
  policyTypes: [Ingress]
  ingress:
    - from:
        - podSelector:
            matchLabels:
              app: api
`,
  references: [
    'https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation',
    'https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-and-hostnetwork-pods',
    'https://network-policy-api.sigs.k8s.io/api-overview/',
  ],
};

function contradiction({ value: { subject } }: Placed<Policy>): Finding | undefined {
  if (subject.source === undefined || canMatch(subject.pods)) return undefined;
  // An empty list of values is refused by the API server, which is said elsewhere.
  const { requirements } = subject.source;
  if (requirements.length < 2 || requirements.some(({ selector }) => !canMatch(selector))) return undefined;
  return {
    at: subject.source.at,
    message: `This selector contradicts itself, so the policy selects no pod and does nothing: no labels satisfy ${printSelector(subject.pods)}. Remove the requirement that is not meant.`,
  };
}

function withoutRules({ value }: Placed<Policy>): Finding | undefined {
  if (value.family !== 'cluster' || value.rules.length > 0) return undefined;
  return {
    at: value.at,
    message: `This ${value.kind} has no rules, so it does nothing: unlike a NetworkPolicy it does not isolate the pods it selects. Write rules, with action Deny for what is to be blocked.`,
  };
}

/** Of the known pods it may select, all are in their node's network. */
function onHostNetwork(scope: Scope, policy: Placed<Policy>): Finding | undefined {
  const { subject, family, clusterWide } = policy.value;
  if (clusterWide || subject.source === undefined || isEverything(subject.pods)) return undefined;
  const matches = (workload: Placed<Workload>) =>
    podsSelected(subject.pods, { ...workload.value, hostNetwork: false }) === 'yes';
  const { workloads } = contentOf(scope, policy.namespace);
  if (!onTheHost(workloads).some(matches)) return undefined;
  // All of the scope: an unset namespace may turn out to be the same as another one.
  const selected = scope.workloads.filter((workload) => selects(scope, policy, workload) !== 'no');
  if (!selected.every((workload) => workload.value.hostNetwork && matches(workload))) return undefined;
  return {
    at: subject.source.at,
    message: `${family === 'kubernetes' ? 'With most network plugins this policy has' : 'This policy has'} no effect: it selects only ${countedNames(selected, policy.namespace)}, in the host network, and such pods have the address of their node, to which policies do not apply. Take hostNetwork away from the pods, or protect the nodes instead.`,
    related: selected
      .slice(0, 3)
      .map(({ value }) => ({ at: value.at, message: `${value.kind} ${value.name} uses the host network` })),
  };
}

const onTheHost = perList((workloads: readonly Placed<Workload>[]) =>
  workloads.filter(({ value }) => value.hostNetwork),
);

function idle(scope: Scope, policy: Placed<Policy>): Finding | undefined {
  const others = voidedBy(scope, policy);
  if (others === undefined) return undefined;
  const { isolates, rules } = policy.value;
  const allowed = rules.length === 0 ? '' : ' and allow all that it allows';
  const plural = others.length > 1;
  return {
    at: policy.value.at,
    severity: 'info',
    message: `This policy changes nothing: ${list(others.map(policyName), 3)} isolate${plural ? '' : 's'} at least the same pods for ${list(isolates)}${plural ? allowed : allowed.replace('allow ', 'allows ')} already. Remove it, unless the other${plural ? 's are' : ' is'} to go one day.`,
    related: others.map((other) => ({ at: other.value.at, message: `${policyName(other)} does the same or more` })),
    fixes: [{ title: 'Remove this policy (the same stays allowed)', changes: () => removeObject(policy) }],
  };
}
