import * as vscode from 'vscode';
import type { Session, SessionState } from './session.js';

/** Shows the server's state beside the language mode, and says once when the server has failed. */
export function showStatus(selector: vscode.DocumentSelector, session: Session): vscode.Disposable {
  const item = vscode.languages.createLanguageStatusItem('netpol.status', selector);
  item.name = 'netpol';
  item.command = { command: 'netpol.showOutput', title: 'Show Output' };
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

function statusText(state: SessionState): string {
  switch (state.kind) {
    case 'waiting':
      return 'netpol: waits for a network policy';
    case 'starting':
      return 'netpol: starting';
    case 'failed':
      return 'netpol: not running';
    case 'indexing':
    case 'ready':
      return `netpol: ${count(state.policies, 'policy', 'policies')}, ${count(state.workloads, 'workload', 'workloads')}`;
  }
}

function statusDetail(state: SessionState): string {
  switch (state.kind) {
    case 'waiting':
    case 'starting':
      return '';
    case 'failed':
      return state.message;
    case 'indexing':
      return state.message ?? `reading the workspace, ${count(state.files, 'file', 'files')} so far`;
    case 'ready':
      return (
        state.message ??
        `in ${count(state.files, 'file', 'files')}${state.network === undefined ? '' : `, on ${state.network}`}`
      );
  }
}

function count(n: number, one: string, many: string): string {
  return `${n} ${n === 1 ? one : many}`;
}

function isRunning(state: SessionState): boolean {
  return state.kind === 'indexing' || state.kind === 'ready';
}

async function offerHelp(message: string): Promise<void> {
  const chosen = await vscode.window.showErrorMessage(`netpol is not running. ${message}`, 'Show Output', 'Restart');
  if (chosen === 'Show Output') await vscode.commands.executeCommand('netpol.showOutput');
  if (chosen === 'Restart') await vscode.commands.executeCommand('netpol.restartServer');
}
