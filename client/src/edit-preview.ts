import * as vscode from 'vscode';

const SCHEME = 'netpol-preview';

/**
 * Shows what an edit would make of each file beside what it is, and asks whether to apply it. VS Code's own preview of
 * refactorings leaves each change to be ticked, which is one step too many for an edit that only counts as a whole.
 */
export async function confirmWithPreview(edit: vscode.WorkspaceEdit, title: string): Promise<boolean> {
  const after = new Map<string, string>();
  const sides: [label: vscode.Uri, before: vscode.Uri, after: vscode.Uri][] = [];
  for (const [uri, edits] of edit.entries()) {
    const document = await vscode.workspace.openTextDocument(uri);
    const changed = uri.with({ scheme: SCHEME, query: String(uri) });
    after.set(String(changed), textAfter(document, edits));
    sides.push([uri, uri, changed]);
  }
  const provided = vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
    provideTextDocumentContent: (uri) => after.get(String(uri)) ?? '',
  });
  const tabTitle = vscode.l10n.t('Preview: {0}', title);
  try {
    const [only] = sides;
    if (only !== undefined && sides.length === 1)
      await vscode.commands.executeCommand('vscode.diff', only[1], only[2], tabTitle, {
        preview: true,
        viewColumn: vscode.ViewColumn.One,
      });
    else await vscode.commands.executeCommand('vscode.changes', tabTitle, sides);
    const apply = vscode.l10n.t('Apply');
    const chosen = await vscode.window.showQuickPick([apply, vscode.l10n.t('Discard')], {
      title,
      placeHolder: vscode.l10n.t('Apply the edit that is shown? It is made in the editor, unsaved, and can be undone.'),
      ignoreFocusOut: true,
    });
    return chosen === apply;
  } finally {
    const shown = vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs.filter(({ label }) => label === tabTitle));
    await vscode.window.tabGroups.close(shown);
    provided.dispose();
  }
}

/** Edits do not overlap: made from the last to the first, each finds its place. */
function textAfter(document: vscode.TextDocument, edits: readonly vscode.TextEdit[]): string {
  const lastFirst = edits
    .map(({ range, newText }) => ({
      start: document.offsetAt(range.start),
      end: document.offsetAt(range.end),
      newText,
    }))
    .sort((one, other) => other.start - one.start);
  return lastFirst.reduce(
    (text, { start, end, newText }) => text.slice(0, start) + newText + text.slice(end),
    document.getText(),
  );
}
