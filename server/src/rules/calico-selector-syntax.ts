import { defineValidityRule, type RulePage } from './rule.js';

export const calicoSelectorSyntax = defineValidityRule({
  id: 'calico-selector-syntax',
  severity: 'error',
  summary: 'A selector of Calico that Calico cannot read.',
});

export const calicoSelectorSyntaxPage: RulePage = {
  what: `Reports selectors in policies of Calico that do not follow its grammar, at the character where Calico gives up: a single \`=\`, \`&\` or \`|\`, words such as \`and\` and \`IN\`, values without quotes, parentheses that are not closed, line breaks. Also \`global()\` where it is not allowed. Where the meaning is plain, the fix writes the selector as it has to be.`,
  why: `Calico's API server and \`calicoctl\` refuse the object. Where the custom resources are written directly (\`crd.projectcalico.org/v1\`, or \`projectcalico.org/v3\` without the API server of Calico), Kubernetes takes it, and Calico then ignores the whole policy: what it was to block stays open, and nothing says so.

A selector is one line: spaces and tabs are its only blanks. The block scalar \`|\` brings line breaks with it, \`>-\` brings none.`,
  bad: `apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata:
  name: api
  namespace: shop
spec:
  selector: app = 'api'
  types: [Ingress]
`,
  good: `apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata:
  name: api
  namespace: shop
spec:
  selector: app == 'api'
  types: [Ingress]
`,
  references: [
    'https://docs.tigera.io/calico/latest/reference/resources/networkpolicy#selectors',
    'https://github.com/projectcalico/calico/tree/master/libcalico-go/lib/selector',
  ],
};
