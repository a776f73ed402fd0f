import { defineValidityRule, type RulePage } from './rule.js';

export const duplicateField = defineValidityRule({
  id: 'duplicate-field',
  severity: 'error',
  summary: 'The same key twice in one map.',
});

export const duplicateFieldPage: RulePage = {
  what: `Reports a key that stands a second time in the same map, and shows where the first is.`,
  why: `kubectl refuses the object. Where another client sends it, only the last of the two counts: two \`ingress:\` lists do not add up, and what the first allows is blocked. Two labels of one key in a selector have the same effect.`,
  bad: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: api
  namespace: shop
spec:
  podSelector: {}
  policyTypes: [Ingress]
  ingress:
    - from:
        - podSelector: {}
  ingress:
    - ports:
        - port: 8080
`,
  good: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: api
  namespace: shop
spec:
  podSelector: {}
  policyTypes: [Ingress]
  ingress:
    - from:
        - podSelector: {}
    - ports:
        - port: 8080
`,
  references: ['https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation'],
};
