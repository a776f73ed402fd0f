import { defineValidityRule, type RulePage } from './rule.js';

export const invalidLabel = defineValidityRule({
  id: 'invalid-label',
  severity: 'error',
  summary: 'A label key or value that no object can carry.',
});

export const invalidLabelPage: RulePage = {
  what: `Reports label keys and values with characters that are not allowed or with more than 63 of them, in selectors and in the policy's own labels. As a warning, since it is accepted: a label of \`matchLabels\` without a value, which is the empty string.

In policies of \`policy.networking.k8s.io\` it is a warning, since the API server does not look into selectors there.`,
  why: `The API server refuses the object. Even if it did not, no pod could have such a label, so the selector would choose nothing.`,
  bad: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: api
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: "api server"
  policyTypes: [Ingress]
`,
  good: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: api
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: api-server
  policyTypes: [Ingress]
`,
  references: ['https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set'],
};
