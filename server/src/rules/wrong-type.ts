import { defineValidityRule, type RulePage } from './rule.js';

export const wrongType = defineValidityRule({
  id: 'wrong-type',
  severity: 'error',
  summary: 'A value of another type than the field takes.',
});

export const wrongTypePage: RulePage = {
  what: `Reports a list where a map belongs, a map where a list belongs, a number or a boolean where text belongs, and text where a number belongs.

Words that YAML reads as something else than text are found too: an unquoted \`true\`, \`yes\`, \`on\`, \`1\` or \`1.20\` as a label's value. A fix puts them in quotes.`,
  why: `The API server cannot decode the object and refuses it, often with a message about Go types that does not name the line.`,
  bad: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: api
  namespace: shop
spec:
  podSelector:
    matchLabels:
      canary: true
  policyTypes: [Ingress]
`,
  good: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: api
  namespace: shop
spec:
  podSelector:
    matchLabels:
      canary: "true"
  policyTypes: [Ingress]
`,
  references: [
    'https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/',
    'https://yaml.org/type/bool.html',
  ],
};
