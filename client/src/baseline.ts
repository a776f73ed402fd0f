import * as vscode from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import {
  BASELINE,
  BASELINE_CHOICES,
  type BaselineChoices,
  type BaselineParams,
  type BaselineQuestion,
  type BaselineResult,
} from './protocol.js';

/**
 * Asks for a namespace and a folder, and writes the layered baseline there. `document` is the one that the person works
 * on, if it is a manifest; `chosen` the folder that was chosen in the explorer.
 */
export async function addBaseline(
  client: BaseLanguageClient,
  document: vscode.TextDocument | undefined,
  chosen: vscode.Uri | undefined,
): Promise<void> {
  const near = chosen ?? document?.uri;
  const root = (near && vscode.workspace.getWorkspaceFolder(near)) ?? vscode.workspace.workspaceFolders?.[0];
  if (root === undefined) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('netpol: open a folder first: the baseline is written as files.'),
    );
    return;
  }
  const question: BaselineQuestion =
    document === undefined ? {} : { textDocument: client.code2ProtocolConverter.asTextDocumentIdentifier(document) };
  const namespace = await askForNamespace(await client.sendRequest<BaselineChoices>(BASELINE_CHOICES, question));
  if (namespace === undefined) return;
  const path = await vscode.window.showInputBox({
    title: vscode.l10n.t('The Layered Baseline for Namespace {0}', namespace),
    prompt: vscode.l10n.t('The folder for the files, from {0}', root.name),
    value: chosen === undefined ? `network-policies/${namespace}` : vscode.workspace.asRelativePath(chosen, false),
    validateInput: (text) =>
      isBelow(text) ? undefined : vscode.l10n.t('Write a path below the workspace folder, such as policies/shop.'),
  });
  if (path === undefined) return;
  const folder = vscode.Uri.joinPath(root.uri, ...stepsOf(path));
  const params: BaselineParams = {
    ...question,
    namespace,
    folder: client.code2ProtocolConverter.asUri(folder),
  };
  await write(client, folder, await client.sendRequest<BaselineResult>(BASELINE, params));
}

/** One of the known namespaces, the document's first, or another that is typed. */
async function askForNamespace({ namespaces, here }: BaselineChoices): Promise<string | undefined> {
  const another = vscode.l10n.t('Another namespace…');
  const known = [...new Set([...(here === undefined ? [] : [here]), ...namespaces])];
  const title = vscode.l10n.t('Add the Layered Baseline for a Namespace');
  if (known.length > 0) {
    const chosen = await vscode.window.showQuickPick([...known, another], {
      title,
      placeHolder: vscode.l10n.t('Which namespace?'),
    });
    if (chosen !== another) return chosen;
  }
  return vscode.window.showInputBox({
    title,
    prompt: vscode.l10n.t('The name of the namespace'),
    validateInput: (text) =>
      /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text)
        ? undefined
        : vscode.l10n.t('Use at most 63 lower-case letters, digits and hyphens, not first or last a hyphen.'),
  });
}

async function write(client: BaseLanguageClient, folder: vscode.Uri, answer: BaselineResult): Promise<void> {
  const where = vscode.workspace.asRelativePath(folder);
  if (answer === null) throw new Error(vscode.l10n.t('The baseline could not be written.'));
  const taken = 'taken' in answer ? answer.taken : await existing(client, answer);
  if (taken.length > 0) {
    void vscode.window.showWarningMessage(
      vscode.l10n.t(
        'netpol: nothing was written, since {0} has {1} already. Choose another folder, or delete them.',
        where,
        taken.join(', '),
      ),
    );
    return;
  }
  if ('taken' in answer) return;
  if (!(await vscode.workspace.applyEdit(editOf(client, answer))))
    throw new Error(vscode.l10n.t('The baseline could not be written.'));
  const [first] = createdBy(client, answer);
  if (first !== undefined) await vscode.window.showTextDocument(first);
}

/** The edit with each new file's text in it: VS Code would else leave open every file that it fills. */
function editOf(client: BaseLanguageClient, answer: EditAnswer): vscode.WorkspaceEdit {
  const converter = client.protocol2CodeConverter;
  const created = new Set(createdBy(client, answer).map(String));
  const edit = new vscode.WorkspaceEdit();
  for (const change of answer.documentChanges ?? []) {
    if (!('textDocument' in change)) continue;
    const uri = converter.asUri(change.textDocument.uri);
    const edits = change.edits.flatMap((each) => ('newText' in each ? [each] : []));
    if (created.has(String(uri))) {
      const contents = new TextEncoder().encode(edits.map(({ newText }) => newText).join(''));
      edit.createFile(uri, { contents, overwrite: false });
    } else {
      edit.set(
        uri,
        edits.map(({ range, newText }) => vscode.TextEdit.replace(converter.asRange(range), newText)),
      );
    }
  }
  return edit;
}

/** Files on the disk that the server does not know, such as ignored ones. */
async function existing(client: BaseLanguageClient, answer: EditAnswer): Promise<string[]> {
  const there = createdBy(client, answer).map(async (uri) => {
    try {
      await vscode.workspace.fs.stat(uri);
      return [uri.path.slice(uri.path.lastIndexOf('/') + 1)];
    } catch (error) {
      if (error instanceof vscode.FileSystemError && error.code === 'FileNotFound') return [];
      throw error;
    }
  });
  return (await Promise.all(there)).flat();
}

type EditAnswer = Exclude<BaselineResult, null | { taken: string[] }>;

function createdBy(client: BaseLanguageClient, { documentChanges = [] }: EditAnswer): vscode.Uri[] {
  return documentChanges.flatMap((change) =>
    'kind' in change && change.kind === 'create' ? [client.protocol2CodeConverter.asUri(change.uri)] : [],
  );
}

function stepsOf(path: string): string[] {
  return path.split('/').filter((step) => step !== '' && step !== '.');
}

function isBelow(path: string): boolean {
  return stepsOf(path).length > 0 && !stepsOf(path).includes('..') && !/^[/\\]|:/.test(path);
}
