import type { RulePage, TextRule } from './rule.js';

export const yamlSyntax: TextRule = {
  on: 'text',
  id: 'yaml-syntax',
  group: 'netpol itself',
  severity: 'error',
  summary: 'The file is not YAML that can be read.',
};

export const yamlSyntaxPage: RulePage = {
  what: 'Reports where a manifest cannot be read as YAML: a missing colon, a tab in the indentation, a quote that is never closed.',
  why: 'Nothing can be applied from such a document, and netpol can answer only for the parts around the fault.',
  bad: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: deny
spec:
  podSelector: {
  policyTypes: [Ingress]
`,
  good: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: deny
spec:
  podSelector: {}
  policyTypes: [Ingress]
`,
  references: ['https://yaml.org/spec/1.2.2/'],
};
