// The outline, symbols, folds, selections, links, hints and colours, as the editor gets them through the extension.
import * as vscode from 'vscode';
import { expect } from './expect.ts';
import type { EditorCase } from './runner.ts';
import { answered, open, placeOf, ready } from './waiting.ts';

const wholeOf = (document: vscode.TextDocument) => new vscode.Range(0, 0, document.lineCount, 0);

export const outlineCases: readonly EditorCase[] = [
  {
    name: 'the outline of a policy has its directions, rules, peers and ports',
    async run() {
      const { document } = await ready('policies/api.yaml');
      const [policy] = await answered<vscode.DocumentSymbol[]>(
        'vscode.executeDocumentSymbolProvider',
        (symbols) => symbols.length > 0,
        document.uri,
      );
      const names = (symbols: readonly vscode.DocumentSymbol[] = []): string[] =>
        symbols.flatMap(({ name, children }) => [name, ...names(children)]);
      const all = names(policy === undefined ? [] : [policy]);
      expect(all[0] === 'api' && all[1] === 'ingress' && all.at(-1) === 'TCP 8080', all.join(', '));
    },
  },
  {
    name: 'the symbols of the workspace have policies and workloads by name',
    async run() {
      await ready('policies/api.yaml');
      const found = await answered<vscode.SymbolInformation[]>(
        'vscode.executeWorkspaceSymbolProvider',
        (symbols) => symbols.length > 1,
        'shop/worker',
      );
      const names = found.map(({ name }) => name);
      expect(names.includes('shop/worker') && names.includes('shop/worker-egress'), names.join(', '));
    },
  },
  {
    name: 'hints within the lines count workloads and say AND and OR',
    async run() {
      const { document } = await ready('policies/api.yaml');
      const hints = await answered<vscode.InlayHint[]>(
        'vscode.executeInlayHintProvider',
        (all) => all.length > 0,
        document.uri,
        wholeOf(document),
      );
      const labels = hints.map(({ label }) =>
        typeof label === 'string' ? label : label.map(({ value }) => value).join(''),
      );
      expect(labels.join(', ') === '1 workload, 1 workload, OR, AND, 1 workload', labels.join(', '));
    },
  },
  {
    name: 'a hint that is switched off is not shown',
    async run() {
      const { document } = await ready('policies/api.yaml');
      const settings = vscode.workspace.getConfiguration('netpol');
      await settings.update('inlayHints.workloads', false, vscode.ConfigurationTarget.Workspace);
      const hints = await answered<vscode.InlayHint[]>(
        'vscode.executeInlayHintProvider',
        (all) => all.length === 2,
        document.uri,
        wholeOf(document),
      );
      await settings.update('inlayHints.workloads', undefined, vscode.ConfigurationTarget.Workspace);
      expect(hints.length === 2, `${hints.length} hints`);
    },
  },
  {
    name: 'folds, selections, links and colours',
    async run() {
      const { document } = await open('scenarios/overlay/production/kustomization.yaml');
      const links = await answered<vscode.DocumentLink[]>(
        'vscode.executeLinkProvider',
        (all) => all.length > 0,
        document.uri,
      );
      expect(
        links.some(({ target }) => target?.path.endsWith('.yaml') === true),
        'no link leads to a file',
      );
      const { document: calico } = await ready('scenarios/calico-selector/policies.yaml');
      const tokens = await answered<vscode.SemanticTokens>(
        'vscode.provideDocumentSemanticTokens',
        ({ data }) => data.length > 0,
        calico.uri,
      );
      expect(tokens.data.length % 5 === 0, 'the colours are broken');
      const folds = await answered<vscode.FoldingRange[]>(
        'vscode.executeFoldingRangeProvider',
        (all) => all.length > 0,
        calico.uri,
      );
      const ingress = placeOf(calico, 'ingress:').start.line;
      expect(
        folds.some(({ start }) => start === ingress),
        'the rules do not fold',
      );
      const [selection] = await answered<vscode.SelectionRange[]>(
        'vscode.executeSelectionRangeProvider',
        (all) => all.length > 0,
        calico.uri,
        [placeOf(calico, "'counter'").start.translate(0, 2)],
      );
      const texts: string[] = [];
      for (let at = selection; at !== undefined; at = at.parent) texts.push(calico.getText(at.range));
      expect(texts.includes("app == 'counter'"), texts.join('\n\n'));
    },
  },
];
