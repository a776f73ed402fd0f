import * as vscode from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { confirmWithPreview } from './edit-preview.js';
import { type ConnectionQuestion, REPAIR, REPAIRS, type RepairResult, type RepairsResult } from './protocol.js';

interface RepairPick extends vscode.QuickPickItem {
  /** The server's name of the edit; none for what only separates. */
  edit?: string;
  preview?: boolean;
}

/** Lets a person choose an edit, see it first if they like, and makes it; false when they change their mind. */
export async function repair(client: BaseLanguageClient, question: ConnectionQuestion): Promise<boolean> {
  const found = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: vscode.l10n.t('netpol: trying edits') },
    () => client.sendRequest<RepairsResult>(REPAIRS, question),
  );
  if (found.repairs.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t('netpol: there is no edit to offer. {0}', found.why ?? ''));
    return false;
  }
  const chosen = await vscode.window.showQuickPick(picksFor(found), {
    title: found.aim === 'cut' ? vscode.l10n.t('What Would Cut It') : vscode.l10n.t('What Would Allow It'),
    placeHolder: vscode.l10n.t('Which edit? It is made in the editor, unsaved, and can be undone.'),
    matchOnDetail: true,
  });
  if (chosen?.edit === undefined) return false;
  const edit = await client.sendRequest<RepairResult>(REPAIR, { ...question, title: chosen.edit });
  if (edit === null) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('netpol: the manifests have changed in the meantime, ask again.'),
    );
    return false;
  }
  const made = await client.protocol2CodeConverter.asWorkspaceEdit(edit);
  if (chosen.preview === true && !(await confirmWithPreview(made, chosen.edit))) return false;
  return applyInSight(made);
}

function picksFor({ repairs }: RepairsResult): RepairPick[] {
  return [
    ...repairs.map(({ title, where }) => ({
      label: vscode.l10n.t('Apply: {0}', where),
      detail: title,
      edit: title,
    })),
    { label: vscode.l10n.t('see the changes first'), kind: vscode.QuickPickItemKind.Separator },
    ...repairs.map(({ title, where }) => ({
      label: vscode.l10n.t('Preview: {0}', where),
      iconPath: new vscode.ThemeIcon('diff'),
      edit: title,
      preview: true,
    })),
  ];
}

/** Applies an edit, unsaved, and shows the first place that it has changed. */
async function applyInSight(edit: vscode.WorkspaceEdit): Promise<boolean> {
  if (!(await vscode.workspace.applyEdit(edit))) throw new Error(vscode.l10n.t('The edit could not be made.'));
  const [uri, edits] = edit.entries()[0] ?? [];
  const [first] = edits ?? [];
  if (uri === undefined || first === undefined) return true;
  const open = vscode.window.visibleTextEditors.find(({ document }) => document.uri.toString() === uri.toString());
  const { start } = first.range;
  const written = new vscode.Range(start, start.translate(first.newText.split('\n').length - 1));
  const editor = await vscode.window.showTextDocument(uri, {
    viewColumn: open?.viewColumn ?? vscode.ViewColumn.One,
    selection: new vscode.Range(start, start),
  });
  editor.revealRange(written, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  return true;
}
