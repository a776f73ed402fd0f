// Waiting for the editor without sleeping: look at once, then again whenever the editor says that something changed.
import * as vscode from 'vscode';

/** The first diagnostics of the file that satisfy the condition; an error that lists what was there otherwise. */
export function diagnosticsWhere(
  uri: vscode.Uri,
  condition: (diagnostics: readonly vscode.Diagnostic[]) => boolean,
  limit = 15_000,
): Promise<readonly vscode.Diagnostic[]> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const now = vscode.languages.getDiagnostics(uri);
      if (!condition(now)) return;
      stop();
      resolve(now);
    };
    const subscription = vscode.languages.onDidChangeDiagnostics((event) => {
      if (event.uris.some((changed) => changed.toString() === uri.toString())) look();
    });
    const timer = setTimeout(() => {
      stop();
      const there = vscode.languages.getDiagnostics(uri).map((one) => `${one.range.start.line + 1}: ${one.message}`);
      reject(new Error(`after ${limit} ms the diagnostics of ${uri.path} are still [${there.join('; ')}]`));
    }, limit);
    const stop = (): void => {
      subscription.dispose();
      clearTimeout(timer);
    };
    look();
  });
}

/** Opens a file of the sample workspace in an editor. */
export async function open(path: string): Promise<vscode.TextEditor> {
  return vscode.window.showTextDocument(await vscode.workspace.openTextDocument(workspaceFile(path)));
}

/** The address of a file in the sample workspace; its scheme differs between the editors. */
export function workspaceFile(path: string): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (folder === undefined) throw new Error('the editor has no folder open');
  return vscode.Uri.joinPath(folder.uri, path);
}

/** The plain text of all hovers at the place where the text first stands in the document. */
export async function hoverAt(document: vscode.TextDocument, text: string): Promise<string> {
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
    'vscode.executeHoverProvider',
    document.uri,
    placeOf(document, text).start,
  );
  const contents = hovers.flatMap((hover) => hover.contents);
  return contents.map((content) => (typeof content === 'string' ? content : content.value)).join('\n');
}

/** The quick fixes and other code actions offered at a place, or where the text first stands. */
export function actionsAt(document: vscode.TextDocument, at: vscode.Range | string): Thenable<vscode.CodeAction[]> {
  return vscode.commands.executeCommand(
    'vscode.executeCodeActionProvider',
    document.uri,
    typeof at === 'string' ? placeOf(document, at) : at,
    undefined,
    50,
  );
}

/** Applies a code action as the editor does: its edit first, then its command. */
export async function apply(action: vscode.CodeAction): Promise<void> {
  if (action.edit !== undefined && !(await vscode.workspace.applyEdit(action.edit))) {
    throw new Error(`the editor refused the edit of "${action.title}"`);
  }
  if (action.command === undefined) return;
  await vscode.commands.executeCommand(action.command.command, ...(action.command.arguments ?? []));
}

/** Where the text first stands in the document. */
export function placeOf(document: vscode.TextDocument, text: string): vscode.Range {
  const offset = document.getText().indexOf(text);
  if (offset < 0) throw new Error(`"${text}" does not stand in ${document.uri.path}`);
  return new vscode.Range(document.positionAt(offset), document.positionAt(offset + text.length));
}

/** Writes into the document as if typed: without waiting for a server. `replaced` is how many characters go. */
export async function typeInto(
  document: vscode.TextDocument,
  offset: number,
  text: string,
  replaced = 0,
): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.replace(
    document.uri,
    new vscode.Range(document.positionAt(offset), document.positionAt(offset + replaced)),
    text,
  );
  if (!(await vscode.workspace.applyEdit(edit))) throw new Error(`the editor refused to write "${text}"`);
}

/** The document's text once it satisfies the condition. */
export function textWhere(
  document: vscode.TextDocument,
  condition: (text: string) => boolean,
  limit = 15_000,
): Promise<string> {
  return firstWhere({
    what: `text in ${document.uri.path}`,
    read: () => document.getText(),
    condition,
    changed: (look) => vscode.workspace.onDidChangeTextDocument((event) => event.document === document && look()),
    limit,
  });
}

/** A tab that satisfies the condition, once there is one. */
export async function tabWhere(condition: (tab: vscode.Tab) => boolean, limit = 15_000): Promise<void> {
  const tabs = () => vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  await firstWhere({
    what: 'tab',
    read: () => tabs().map((tab) => `${tab.group.viewColumn}: ${tab.label}`),
    condition: () => tabs().some(condition),
    changed: (look) => vscode.window.tabGroups.onDidChangeTabs(look),
    limit,
  });
}

function firstWhere<T>(options: {
  readonly what: string;
  read(): T;
  condition(value: T): boolean;
  changed(look: () => void): vscode.Disposable;
  readonly limit: number;
}): Promise<T> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const now = options.read();
      if (!options.condition(now)) return;
      stop();
      resolve(now);
    };
    const subscription = options.changed(look);
    const timer = setTimeout(() => {
      stop();
      reject(
        new Error(`after ${options.limit} ms there is no such ${options.what}, but ${JSON.stringify(options.read())}`),
      );
    }, options.limit);
    const stop = (): void => {
      subscription.dispose();
      clearTimeout(timer);
    };
    look();
  });
}

/** Opens a file, and waits until the server has read the workspace. */
export async function ready(path: string): Promise<vscode.TextEditor> {
  const editor = await open(path);
  const extension = vscode.extensions.getExtension<{ ready(): Promise<void> }>('netpol.netpol');
  if (extension === undefined) throw new Error('netpol.netpol is not there');
  const api = await extension.activate();
  await api.ready();
  return editor;
}

/** Asks again until the answer is complete: the server may still be reading, and no event tells of an answer to come. */
export async function answered<T>(command: string, isComplete: (answer: T) => boolean, ...args: unknown[]): Promise<T> {
  const end = Date.now() + 15_000;
  for (;;) {
    const answer = await vscode.commands.executeCommand<T>(command, ...args);
    if (answer !== undefined && answer !== null && isComplete(answer)) return answer;
    if (Date.now() > end) throw new Error(`${command} answers ${JSON.stringify(answer)}`);
  }
}
