import { defineValidityRule, type RulePage } from './rule.js';

export const invalidSelector = defineValidityRule({
  id: 'invalid-selector',
  severity: 'error',
  summary: 'A condition of matchExpressions that makes no sense.',
});

export const invalidSelectorPage: RulePage = {
  what: `Reports operators that do not exist, \`In\` and \`NotIn\` without values, and \`Exists\` and \`DoesNotExist\` with values.

In policies of \`policy.networking.k8s.io\` it is a warning, since the API server does not look into selectors there. A warning as well is the \`endpointSelector\` of a CiliumNetworkPolicy that names another namespace (\`k8s:io.kubernetes.pod.namespace\` in \`matchLabels\`): Cilium puts the policy's own in its place.`,
  why: `The API server refuses the object. Operators are written exactly as \`In\`, \`NotIn\`, \`Exists\` and \`DoesNotExist\`; the words of \`kubectl -l\`, such as \`in\` or \`=\`, do not work here.`,
  bad: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: api
  namespace: shop
spec:
  podSelector:
    matchExpressions:
      - key: app
        operator: Equals
        values: [api]
  policyTypes: [Ingress]
`,
  good: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: api
  namespace: shop
spec:
  podSelector:
    matchExpressions:
      - key: app
        operator: In
        values: [api]
  policyTypes: [Ingress]
`,
  references: [
    'https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#resources-that-support-set-based-requirements',
  ],
};
