import * as vscode from 'vscode';
import {
  isNetpolConfig,
  isNetpolTest,
  looksLikeManifest,
  looksLikePolicy,
  mayMakePolicy,
  SCAN_LIMIT,
} from './looks-like-policy.js';

/**
 * Calls `start` once, when an open document looks like a policy (or is `.netpol.yaml`, or a file of tests), and stops watching. Until then
 * it does no more than look at the beginning of YAML and JSON documents that are opened or edited.
 */
export function startAtFirstPolicy(selector: vscode.DocumentSelector, start: () => void): vscode.Disposable {
  const watchers: vscode.Disposable[] = [];
  const stopWatching = () => {
    for (const watcher of watchers.splice(0)) watcher.dispose();
  };
  const consider = (document: vscode.TextDocument): boolean => {
    if (vscode.languages.match(selector, document) === 0) return false;
    const { path } = document.uri;
    const text = beginning(document);
    if (looksLikeManifest(text)) void vscode.commands.executeCommand('setContext', 'netpol.manifests', true);
    if (!isNetpolConfig(path) && !isNetpolTest(path) && !looksLikePolicy(text)) return false;
    stopWatching();
    start();
    return true;
  };

  if (vscode.workspace.textDocuments.some(consider)) return new vscode.Disposable(() => {});
  watchers.push(
    vscode.workspace.onDidOpenTextDocument(consider),
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (contentChanges.some((change) => mayMakePolicy(linesAround(document, change)))) consider(document);
    }),
  );
  return new vscode.Disposable(stopWatching);
}

// Lines of a manifest are longer than this on average, so the scan's own limit is the one that counts.
const SCAN_LINES = SCAN_LIMIT / 16;

/** As much of a document as is looked at to tell what it is. */
export function beginning(document: vscode.TextDocument): string {
  return document.getText(new vscode.Range(0, 0, SCAN_LINES, 0));
}

/** The whole lines that a change has written, as they are now. */
function linesAround(document: vscode.TextDocument, change: vscode.TextDocumentContentChangeEvent): string {
  if (change.text.length >= SCAN_LIMIT) return change.text;
  const first = change.range.start.line;
  const last = first + change.text.split('\n').length;
  return document.getText(new vscode.Range(first, 0, last, 0));
}
