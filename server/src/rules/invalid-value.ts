import { defineValidityRule, type RulePage } from './rule.js';

export const invalidValue = defineValidityRule({
  id: 'invalid-value',
  severity: 'error',
  summary: 'A value outside of the fixed list that the field allows.',
});

export const invalidValuePage: RulePage = {
  what: `Reports \`policyTypes\` other than \`Ingress\` and \`Egress\`, written exactly so, and more than two of them.`,
  why: `The API server refuses the object. It compares letter by letter: \`ingress\` is not \`Ingress\`.`,
  bad: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: api
  namespace: shop
spec:
  podSelector: {}
  policyTypes: [ingress]
`,
  good: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: api
  namespace: shop
spec:
  podSelector: {}
  policyTypes: [Ingress]
`,
  references: ['https://kubernetes.io/docs/concepts/services-networking/network-policies/'],
};
