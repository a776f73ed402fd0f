import { defineValidityRule, type RulePage } from './rule.js';

export const invalidCidr = defineValidityRule({
  id: 'invalid-cidr',
  severity: 'error',
  summary: 'A block of addresses that is not a CIDR range.',
});

export const invalidCidrPage: RulePage = {
  what: `Reports addresses without a prefix length, host names, prefix lengths that are too long, and ranges written in a way that newer servers refuse: with bits behind the prefix (\`10.0.0.5/24\`), with leading zeros (\`010.0.0.0/8\`), or as an IPv4 address in IPv6 form.

Where the Kubernetes version is not configured, the last three are warnings. A fix writes the range as the server wants it.

In \`networks\` of \`policy.networking.k8s.io\`, leading zeros and IPv4 in IPv6 form are always refused, and bits behind the prefix are information.`,
  why: `The API server refuses the object. Leading zeros are refused since programs disagree on whether they mean octal; bits behind the prefix since they nearly always mean that a single address was meant, or a larger network.`,
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
        - ipBlock:
            cidr: 203.0.113.7
      ports:
        - protocol: TCP
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
        - ipBlock:
            cidr: 203.0.113.7/32
      ports:
        - protocol: TCP
          port: 8080
`,
  references: [
    'https://kubernetes.io/docs/concepts/services-networking/network-policies/',
    'https://github.com/kubernetes/enhancements/tree/master/keps/sig-network/4858-ip-cidr-validation',
  ],
};
