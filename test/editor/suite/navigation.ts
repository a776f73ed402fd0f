// From a selector to its workloads and back, and one name in place of another, as the editor itself asks for it.
import * as vscode from 'vscode';
import { expect } from './expect.ts';
import type { EditorCase } from './runner.ts';
import { open, placeOf, textWhere, workspaceFile } from './waiting.ts';

/** Where an answer leads, as `folder/file:line`. */
function shown(found: readonly (vscode.Location | vscode.LocationLink)[]): string {
  return found
    .map((each) => {
      const [uri, range] = 'targetUri' in each ? [each.targetUri, each.targetRange] : [each.uri, each.range];
      return `${uri.path.split('/').slice(-2).join('/')}:${range.start.line + 1}`;
    })
    .join(' ');
}

function ask<T>(command: string, document: vscode.TextDocument, text: string, ...more: unknown[]): Thenable<T> {
  const at = placeOf(document, text).end.translate(0, -1);
  return vscode.commands.executeCommand<T>(command, document.uri, at, ...more);
}

export const navigationCases: readonly EditorCase[] = [
  {
    name: 'a selector leads to its workloads, a workload to the policies that match it',
    async run() {
      const { document: policy } = await open('policies/api.yaml');
      type Found = (vscode.Location | vscode.LocationLink)[];
      const workloads = shown(await ask<Found>('vscode.executeDefinitionProvider', policy, 'podSelector'));
      expect(/^workloads\/api\.yaml:\d+$/.test(workloads), `the selector leads to ${workloads}`);
      const { document: workload } = await open('workloads/api.yaml');
      const back = shown(await ask<Found>('vscode.executeReferenceProvider', workload, 'kind: Deployment'));
      expect(back.includes('policies/api.yaml:'), `the workload leads to ${back}`);
      const marks = await ask<vscode.DocumentHighlight[]>('vscode.executeDocumentHighlights', workload, 'app: api');
      expect(marks.length >= 2, `${marks.length} places are highlighted`);
    },
  },
  {
    name: 'a label is renamed in every file, and back',
    async run() {
      const { document: policy } = await open('policies/api.yaml');
      const before = policy.getText();
      const workload = await vscode.workspace.openTextDocument(workspaceFile('workloads/api.yaml'));
      const rename = async (from: string, to: string) => {
        const edit = await ask<vscode.WorkspaceEdit>(
          'vscode.executeDocumentRenameProvider',
          policy,
          `app: ${from}`,
          to,
        );
        const files = edit.entries().map(([uri]) => uri.path);
        expect(
          files.some((path) => path.endsWith('workloads/api.yaml')),
          `it edits ${files.join(', ')}`,
        );
        for (const [uri, edits] of edit.entries()) {
          const plain = new vscode.WorkspaceEdit();
          plain.set(uri, edits);
          await vscode.workspace.applyEdit(plain);
        }
      };
      await rename('api', 'backend');
      await textWhere(workload, (text) => text.includes('app: backend') && !text.includes('app: api'));
      await rename('backend', 'api');
      await textWhere(policy, (text) => text === before);
      for (const each of vscode.workspace.textDocuments.filter(({ isDirty }) => isDirty)) await each.save();
    },
  },
];
