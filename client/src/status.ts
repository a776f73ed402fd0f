import * as vscode from 'vscode';
import { counts } from './policies-view.js';
import type { Session, SessionState } from './session.js';

/** Shows the server's state beside the language mode, and says once when the server has failed. */
export function showStatus(selector: vscode.DocumentSelector, session: Session): vscode.Disposable {
  const item = vscode.languages.createLanguageStatusItem('netpol.status', selector);
  item.name = 'netpol';
  item.command = { command: 'netpol.showStatus', title: vscode.l10n.t('Details') };
  const show = (state: SessionState) => {
    item.text = statusText(state);
    item.busy = state.kind === 'starting' || state.kind === 'indexing';
    item.severity =
      state.kind === 'failed' ? vscode.LanguageStatusSeverity.Error : vscode.LanguageStatusSeverity.Information;
    item.detail = statusDetail(state);
    void vscode.commands.executeCommand('setContext', 'netpol.running', isRunning(state));
    if (state.kind === 'failed') void offerHelp(state.message);
  };
  show(session.state);
  return vscode.Disposable.from(item, session.onDidChangeState(show));
}

export function statusText(state: SessionState): string {
  switch (state.kind) {
    case 'waiting':
      return vscode.l10n.t('netpol: waits for a network policy');
    case 'starting':
      return vscode.l10n.t('netpol: starting');
    case 'failed':
      return vscode.l10n.t('netpol: not running');
    case 'indexing':
    case 'ready':
      return vscode.l10n.t('netpol: {0}', counts(state.policies, state.workloads));
  }
}

export function statusDetail(state: SessionState): string {
  switch (state.kind) {
    case 'waiting':
    case 'starting':
      return '';
    case 'failed':
      return state.message;
    case 'indexing':
      return state.message ?? vscode.l10n.t('reading the workspace, {0} so far', fileCount(state.files));
    case 'ready':
      if (state.message !== undefined) return state.message;
      return state.network === undefined
        ? vscode.l10n.t('in {0}', fileCount(state.files))
        : vscode.l10n.t('in {0}, on {1}', fileCount(state.files), state.network);
  }
}

function fileCount(files: number): string {
  return files === 1 ? vscode.l10n.t('1 file') : vscode.l10n.t('{0} files', files);
}

function isRunning(state: SessionState): boolean {
  return state.kind === 'indexing' || state.kind === 'ready';
}

async function offerHelp(message: string): Promise<void> {
  const show = vscode.l10n.t('Show Output');
  const restart = vscode.l10n.t('Restart');
  const words = vscode.l10n.t('netpol is not running. {0}', message);
  const chosen = await vscode.window.showErrorMessage(words, show, restart);
  if (chosen === show) await vscode.commands.executeCommand('netpol.showOutput');
  if (chosen === restart) await vscode.commands.executeCommand('netpol.restartServer');
}
