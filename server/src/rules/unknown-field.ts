import { defineValidityRule, type RulePage } from './rule.js';

export const unknownField = defineValidityRule({
  id: 'unknown-field',
  severity: 'error',
  summary: 'A field that the kind does not have.',
});

export const unknownFieldPage: RulePage = {
  what: `Reports a field name that the API does not know at this place: a spelling mistake, a wrong capital, or a field that belongs one level up or down.

Where a known name is near, a fix renames the key.`,
  why: `kubectl refuses the object, since it asks the server to check field names strictly. Other clients (Helm, operators, GitOps tools, \`kubectl\` with \`--validate=ignore\`) have the server drop the field without a word. A policy that loses its \`podSelector\` that way selects every pod of the namespace, and a rule that loses its \`from\` lets everyone in.`,
  bad: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: api
  namespace: shop
spec:
  podselector:
    matchLabels:
      app: api
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
      app: api
  policyTypes: [Ingress]
`,
  references: [
    'https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation',
    'https://kubernetes.io/docs/concepts/services-networking/network-policies/',
  ],
};
