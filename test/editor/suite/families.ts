// The kinds of Calico and Cilium: what is wrong with a policy is underlined, completed and mended, and what it allows is said.
import * as vscode from 'vscode';
import { expect } from './expect.ts';
import { mend, type Scenario } from './mending.ts';
import type { EditorCase } from './runner.ts';
import { diagnosticsWhere, open, placeOf, textWhere, typeInto } from './waiting.ts';

const scenarios: readonly Scenario[] = [
  {
    name: 'a Calico selector with one = is underlined at that character, and mended',
    folder: 'calico-selector',
    files: ['policies.yaml'],
    steps: [
      {
        file: 'policies.yaml',
        code: 'calico-selector-syntax',
        line: 8,
        underlined: '=',
        severity: 'Error',
        says: /^spec\.selector: "=" is no operator\. Did you mean ==\?/,
        fix: "Change to app == 'seats'",
        after: (text) => text.replace("app = 'seats'", "app == 'seats'"),
      },
    ],
    hovers: [
      ['policies.yaml', 'NetworkPolicy', [/selects 1 workload: seats/, /TCP 8080 .*_1 workload: counter_/]],
      ['policies.yaml', "selector: app == 'seats'", [/TCP 8080 .*_1 workload: counter_/]],
      ['applications.yaml', 'Deployment\nmetadata:\n  name: seats', [/selected by 1 policy/, /TCP 8080 .*counter_/]],
    ],
  },
  {
    name: 'a Cilium policy with domain names gets the DNS rule that they need',
    folder: 'cilium-fqdn',
    files: ['policies.yaml'],
    steps: [
      {
        file: 'policies.yaml',
        code: 'fqdn-without-dns-rule',
        line: 20,
        underlined: 'toFQDNs',
        says: /^No DNS rule for 1 workload \(fetcher\)/,
        fix: 'Watch the look-ups that this policy allows (`rules.dns`, every name)',
        after: (text) =>
          text.replace(
            'protocol: ANY\n',
            'protocol: ANY\n          rules:\n            dns:\n              - matchPattern: "*"\n',
          ),
      },
    ],
    hovers: [
      ['policies.yaml', 'CiliumNetworkPolicy', [/TCP 53, UDP 53.* kube-system/, /TCP 443 .*rates\.example\.com/]],
      ['policies.yaml', 'endpointSelector', [/TCP 443 .*rates\.example\.com/]],
      ['applications.yaml', 'Deployment', [/selected by 1 policy: fetcher-egress/, /TCP 443 .*rates\.example\.com/]],
    ],
  },
];

/** What is offered at an offset, taken as the editor takes it. */
async function accept(document: vscode.TextDocument, offset: number, label: string): Promise<void> {
  const { items } = await vscode.commands.executeCommand<vscode.CompletionList>(
    'vscode.executeCompletionItemProvider',
    document.uri,
    document.positionAt(offset),
  );
  const labels = items.map((item) => (typeof item.label === 'string' ? item.label : item.label.label));
  const item = items[labels.indexOf(label)];
  expect(item !== undefined, `${label} is not offered, but ${labels.join(', ')}`);
  const range = item.range instanceof vscode.Range ? item.range : item.range?.replacing;
  const text = typeof item.insertText === 'string' ? item.insertText : label;
  expect(range !== undefined, `${label} has no range`);
  const start = document.offsetAt(range.start);
  await typeInto(document, start, text, document.offsetAt(range.end) - start);
}

export const familyCases: readonly EditorCase[] = [
  ...scenarios.map((scenario) => ({ name: scenario.name, run: () => mend(scenario) })),
  {
    name: 'a Calico selector is written from completions: label, operator and value',
    async run() {
      const { document } = await open('scenarios/calico-selector/policies.yaml');
      const before = document.getText();
      const end = () => document.offsetAt(document.lineAt(7).range.end);
      const place = document.offsetAt(placeOf(document, "app = 'seats'").start);
      await typeInto(document, place, '', end() - place);
      for (const label of ['app', '==', "'seats'"]) {
        await accept(document, end(), label);
        if (label !== "'seats'") await typeInto(document, end(), ' ');
      }
      await textWhere(document, (text) => text === before.replace('app = ', 'app == '));
      await diagnosticsWhere(document.uri, (all) => all.length === 0);
      await vscode.commands.executeCommand('workbench.action.files.revert');
      await diagnosticsWhere(document.uri, (all) => all.length === 1);
    },
  },
];
