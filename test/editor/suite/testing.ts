// What the extension brings besides the server's answers: tests in the Test Explorer, the first steps, texts for translators.
import * as vscode from 'vscode';
import { expect } from './expect.ts';
import type { EditorCase } from './runner.ts';
import { diagnosticsWhere, open, placeOf, tabWhere, textWhere, typeInto } from './waiting.ts';

/** Texts of a manifest that are still keys. */
function* keysIn(value: unknown): Iterable<string> {
  if (typeof value === 'string' && /^%.+%$/.test(value)) yield value;
  else if (typeof value === 'object' && value !== null) for (const each of Object.values(value)) yield* keysIn(each);
}

export const testingCases: readonly EditorCase[] = [
  {
    name: 'every text of the manifest is said in words',
    async run() {
      const extension = vscode.extensions.getExtension('netpol.netpol');
      const left = [...keysIn(extension?.packageJSON)];
      expect(left.length === 0, `not translated: ${left.join(', ')}`);
    },
  },
  {
    name: 'the connectivity tests run from the Test Explorer, and follow an edit',
    async run() {
      const { document } = await open('scenarios/expectations/bank.netpol-test.yaml');
      await diagnosticsWhere(document.uri, (all) => all.length === 1);
      // The command ends when the run has ended.
      await vscode.commands.executeCommand('testing.runCurrentFile');
      await vscode.commands.executeCommand('testing.clearTestResults');
      expect(!document.isDirty, 'the run has edited the tests');
    },
  },
  {
    name: 'a first connectivity test is written into a new file',
    async run() {
      await vscode.commands.executeCommand('netpol.newTest');
      await tabWhere(({ label }) => /\.netpol-test\.yaml$/.test(label));
      const document = vscode.window.activeTextEditor?.document;
      expect(document?.isUntitled === true, 'no new file is open');
      await textWhere(document, (text) => /^tests:\n {2}- name: .*\n {4}from: shop\/frontend\n/m.test(text));
      await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    },
  },
  {
    name: 'an answer that is open follows the edit of a policy',
    async run() {
      const { document } = await open('policies/api.yaml');
      const answer = vscode.Uri.from({
        scheme: 'netpol-effective',
        path: '/api.md',
        query: JSON.stringify({
          textDocument: { uri: document.uri.toString() },
          position: { line: 2, character: 0 },
        }),
      });
      const shown = await vscode.workspace.openTextDocument(answer);
      await vscode.window.showTextDocument(shown, vscode.ViewColumn.Beside);
      await textWhere(shown, (text) => /TCP\s8080/.test(text));
      await typeInto(document, document.offsetAt(placeOf(document, 'port: 8080').end) - 1, '', 1);
      await textWhere(shown, (text) => /TCP\s808\b/.test(text) && !/TCP\s8080/.test(text));
      await open('policies/api.yaml');
      await vscode.commands.executeCommand('workbench.action.files.revert');
      await textWhere(shown, (text) => /TCP\s8080/.test(text));
      await vscode.commands.executeCommand('workbench.action.closeEditorsInOtherGroups');
    },
  },
  {
    name: 'the sample workspace can be read without a disk',
    async run() {
      const folder = vscode.Uri.parse('netpol-sample:/shop');
      const names = (await vscode.workspace.fs.readDirectory(folder)).map(([name]) => name);
      expect(names.includes('policies') && names.includes('shop.netpol-test.yaml'), names.join());
      const first = vscode.Uri.joinPath(folder, 'policies/api.yaml');
      const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(first));
      expect(/kind: NetworkPolicy/.test(text), text);
      await vscode.workspace.fs.writeFile(first, new TextEncoder().encode('a: 1\n'));
      const { size } = await vscode.workspace.fs.stat(first);
      expect(size === 5, `it is ${size} long`);
    },
  },
];
