import { splitKey } from '../kinds/cilium/labels.js';
import { namespaceNameKey } from '../model/pod-facts.js';
import { editOnly } from '../text/fix.js';
import type { Scope } from '../workspace/scope.js';
import { ciliumPolicy } from './cilium-example.js';
import { type EndpointLabel, effectOf, endpointLabels } from './endpoint-labels.js';
import { definePolicyRule, type Finding, type PolicyContext, type RulePage } from './rule.js';

export const namespaceLabelWithoutPrefix = definePolicyRule({
  id: 'namespace-label-without-prefix',
  group: 'Selectors',
  families: ['cilium'],
  severity: 'warning',
  summary: 'A Cilium selector asks pods for a label of their namespace.',
  check,
});

export const namespaceLabelWithoutPrefixPage: RulePage = {
  what: `Reports a label of a namespace among the labels that \`fromEndpoints\` or \`toEndpoints\`, or a clusterwide policy's \`endpointSelector\`, asks pods for: \`kubernetes.io/metadata.name\`, or, as information, a label that a Namespace of the manifests has with this value. It is silent where some workload of the manifests has the key.`,
  why: `Cilium has one selector for pods and namespaces together. What is said of the namespace needs a name of its own: \`k8s:io.kubernetes.pod.namespace\` for its name, \`k8s:io.cilium.k8s.namespace.labels.LABEL\` for its labels. Without that the label is looked for on the pod, where it is not; and in a CiliumNetworkPolicy the policy's own namespace is asked for besides.`,
  bad: /* @__PURE__ */ example('kubernetes.io/metadata.name'),
  good: /* @__PURE__ */ example('k8s:io.kubernetes.pod.namespace'),
  references: ['https://docs.cilium.io/en/stable/security/policy/kubernetes/#namespaces'],
};

function example(key: string): string {
  return ciliumPolicy(`  ingress:
    - fromEndpoints:
        - matchLabels:
            ${key}: monitoring
            app: prometheus
`);
}

function* check({ scope, policy }: PolicyContext): Iterable<Finding> {
  for (const label of endpointLabels(policy)) {
    const { source, key } = splitKey(label.text);
    if ((label.subject && !policy.value.clusterWide) || (source ?? 'k8s') === 'reserved') continue;
    const certain = key === namespaceNameKey;
    if (!certain && !isOnNamespace(scope, key, label)) continue;
    if (scope.workloads.some(({ value }) => value.labels.has(key))) continue;
    const wanted = certain ? 'k8s:io.kubernetes.pod.namespace' : `k8s:io.cilium.k8s.namespace.labels.${key}`;
    yield {
      ...(certain ? {} : { severity: 'info' as const }),
      at: label.at,
      message: `${key} is a label of ${certain ? 'namespaces' : 'a namespace'}, and is looked for on pods here, which do not have it: this ${effectOf(label)}. Cilium asks for ${certain ? 'a namespace’s name' : 'it'} by ${wanted}.`,
      fixes: label.beside.includes(wanted)
        ? []
        : [{ title: `Change to ${wanted}`, preferred: certain, changes: () => editOnly(label.rename(wanted)) }],
    };
  }
}

/** Some Namespace has the label, with a value that is asked for. */
function isOnNamespace(scope: Scope, key: string, { values }: EndpointLabel): boolean {
  return scope.declaredNamespaces.some(({ value }) => values.includes(value.labels.get(key) ?? ''));
}
