import { defineValidityRule, type RulePage } from './rule.js';

export const baselineName = defineValidityRule({
  id: 'baseline-name',
  severity: 'error',
  summary: 'A BaselineAdminNetworkPolicy whose name is not default.',
});

export const baselineNamePage: RulePage = {
  what: `Reports a BaselineAdminNetworkPolicy with any other name than \`default\`. The fix renames it.`,
  why: `A cluster has one baseline, so the CRD takes this one name only, and the API server refuses any other. Where there is one already, a second manifest named \`default\` replaces its rules.`,
  bad: `apiVersion: policy.networking.k8s.io/v1alpha1
kind: BaselineAdminNetworkPolicy
metadata:
  name: deny-all
spec:
  subject:
    namespaces: {}
  ingress:
    - action: Deny
      from:
        - namespaces: {}
`,
  good: `apiVersion: policy.networking.k8s.io/v1alpha1
kind: BaselineAdminNetworkPolicy
metadata:
  name: default
spec:
  subject:
    namespaces: {}
  ingress:
    - action: Deny
      from:
        - namespaces: {}
`,
  references: ['https://network-policy-api.sigs.k8s.io/api-overview/'],
};
