import { defineValidityRule, type RulePage } from './rule.js';

export const invalidNamedPort = defineValidityRule({
  id: 'invalid-named-port',
  severity: 'error',
  summary: 'A port name that no container can have.',
});

export const invalidNamedPortPage: RulePage = {
  what: `Reports port names with capitals, underscores or more than 15 characters, names without a letter, and above all numbers in quotes: \`"8080"\` is a name, not a number.

A fix removes the quotes.

In policies of \`policy.networking.k8s.io\` these are warnings, since the API server takes any name there; so is a name in a rule to networks, nodes or domain names, which have no named ports.`,
  why: `The API server refuses the object: a text in \`port\` is looked up among the names of the containers' ports, and these follow the rules for service names.`,
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
          port: "8080"
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
    'https://www.rfc-editor.org/rfc/rfc6335#section-5.1',
    'https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports',
  ],
};
