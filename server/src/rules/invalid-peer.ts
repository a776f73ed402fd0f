import { defineValidityRule, type RulePage } from './rule.js';

export const invalidPeer = defineValidityRule({
  id: 'invalid-peer',
  severity: 'error',
  summary: 'A peer that is empty, or that mixes addresses with selectors.',
});

export const invalidPeerPage: RulePage = {
  what: `Reports items of \`from\` and \`to\` that say nothing (\`- {}\`), and items that hold an \`ipBlock\` beside a selector.

In policies of \`policy.networking.k8s.io\`, items that do not hold exactly one kind of peer; and, as a warning, domain names in a rule that does not accept, which implementations refuse.`,
  why: `The API server refuses the object. An empty item could be read as everyone or as no one, so it has to be said which: leave \`from\` or \`to\` out for everyone, write \`namespaceSelector: {}\` for every pod of the cluster. Selectors choose pods and an \`ipBlock\` chooses addresses, so the two cannot be joined by AND; in two items they are joined by OR.`,
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
          ipBlock:
            cidr: 203.0.113.0/24
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
        - podSelector:
            matchLabels:
              app: frontend
        - ipBlock:
            cidr: 203.0.113.0/24
      ports:
        - protocol: TCP
          port: 8080
`,
  references: [
    'https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors',
  ],
};
