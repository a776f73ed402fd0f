import { defineValidityRule, type RulePage } from './rule.js';

export const invalidValue = defineValidityRule({
  id: 'invalid-value',
  severity: 'error',
  summary: 'A value that the field does not allow.',
});

export const invalidValuePage: RulePage = {
  what: `Reports \`policyTypes\` other than \`Ingress\` and \`Egress\`, written exactly so, and more than two of them; and an \`apiVersion\` in which no server offers a NetworkPolicy.

In policies of \`policy.networking.k8s.io\` also tiers, actions, priorities outside of 0 to 1000, lists that are too long, empty, or say something twice, a subject that is not exactly one of \`namespaces\` and \`pods\`, and domain names that the CRD refuses.`,
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
