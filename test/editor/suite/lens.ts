// What stands over policies and workloads, and who may connect to whom as a tree, as the editor itself asks for it.
import type * as vscode from 'vscode';
import { expect } from './expect.ts';
import type { EditorCase } from './runner.ts';
import { answered, placeOf, ready } from './waiting.ts';

const titles = (lenses: readonly vscode.CodeLens[]) => lenses.map(({ command }) => command?.title ?? '');

/** The lenses of a document with what they say. */
function lensesOf(document: vscode.TextDocument): Promise<vscode.CodeLens[]> {
  const isTold = (lenses: vscode.CodeLens[]) => lenses.length > 0 && titles(lenses).every((title) => title !== '');
  return answered('vscode.executeCodeLensProvider', isTold, document.uri, 20);
}

export const lensCases: readonly EditorCase[] = [
  {
    name: 'a lens over a policy says whom it selects and what it lets in, and leads to all of it',
    async run() {
      const { document } = await ready('policies/api.yaml');
      const [lens, ...others] = await lensesOf(document);
      const title = lens?.command?.title ?? '';
      expect(/^selects 1 workload, ingress from 2 workloads/.test(title), `it says: ${title}`);
      expect(others.length === 0, `there are more: ${titles(others).join(' | ')}`);
      expect(lens?.command?.command === 'netpol.showEffective', `it runs ${lens?.command?.command}`);
      expect(document.lineAt(lens?.range.start.line ?? 0).text.startsWith('apiVersion'), 'it stands over the policy');
    },
  },
  {
    name: 'a lens over a workload says who may reach it and whom it may reach',
    async run() {
      const { document } = await ready('workloads/api.yaml');
      const said = titles(await lensesOf(document)).join(' | ');
      expect(/selected by \d+ polic/.test(said), `they say: ${said}`);
      expect(/reached by/.test(said) && /reach/.test(said), `they say: ${said}`);
    },
  },
  {
    name: 'the tree of calls has who may reach a workload, with ports, and whom it may reach',
    async run() {
      const { document } = await ready('workloads/api.yaml');
      const at = placeOf(document, 'name: api').end;
      const [item] = await answered<vscode.CallHierarchyItem[]>(
        'vscode.prepareCallHierarchy',
        (items) => items.length > 0,
        document.uri,
        at,
      );
      const incoming = await answered<vscode.CallHierarchyIncomingCall[]>(
        'vscode.provideIncomingCalls',
        (calls) => calls.length > 0,
        item,
      );
      // Other cases change who calls it, but not the port that its policy opens.
      const said = incoming.map(({ from }) => `${from.name} ${from.detail}`).join(', ');
      expect(/TCP 8080.*shop\/api, ingress rule 1/.test(said), `the callers: ${said}`);
      // What the api may reach is cut by other cases; nothing isolates the egress of the monitoring.
      const { document: monitoring } = await ready('workloads/prometheus.yaml');
      const [source] = await answered<vscode.CallHierarchyItem[]>(
        'vscode.prepareCallHierarchy',
        (items) => items.length > 0,
        monitoring.uri,
        placeOf(monitoring, 'name: prometheus').end,
      );
      const outgoing = await answered<vscode.CallHierarchyOutgoingCall[]>(
        'vscode.provideOutgoingCalls',
        (calls) => calls.length > 0,
        source,
      );
      const names = outgoing.map(({ to }) => `${to.name} ${to.detail}`).join(', ');
      expect(/api TCP 8080/.test(names), `it may reach ${names}`);
    },
  },
];
