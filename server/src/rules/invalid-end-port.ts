import { defineValidityRule, type RulePage } from './rule.js';

export const invalidEndPort = defineValidityRule({
  id: 'invalid-end-port',
  severity: 'error',
  summary: 'endPort does not end a range that begins at port.',
});

export const invalidEndPortPage: RulePage = {
  what: `Reports an \`endPort\` that is smaller than \`port\`, that stands beside a port name or without a \`port\`, or that is no port number at all.

In a ClusterNetworkPolicy, a range whose \`start\` is not below its \`end\`; in an AdminNetworkPolicy or BaselineAdminNetworkPolicy one whose \`start\` is above it, as a warning: the API server takes it, and it holds no port.`,
  why: `The API server refuses the object. A range begins at \`port\`, ends at \`endPort\`, and takes in both; names have no order, so they cannot begin one.`,
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
          port: 8090
          endPort: 8080
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
          endPort: 8090
`,
  references: ['https://kubernetes.io/docs/concepts/services-networking/network-policies/#targeting-a-range-of-ports'],
};
