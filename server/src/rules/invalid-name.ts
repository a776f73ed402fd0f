import { defineValidityRule, type RulePage } from './rule.js';

export const invalidName = defineValidityRule({
  id: 'invalid-name',
  severity: 'error',
  summary: 'A name that the object or its namespace cannot have.',
});

export const invalidNamePage: RulePage = {
  what: `Reports names of policies that are no DNS subdomain (lower-case letters, digits, \`-\` and \`.\`, at most 253 characters) and namespaces that are no DNS label (no dots, at most 63 characters).`,
  why: `The API server refuses the object.`,
  bad: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: Deny_Ingress
  namespace: shop
spec:
  podSelector: {}
  policyTypes: [Ingress]
`,
  good: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: deny-ingress
  namespace: shop
spec:
  podSelector: {}
  policyTypes: [Ingress]
`,
  references: ['https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#names'],
};
