import { defineValidityRule, type RulePage } from './rule.js';

export const invalidProtocol = defineValidityRule({
  id: 'invalid-protocol',
  severity: 'error',
  summary: 'A protocol other than TCP, UDP and SCTP.',
});

export const invalidProtocolPage: RulePage = {
  what: `Reports protocols that a NetworkPolicy does not know, and known ones that are not written in capitals.

In an AdminNetworkPolicy or BaselineAdminNetworkPolicy it is a warning, since the API server takes any text there.`,
  why: `The API server refuses the object. ICMP cannot be named in a NetworkPolicy, and there is no word for every protocol: a rule without \`ports\` opens them all. Left out, \`protocol\` means TCP only.`,
  bad: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: api
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: api
  policyTypes: [Ingress]
  ingress:
    - from:
        - podSelector:
            matchLabels:
              app: frontend
      ports:
        - protocol: tcp
          port: 8080
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
  ingress:
    - from:
        - podSelector:
            matchLabels:
              app: frontend
      ports:
        - protocol: TCP
          port: 8080
`,
  references: [
    'https://kubernetes.io/docs/reference/networking/service-protocols/',
    'https://kubernetes.io/docs/concepts/services-networking/network-policies/',
  ],
};
