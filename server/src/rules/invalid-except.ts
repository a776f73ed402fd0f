import { defineValidityRule, type RulePage } from './rule.js';

export const invalidExcept = defineValidityRule({
  id: 'invalid-except',
  severity: 'error',
  summary: 'An except that is not a smaller range inside the cidr.',
});

export const invalidExceptPage: RulePage = {
  what: `Reports entries of \`ipBlock.except\` that are not CIDR ranges, that lie outside of \`cidr\`, that are of the other address family, or that are as large as \`cidr\` itself.`,
  why: `The API server refuses the object: such an exception would exclude nothing, or everything.`,
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
            cidr: 203.0.113.0/24
            except: [198.51.100.0/28]
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
            cidr: 203.0.113.0/24
            except: [203.0.113.0/28]
      ports:
        - protocol: TCP
          port: 8080
`,
  references: ['https://kubernetes.io/docs/concepts/services-networking/network-policies/'],
};
