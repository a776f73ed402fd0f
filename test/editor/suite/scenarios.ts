// What the documents that netpol grew from tell of, each from broken to fixed, and files that are more than manifests.
import * as vscode from 'vscode';
import { expect } from './expect.ts';
import { mend, type Scenario, withConfiguration } from './mending.ts';
import type { EditorCase } from './runner.ts';
import { actionsAt, apply, diagnosticsWhere, open, textWhere } from './waiting.ts';

const dnsRule = `    - to:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: kube-system
          podSelector:
            matchLabels:
              k8s-app: kube-dns
      ports:
        - protocol: UDP
          port: 53
        - protocol: TCP
          port: 53
`;

/** A policy for pods by their app label that lets one peer through on one TCP port. */
const policy = (
  metadata: readonly [name: string, namespace: string],
  app: string,
  direction: 'Ingress' | 'Egress',
  peer: string,
  port: number,
) => `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: ${metadata[0]}
  namespace: ${metadata[1]}
spec:
  podSelector:
    matchLabels:
      app: ${app}
  policyTypes:
    - ${direction}
  ${direction.toLowerCase()}:
    - ${direction === 'Ingress' ? 'from' : 'to'}:
${peer}
      ports:
        - protocol: TCP
          port: ${port}
`;

const podsOf = (app: string) => `        - podSelector:
            matchLabels:
              app: ${app}`;

const nodes = 'cni: kube-network-policies\ncluster:\n  nodeCIDRs:\n    - 192.168.10.0/24\n';

const scenarios: readonly Scenario[] = [
  {
    name: 'a default-deny black hole: DNS and what the applications need, one after the other, until all of it works',
    folder: 'black-hole',
    files: ['applications.yaml', 'policies.yaml'],
    steps: [
      {
        file: 'policies.yaml',
        code: 'dns-egress-missing',
        line: 11,
        underlined: 'Egress',
        says: /^No DNS for 3 workloads \(page, basket and basket-db\)/,
        fix: 'Add DNS egress as policy allow-dns-egress beside it (UDP and TCP 53 to kube-dns)',
        after: (text) =>
          `${text}---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: allow-dns-egress
  namespace: checkout
spec:
  podSelector: {}
  policyTypes:
    - Egress
  egress:
${dnsRule}`,
      },
      {
        file: 'applications.yaml',
        code: 'needed-connection-blocked',
        line: 26,
        underlined: 'basket:8080',
        says: /^page needs basket on TCP 8080: BASKET_URL names basket:8080/,
        fix: 'Allow egress of page to basket and ingress of basket from page on TCP 8080',
        edits: 'policies.yaml',
        after: (text) =>
          text +
          policy(['page-to-basket', 'checkout'], 'page', 'Egress', podsOf('basket'), 8080) +
          policy(['basket-from-page', 'checkout'], 'basket', 'Ingress', podsOf('page'), 8080),
      },
      {
        file: 'applications.yaml',
        code: 'needed-connection-blocked',
        line: 50,
        underlined: 'basket-db',
        says: /^basket needs basket-db on TCP 5432: DATABASE_HOST names basket-db/,
        fix: 'Allow egress of basket to basket-db and ingress of basket-db from basket on TCP 5432',
        edits: 'policies.yaml',
        after: (text) =>
          text +
          policy(['basket-to-basket-db', 'checkout'], 'basket', 'Egress', podsOf('basket-db'), 5432) +
          policy(['basket-db-from-basket', 'checkout'], 'basket-db', 'Ingress', podsOf('basket'), 5432),
      },
    ],
    hovers: [
      ['policies.yaml', 'NetworkPolicy', [/TCP 53, UDP 53 .*kube-dns/, /Nothing is allowed in/]],
      ['applications.yaml', 'Deployment', [/TCP 8080 .*_1 workload: basket_/, /TCP 53, UDP 53/]],
      ['applications.yaml', 'StatefulSet', [/TCP 5432 .*_1 workload: basket_/, /everything else is denied/]],
    ],
  },
  {
    name: 'DNS that egress rules leave out',
    folder: 'dns',
    files: ['policies.yaml'],
    steps: [
      {
        file: 'policies.yaml',
        code: 'dns-egress-missing',
        line: 12,
        underlined: 'Egress',
        says: /^No DNS for 1 workload \(sender\)[^.]*, so names will not resolve/,
        fix: 'Add DNS egress to this policy (UDP and TCP 53 to kube-dns)',
        after: (text) => text + dnsRule,
      },
    ],
    hovers: [['policies.yaml', 'NetworkPolicy', [/TCP 2525/, /TCP 53, UDP 53/]]],
  },
  {
    name: 'probes, where the plugin may drop them and the nodes are configured',
    folder: 'probes',
    files: ['policies.yaml'],
    configuration: nodes,
    steps: [
      {
        file: 'policies.yaml',
        code: 'probe-blocked',
        line: 10,
        underlined: 'Ingress',
        says: /^No policy opens the probe port \(TCP 9200\) of 1 workload \(index\) to the nodes\. With kube-network-policies/,
        fix: 'Allow the node addresses on TCP 9200',
        after: (text) => `${text}    - from:
        - ipBlock:
            cidr: 192.168.10.0/24
      ports:
        - protocol: TCP
          port: 9200
`,
      },
    ],
    hovers: [['policies.yaml', 'NetworkPolicy', [/TCP 9200.*192\.168\.10\.0\/24/]]],
  },
  {
    name: 'a 502 from the ingress controller',
    folder: 'ingress-502',
    files: ['policies.yaml', 'applications.yaml'],
    steps: [
      {
        file: 'policies.yaml',
        code: 'ingress-controller-blocked',
        line: 10,
        underlined: 'Ingress',
        says: /^Ingress blog hands traffic to 1 workload \(pages\) on TCP 3000 through Service pages.*users will see 502 or 504/,
        fix: 'Allow ingress-nginx-controller in namespace ingress-nginx to pages on TCP 3000 only, by a policy of its own',
        after: (text) =>
          text +
          policy(
            ['allow-ingress-controller-pages', 'blog'],
            'pages',
            'Ingress',
            `        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: ingress-nginx
          podSelector:
            matchLabels:
              app.kubernetes.io/name: ingress-nginx`,
            3000,
          ),
      },
    ],
    hovers: [['policies.yaml', 'NetworkPolicy', [/TCP 3000.*ingress-nginx/]]],
  },
  {
    name: 'a policy in the wrong namespace',
    folder: 'wrong-namespace',
    files: ['policies.yaml'],
    steps: [
      {
        file: 'policies.yaml',
        code: 'namespace-unknown',
        line: 16,
        underlined: 'oders',
        says: /^Nothing but policies of these manifests is in namespace oders.*Did you mean orders, where it would select ledger\?/,
        fix: "Change the policy's namespace from oders to orders",
        after: (text) => text.replace('namespace: oders', 'namespace: orders'),
      },
    ],
    hovers: [['policies.yaml', 'NetworkPolicy', [/ledger-from-intake.* also selects 1 of them: ledger/]]],
  },
  {
    name: 'OR where AND was meant',
    folder: 'and-or',
    files: ['policies.yaml'],
    steps: [
      {
        file: 'policies.yaml',
        code: 'and-or-ambiguity',
        line: 18,
        underlined: 'podSelector',
        says: /^As written, in two items \(OR\): every pod in tools \(2 workloads: tools\/backup and tools\/shell\)/,
        fix: 'Combine into one peer: AND (only pods app=backup in tools)',
        after: (text) => text.replace('        - podSelector: #', '          podSelector: #'),
      },
    ],
    hovers: [['policies.yaml', 'kind: NetworkPolicy', [/_1 workload: tools\/backup_/]]],
  },
  {
    name: 'the patch of an overlay, judged as the overlay is built',
    folder: 'overlay',
    files: ['production/web-ingress.yaml', 'base/web.yaml'],
    steps: [
      {
        file: 'production/web-ingress.yaml',
        code: 'peer-matches-nothing',
        line: 11,
        underlined: 'gatewya',
        says: /live-web and live-gateway.*Did you mean app=gateway/,
        fix: 'Change app=gatewya to app=gateway',
        after: (text) => text.replace('gatewya', 'gateway'),
      },
    ],
  },
  {
    name: 'an expectation that fails at its line, and holds once its fix has changed the policies',
    folder: 'expectations',
    files: ['bank.netpol-test.yaml', 'policies.yaml'],
    steps: [
      {
        file: 'bank.netpol-test.yaml',
        code: 'expectation-failed',
        line: 7,
        underlined: 'allowed',
        severity: 'Error',
        says: /^bank\/teller to bank\/accounts on TCP 8080 is denied/,
        fix: 'Allow bank/teller to bank/accounts on TCP 8080',
        edits: 'policies.yaml',
        after: (text) => `${text}  ingress:
    - from:
${podsOf('teller')}
      ports:
        - protocol: TCP
          port: 8080
`,
      },
    ],
  },
];

const configuration: EditorCase = {
  name: 'a misspelt plugin in .netpol.yaml is underlined, completed and mended',
  async run() {
    const wrong = nodes.replace('policies', 'polices');
    await withConfiguration(wrong, async (file) => {
      const document = await vscode.workspace.openTextDocument(file);
      await vscode.window.showTextDocument(document);
      const [found] = await diagnosticsWhere(file, ({ length }) => length === 1);
      expect(found !== undefined && document.getText(found.range) === 'kube-network-polices', 'it is not underlined');
      expect(/Did you mean kube-network-policies\?/.test(found.message), found.message);
      const { items } = await vscode.commands.executeCommand<vscode.CompletionList>(
        'vscode.executeCompletionItemProvider',
        file,
        found.range.start,
      );
      const labels = items.map(({ label }) => (typeof label === 'string' ? label : label.label));
      for (const plugin of ['calico', 'cilium', 'kube-network-policies'])
        expect(labels.includes(plugin), `the completions are ${labels.join(', ')}`);
      const [fix] = (await actionsAt(document, found.range)).filter(({ isPreferred }) => isPreferred === true);
      expect(fix !== undefined, 'there is no preferred fix');
      await apply(fix);
      await diagnosticsWhere(file, ({ length }) => length === 0);
      expect(document.getText() === nodes, document.getText());
      await vscode.commands.executeCommand('undo');
      await textWhere(document, (text) => text === wrong);
      await diagnosticsWhere(file, ({ length }) => length === 1);
      await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    });
    await open('policies/api.yaml');
  },
};

export const scenarioCases: readonly EditorCase[] = [
  ...scenarios.map((scenario) => ({
    name: scenario.name,
    run: () => {
      if (scenario.configuration === undefined) return mend(scenario);
      return withConfiguration(scenario.configuration, () => mend(scenario));
    },
  })),
  configuration,
];
