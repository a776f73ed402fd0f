import type { RulePage, TextRule } from './rule.js';

export const unusedSuppression: TextRule = {
  on: 'text',
  id: 'unused-suppression',
  group: 'netpol itself',
  severity: 'info',
  summary: 'A netpol-disable comment silences nothing.',
};

export const unusedSuppressionPage: RulePage = {
  what: 'Reports `netpol-disable` comments whose rule finds nothing in the lines they cover, or that name a rule that does not exist.',
  why: 'Such a comment hides the next real finding, and readers take it for a known exception.',
  bad: `# netpol-disable invalid-port
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: deny-ingress
spec:
  podSelector: {}
  policyTypes: [Ingress]
`,
  good: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: deny-ingress
spec:
  podSelector: {}
  policyTypes: [Ingress]
`,
  references: [],
};
