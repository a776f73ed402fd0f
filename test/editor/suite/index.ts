// The suite that every editor runs: VS Code's server, VS Code for the Web, and Electron on a desktop.
import * as vscode from 'vscode';
import { expect } from './expect.ts';
import { familyCases } from './families.ts';
import { lensCases } from './lens.ts';
import { navigationCases } from './navigation.ts';
import { outlineCases } from './outline.ts';
import { type EditorCase, runCases } from './runner.ts';
import { scenarioCases } from './scenarios.ts';
import { testingCases } from './testing.ts';
import {
  actionsAt,
  apply,
  diagnosticsWhere,
  hoverAt,
  open,
  placeOf,
  tabWhere,
  textWhere,
  typeInto,
} from './waiting.ts';

/** What the extension gives to tests. */
interface Api {
  ready(): Promise<void>;
  state(): string;
}

async function netpol(): Promise<Api> {
  const extension = vscode.extensions.getExtension<Api>('netpol.netpol');
  if (extension === undefined) throw new Error('netpol.netpol is not there');
  return extension.activate();
}

const codesOf = (diagnostics: readonly vscode.Diagnostic[]) =>
  diagnostics.map(({ code }) => (typeof code === 'object' ? code.value : code));

const has = (code: string) => (diagnostics: readonly vscode.Diagnostic[]) => codesOf(diagnostics).includes(code);
const lacks = (code: string) => (diagnostics: readonly vscode.Diagnostic[]) => !codesOf(diagnostics).includes(code);

// Nothing leads to the namespace from outside: the layer for the ingress controller is left out.
const baseline = [
  '00-default-deny.yaml',
  '10-allow-dns.yaml',
  '20-allow-intra-namespace.yaml',
  '40-allow-prometheus-scrape.yaml',
  'kustomization.yaml',
];

// The first case needs a server that has not been started by another one.
const cases: readonly EditorCase[] = [
  {
    name: 'the server does not start for YAML that is no policy',
    async run() {
      const api = await netpol();
      const { document } = await open('notes/plain.yaml');
      await typeInto(document, document.getText().length, '  - run: make test\n');
      await open('workloads/frontend.yaml');
      await hoverAt(document, 'kind');
      expect(api.state() === 'waiting', `it is ${api.state()}`);
      await vscode.commands.executeCommand('workbench.action.files.revert');
    },
  },
  {
    name: 'it starts with the first policy that is opened',
    async run() {
      const api = await netpol();
      await open('policies/api.yaml');
      await api.ready();
      expect(api.state() === 'ready', `it is ${api.state()}`);
    },
  },
  {
    name: 'a squiggle comes while an endPort is typed, and goes when it is mended',
    async run() {
      const { document } = await open('policies/api.yaml');
      await diagnosticsWhere(document.uri, lacks('invalid-end-port'));
      for (const unit of '          endPort: 80\n') await typeInto(document, document.getText().length, unit);
      // While it is typed, the 8 alone is wrong already.
      const isFound = (each: vscode.Diagnostic) =>
        has('invalid-end-port')([each]) && document.getText(each.range) === '80';
      const found = (await diagnosticsWhere(document.uri, (all) => all.some(isFound))).find(isFound);
      expect(found?.severity === vscode.DiagnosticSeverity.Error, 'it is no error');
      const code = found?.code;
      expect(typeof code === 'object' && /invalid-end-port/.test(code.target.toString()), 'it has no page');
      await typeInto(document, document.offsetAt(placeOf(document, 'endPort: 80').end), '90');
      await diagnosticsWhere(document.uri, lacks('invalid-end-port'));
      await vscode.commands.executeCommand('workbench.action.files.revert');
    },
  },
  {
    name: 'the quick fix adds DNS egress, and its diagnostic goes',
    async run() {
      const { document } = await open('policies/worker-egress.yaml');
      await diagnosticsWhere(document.uri, has('dns-egress-missing'));
      const fixes = (await actionsAt(document, 'Egress')).filter(({ isPreferred }) => isPreferred === true);
      expect(fixes.length === 1, `${fixes.length} fixes are preferred`);
      const [fix] = fixes;
      expect(fix?.title.startsWith('Add DNS egress') === true, `the preferred fix is "${fix?.title}"`);
      if (fix !== undefined) await apply(fix);
      await diagnosticsWhere(document.uri, lacks('dns-egress-missing'));
      expect(/protocol: UDP\s+port: 53/.test(document.getText()), document.getText());
      await vscode.commands.executeCommand('workbench.action.files.revert');
      await diagnosticsWhere(document.uri, has('dns-egress-missing'));
    },
  },
  {
    name: 'a label that is mended in another file takes the finding away',
    async run() {
      const { document: policy } = await open('policies/worker-egress.yaml');
      const { document: workload } = await open('workloads/worker.yaml');
      const labels = workload.getText().lastIndexOf('app: worker') + 'app: worker'.length;
      await typeInto(workload, labels, 's');
      await open('policies/worker-egress.yaml');
      await diagnosticsWhere(policy.uri, has('selector-matches-nothing'));
      await typeInto(workload, labels, '', 1);
      await diagnosticsWhere(policy.uri, lacks('selector-matches-nothing'));
    },
  },
  {
    name: 'the hover on a kind shows what is allowed, linked to its lines',
    async run() {
      const { document } = await open('policies/api.yaml');
      const said = await hoverAt(document, 'kind: NetworkPolicy');
      for (const part of [/TCP\s8080/, /frontend/, /prometheus/, /api\.yaml#L?\d+|#L14/, /every(thing|one)/]) {
        expect(part.test(said), `${part} is not in the hover: ${said}`);
      }
    },
  },
  {
    name: 'a snippet is offered by its prefix, and expands',
    async run() {
      const { document } = await open('policies/new.yaml');
      const list = await vscode.commands.executeCommand<vscode.CompletionList>(
        'vscode.executeCompletionItemProvider',
        document.uri,
        new vscode.Position(0, 0),
      );
      const labels = list.items.map(({ label }) => (typeof label === 'string' ? label : label.label));
      expect(labels.includes('netpol-default-deny-all'), `the completions are ${labels.join(', ')}`);
      await vscode.commands.executeCommand('editor.action.insertSnippet', {
        langId: 'yaml',
        name: 'Default deny: ingress and egress',
      });
      await textWhere(document, (text) => /kind: NetworkPolicy[\s\S]*- Egress/.test(text));
      await vscode.commands.executeCommand('workbench.action.files.revert');
    },
  },
  {
    name: 'a standard policy is inserted by the command',
    async run() {
      const { document } = await open('policies/default-deny.yaml');
      const done = vscode.commands.executeCommand('netpol.insertPolicy');
      // Accepting does nothing until the list has an entry; there is no event that says so.
      let written = false;
      const accept = async () => {
        while (!written) await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
      };
      const text = textWhere(document, (text) => text.split('kind: NetworkPolicy').length === 3).finally(() => {
        written = true;
      });
      await Promise.all([accept(), text, done]);
      expect((await text).includes('\n---\n'), await text);
      await vscode.commands.executeCommand('workbench.action.files.revert');
    },
  },
  {
    name: 'the effective policy is shown beside the editor',
    async run() {
      const { selection } = await open('policies/api.yaml');
      expect(selection.isEmpty, 'something is selected');
      await vscode.commands.executeCommand('netpol.showEffective', {
        textDocument: { uri: vscode.window.activeTextEditor?.document.uri.toString() },
        position: { line: 2, character: 0 },
      });
      await tabWhere((tab) => tab.group.viewColumn !== vscode.ViewColumn.One && /api/.test(tab.label));
      await vscode.commands.executeCommand('workbench.action.closeEditorsInOtherGroups');
    },
  },
  {
    name: 'a connection is explained beside the editor',
    async run() {
      const { document } = await open('policies/default-deny.yaml');
      const before = document.getText();
      // The answer to a question that is given does not wait for the notification that offers edits.
      void vscode.commands.executeCommand('netpol.explainConnection', {
        textDocument: { uri: document.uri.toString() },
        from: 'frontend',
        to: 'postgres',
        port: 5432,
      });
      await tabWhere((tab) => tab.group.viewColumn !== vscode.ViewColumn.One && /frontend → postgres/.test(tab.label));
      const shown = vscode.Uri.from({
        scheme: 'netpol-explain',
        path: '/frontend → postgres.md',
        query: JSON.stringify({
          textDocument: { uri: document.uri.toString() },
          from: 'frontend',
          to: 'postgres',
          port: 5432,
        }),
      });
      const text = (await vscode.workspace.openTextDocument(shown)).getText();
      for (const part of [/^\*\*Blocked: shop\/frontend/, /policies\/postgres\.yaml#L\d+/, /What would allow it/]) {
        expect(part.test(text), `${part} is not in the answer: ${text}`);
      }
      expect(document.getText() === before, 'the manifest has been edited without being asked for');
      await vscode.commands.executeCommand('workbench.action.closeEditorsInOtherGroups');
      await vscode.commands.executeCommand('notifications.clearAll');
    },
  },
  {
    name: 'after a restart the diagnostics are there again',
    async run() {
      const api = await netpol();
      const { document } = await open('policies/worker-egress.yaml');
      await diagnosticsWhere(document.uri, has('dns-egress-missing'));
      const gone = diagnosticsWhere(document.uri, lacks('dns-egress-missing'));
      await vscode.commands.executeCommand('netpol.restartServer');
      await gone;
      await api.ready();
      await diagnosticsWhere(document.uri, has('dns-egress-missing'));
    },
  },
  {
    name: 'the layered baseline is written as files by the command',
    async run() {
      const { document } = await open('policies/api.yaml');
      const [root] = vscode.workspace.workspaceFolders ?? [];
      expect(root !== undefined, 'no folder is open');
      const folder = vscode.Uri.joinPath(root.uri, 'network-policies');
      const done = vscode.commands.executeCommand('netpol.addBaseline');
      // Accepts the namespace of the document, then the folder that is proposed; there is no event that says so.
      let written = false;
      const accept = async () => {
        while (!written) await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
      };
      await Promise.all([accept(), done.then(() => (written = true))]);
      const names = (await vscode.workspace.fs.readDirectory(vscode.Uri.joinPath(folder, 'shop'))).map(
        ([name]) => name,
      );
      expect(names.sort().join() === baseline.join(), `the folder has ${names.join(', ')}`);
      const kustomization = vscode.Uri.joinPath(folder, 'shop', 'kustomization.yaml');
      const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(kustomization));
      expect(/namespace: shop\n[\s\S]*- 00-default-deny\.yaml/.test(text), text);
      expect(text.includes('# 30-allow-ingress-controller is left out: no Ingress'), text);
      await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
      await vscode.workspace.fs.delete(folder, { recursive: true });
      expect(!document.isDirty, 'the open manifest has been edited');
    },
  },
];

export const run = (): Promise<void> =>
  runCases([
    ...cases,
    ...navigationCases,
    ...scenarioCases,
    ...familyCases,
    ...testingCases,
    ...outlineCases,
    ...lensCases,
  ]);
