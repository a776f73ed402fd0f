import { defineValidityRule, type RulePage } from './rule.js';

export const invalidPort = defineValidityRule({
  id: 'invalid-port',
  severity: 'error',
  summary: 'A port number outside of 1 to 65535.',
});

export const invalidPortPage: RulePage = {
  what: `Reports port numbers that no packet can have, \`0\` among them.

In policies of \`policy.networking.k8s.io\`, also items that do not hold exactly one kind of port, such as \`tcp: {}\`.`,
  why: `The API server refuses the object. There is no number that means every port: leave \`port\` out to open every port of a protocol, and \`ports\` out to open everything.`,
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
        - protocol: TCP
          port: 0
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
`,
  references: ['https://kubernetes.io/docs/concepts/services-networking/network-policies/'],
};
