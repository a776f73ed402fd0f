import { describePods, policyName, workloadNames } from '../engine/describe.js';
import type { PodPeer, RequirementSource } from '../model/peer.js';
import { namespaceKey, namespaceNameKey } from '../model/pod-facts.js';
import type { Rule } from '../model/policy.js';
import { isEverything } from '../model/selector.js';
import type { Workload } from '../model/workload.js';
import { spanOf } from '../text/tree.js';
import { folderOf } from '../workspace/files.js';
import { contentOf, type Placed, type Scope } from '../workspace/scope.js';
import type { Suggestion } from './did-you-mean.js';
import { movePolicy, onlyNamespaceOf, writtenNamespace } from './move-policy.js';
import { knownNames, nearNamespace } from './namespace-names.js';
import { likelyHalves } from './or-pairs.js';
import { definePolicyRule, type Finding, type PolicyContext, type RulePage } from './rule.js';
import { labelFix } from './selector-fix.js';
import { matchingAnywhere } from './unmatched.js';
import { verbOf } from './unmatched-namespaces.js';
import { isClusterNamespace } from './well-known.js';

export const namespaceUnknown = definePolicyRule({
  id: 'namespace-unknown',
  group: 'Selectors',
  severity: 'warning',
  summary: 'A policy stands in, or names, a namespace that nothing else knows.',
  alone: true,
  *check(context) {
    const misplaced = ownNamespace(context);
    if (misplaced !== undefined) yield misplaced;
    const halves = likelyHalves(context);
    for (const rule of context.policy.value.rules) {
      for (const peer of rule.peers) {
        if (peer.kind === 'pods' && !peer.uncertain && !halves.has(peer)) yield* namedByPeer(context, rule, peer);
      }
    }
  },
});

export const namespaceUnknownPage: RulePage = {
  what: `Reports two slips of the same kind. A \`namespaceSelector\` calls a namespace by its name (\`kubernetes.io/metadata.name\`), the manifests neither declare that namespace nor put anything into it, and they know one that is spelt nearly alike. Or a policy's own \`metadata.namespace\` is such a name.

It is a **warning** where the near name explains it; for a policy's own namespace its \`podSelector\` must also match something there. It is information where other policies write the same name, and where the pods that a policy selects run in exactly one other namespace of the same folder, whatever its name. Names that clusters have anyway (\`kube-system\`, \`ingress-nginx\`, \`monitoring\`, ...) are never taken for slips; nor are names that differ in a number or in a whole word, such as \`shop-dev\` and \`shop-prod\`.`,
  why: `Nothing checks these names. A peer in a namespace that does not exist allows nobody, and a policy protects only pods of its own namespace: in another one it is accepted and selects nothing. The traffic stays blocked, or open, and no event tells why.`,
  bad: /* @__PURE__ */ example('produciton'),
  good: /* @__PURE__ */ example('production'),
  references: [
    'https://kubernetes.io/docs/concepts/services-networking/network-policies/#targeting-a-namespace-by-its-name',
    'https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/',
  ],
};

/** The policy's own namespace has nothing in it but policies, and what it selects is somewhere else. */
function ownNamespace({ scope, policy, profile }: PolicyContext): Finding | undefined {
  const { name } = policy.namespace;
  const { subject } = policy.value;
  const at = writtenNamespace(policy);
  if (name === undefined || at === undefined || subject.uncertain) return undefined;
  const content = contentOf(scope, policy.namespace);
  if (content.workloads.length > 0 || content.services.length > 0 || scope.namespaceObjects.has(name)) return undefined;
  if (name !== 'default' && isClusterNamespace(profile, name)) return undefined;
  const everything = isEverything(subject.pods);
  const matching = everything ? [] : matchingAnywhere(scope.workloads, subject.pods);
  const near = nearNamespace(name, inhabited(scope));
  const places = new Set(matching.map(({ namespace }) => namespace.name));
  const only = onlyNamespaceOf(matching);
  if (near !== undefined && (everything || places.has(near))) {
    const there = matching.filter(({ namespace }) => namespace.name === near);
    const others = content.policies.find(({ uri }) => uri !== policy.uri);
    const selected = there.length === 0 ? '' : `, where it would select ${workloadNames(there, there[0]?.namespace)}`;
    return {
      at: spanOf(at),
      ...(others === undefined ? {} : { severity: 'info' }),
      message: `Nothing but policies of these manifests is in namespace ${name}, so this one likely protects nothing. Did you mean ${near}${selected}?`,
      related: [...declaration(scope, near), ...whereMatched(there)],
      fixes: movePolicy(scope, policy, near, others === undefined ? 'likely' : 'possible'),
    };
  }
  if (near !== undefined || only === undefined) return undefined;
  const home = folderOf(policy.uri);
  if (content.policies.length > 1 || !matching.some(({ uri }) => folderOf(uri) === home)) return undefined;
  return {
    at: spanOf(at),
    severity: 'info',
    message: `Nothing else of these manifests is in namespace ${name}; ${describePods(subject.pods)} run in ${only} (${workloadNames(matching, matching[0]?.namespace)}). A policy is about pods of its own namespace alone: if these are meant, it belongs in ${only}.`,
    related: whereMatched(matching),
    fixes: movePolicy(scope, policy, only, 'possible'),
  };
}

/** The namespaces with more in them than policies. */
function inhabited(scope: Scope): readonly string[] {
  const names = [...scope.namespaces.values()].flatMap(({ ref, workloads, services }) =>
    ref.name !== undefined && (workloads.length > 0 || services.length > 0) ? [ref.name] : [],
  );
  return [...new Set([...scope.namespaceObjects.keys(), ...names])];
}

function whereMatched(workloads: readonly Placed<Workload>[]) {
  return workloads.slice(0, 3).map(({ value, namespace }) => ({
    at: value.at,
    message: `${value.kind} ${value.name} runs in ${namespace.name}`,
  }));
}

function declaration(scope: Scope, name: string) {
  const object = scope.namespaceObjects.get(name)?.value;
  return object === undefined ? [] : [{ at: object.at, message: `Namespace ${name} is declared here` }];
}

/** Namespaces that a peer calls by names that nothing else knows, each spelt nearly like one that is known. */
function* namedByPeer(context: PolicyContext, rule: Rule, peer: PodPeer): Iterable<Finding> {
  const { scope, profile, policy } = context;
  for (const requirement of namingOf(peer)) {
    if (requirement.selector.op !== 'In') continue;
    const { values } = requirement;
    for (const [valueIndex, { value: name, at }] of values.entries()) {
      if (isClusterNamespace(profile, name) || scope.namespaces.has(name) || scope.namespaceObjects.has(name)) continue;
      // Where DNS runs is what policies name most.
      const near = nearNamespace(name, [...knownNames(scope), ...profile.dns.map(({ namespace }) => namespace)]);
      if (near === undefined || values.some(({ value }) => value === near)) continue;
      const related = declaration(scope, near);
      const carrier = { name: near, labels: new Map([[namespaceNameKey, near]]), placeOf: () => at };
      const suggestion: Suggestion = {
        requirement,
        part: 'value',
        valueIndex,
        key: requirement.key,
        value: near,
        matched: [carrier],
      };
      const others = scope.policies.filter((each) => each.uri !== policy.uri && names(each.value.rules, name));
      const said = others[0] === undefined ? '' : ` (policy ${policyName(others[0])} names it, too)`;
      const effect = values.length === 1 ? `this peer likely ${verbOf(rule)} nothing` : 'it likely adds nothing here';
      yield {
        at,
        ...(others.length === 0 ? {} : { severity: 'info' }),
        message: `These manifests neither declare a namespace ${name} nor put anything into one${said}, so ${effect}. Did you mean ${near}?`,
        related,
        fixes: [labelFix(policy.resource.node, suggestion, others.length === 0 ? 'likely' : 'possible')],
      };
    }
  }
}

function names(rules: readonly Rule[], namespace: string): boolean {
  return rules.some(({ peers }) =>
    peers.some(
      (peer) =>
        peer.kind === 'pods' && namingOf(peer).some(({ values }) => values.some(({ value }) => value === namespace)),
    ),
  );
}

/** What asks for namespaces by their names: of the namespaces, or, in one expression with labels, of the pods. */
function namingOf({ namespaceSource, podSource }: PodPeer): readonly RequirementSource[] {
  return [
    ...(namespaceSource?.requirements.filter(({ key }) => key === namespaceNameKey) ?? []),
    ...(podSource?.requirements.filter(({ key }) => key === namespaceKey(namespaceNameKey)) ?? []),
  ];
}

function example(namespace: string): string {
  return `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: api
  namespace: ${namespace}
spec:
  podSelector:
    matchLabels:
      app: api
  policyTypes: [Ingress]
  ingress:
    - from:
        - podSelector: {}
---
apiVersion: v1
kind: Pod
metadata:
  name: api
  namespace: production
  labels:
    app: api
`;
}
