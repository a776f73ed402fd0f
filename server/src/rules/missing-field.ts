import { defineValidityRule, type RulePage } from './rule.js';

export const missingField = defineValidityRule({
  id: 'missing-field',
  severity: 'error',
  summary: 'A required field is not there.',
});

export const missingFieldPage: RulePage = {
  what: `Reports an object without a name, an \`ipBlock\` without \`cidr\`, and a condition of \`matchExpressions\` without \`key\` or \`operator\`. As a warning, since it is accepted: a \`spec\` without \`podSelector\`, which is about every pod of the namespace.`,
  why: `The API server refuses the whole object, so nothing it was meant to allow or block takes effect.`,
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
            except: [203.0.113.128/25]
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
            except: [203.0.113.128/25]
      ports:
        - protocol: TCP
          port: 8080
`,
  references: ['https://kubernetes.io/docs/concepts/services-networking/network-policies/'],
};
