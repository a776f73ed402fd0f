import * as vscode from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import type { AtPosition } from './protocol.js';

/** The commands of the editor's own view of calls, and of what it shows within the text. */
const SHOW = {
  incoming: [
    ['references-view.showCallHierarchy', 'references-view.showIncomingCalls'],
    ['editor.showCallHierarchy', 'editor.showIncomingCalls'],
  ],
  outgoing: [
    ['references-view.showCallHierarchy', 'references-view.showOutgoingCalls'],
    ['editor.showCallHierarchy', 'editor.showOutgoingCalls'],
  ],
} as const;

/**
 * Shows who may connect to the workload at a place, or to whom it may connect, as the editor shows the calls of a function.
 * Without a place, the cursor counts.
 */
export async function showNeighbours(
  client: BaseLanguageClient,
  at: AtPosition | undefined,
  direction: keyof typeof SHOW,
): Promise<void> {
  const editor = at === undefined ? vscode.window.activeTextEditor : await editorAt(client, at);
  if (editor === undefined) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('netpol: open a manifest and put the cursor on a workload.'),
    );
    return;
  }
  const found = await vscode.commands.executeCommand<vscode.CallHierarchyItem[] | undefined>(
    'vscode.prepareCallHierarchy',
    editor.document.uri,
    editor.selection.active,
  );
  if (found === undefined || found.length === 0) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t(
        'netpol: nothing to show here. Put the cursor on a workload such as a Pod or Deployment, or on a policy that selects one.',
      ),
    );
    return;
  }
  const available = new Set(await vscode.commands.getCommands());
  const commands = SHOW[direction].find(([show]) => available.has(show));
  for (const command of commands ?? []) await vscode.commands.executeCommand(command);
}

/** The editor that shows a place, with the cursor there. */
async function editorAt(client: BaseLanguageClient, at: AtPosition): Promise<vscode.TextEditor> {
  const { asPosition } = client.protocol2CodeConverter;
  const position = asPosition(at.position);
  const uri = client.protocol2CodeConverter.asUri(at.textDocument.uri);
  const open = vscode.window.visibleTextEditors.find(({ document }) => document.uri.toString() === uri.toString());
  return vscode.window.showTextDocument(uri, {
    ...(open?.viewColumn === undefined ? {} : { viewColumn: open.viewColumn }),
    selection: new vscode.Range(position, position),
  });
}
