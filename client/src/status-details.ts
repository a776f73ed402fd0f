import * as vscode from 'vscode';
import { counts } from './policies-view.js';
import { OVERVIEW, type ScopeItem } from './protocol.js';
import type { Session } from './session.js';
import { statusDetail, statusText } from './status.js';

interface StatusPick extends vscode.QuickPickItem {
  /** A command and what it is given. */
  run?: [command: string, ...args: unknown[]];
}

/** What netpol knows of the workspace, and what can be done from there. */
export async function showStatusDetails(session: Session): Promise<void> {
  const { state } = session;
  const scopes = state.kind === 'ready' ? await (await session.client()).sendRequest<ScopeItem[]>(OVERVIEW, {}) : [];
  const picks = [...stateRows(session), ...networkRows(scopes), ...actionRows(), ...scopeRows(scopes)];
  const chosen = await vscode.window.showQuickPick(picks, { title: 'netpol', placeHolder: statusText(state) });
  if (chosen?.run !== undefined) await vscode.commands.executeCommand(...chosen.run);
}

function stateRows({ state }: Session): StatusPick[] {
  const icons = { waiting: 'circle-outline', starting: 'sync', indexing: 'sync', ready: 'check', failed: 'error' };
  const found = findings();
  return [
    {
      label: statusText(state).replace(/^netpol: /, ''),
      iconPath: new vscode.ThemeIcon(icons[state.kind]),
      description: statusDetail(state),
      run: ['netpol.showOutput'],
    },
    {
      label: found.words,
      iconPath: new vscode.ThemeIcon(found.icon),
      description: vscode.l10n.t('in the open manifests'),
      run: ['workbench.actions.view.problems'],
    },
  ];
}

/** What is underlined now. */
function findings(): { words: string; icon: string } {
  const severities = vscode.languages
    .getDiagnostics()
    .flatMap(([, all]) => all.flatMap(({ source, severity }) => (source === 'netpol' ? [severity] : [])));
  const number = (wanted: vscode.DiagnosticSeverity) => severities.filter((severity) => severity === wanted).length;
  const errors = number(vscode.DiagnosticSeverity.Error);
  const warnings = number(vscode.DiagnosticSeverity.Warning);
  const others = severities.length - errors - warnings;
  if (severities.length === 0) return { words: vscode.l10n.t('No findings'), icon: 'pass' };
  const words = [
    ...(errors > 0 ? [errors === 1 ? vscode.l10n.t('1 error') : vscode.l10n.t('{0} errors', errors)] : []),
    ...(warnings > 0 ? [warnings === 1 ? vscode.l10n.t('1 warning') : vscode.l10n.t('{0} warnings', warnings)] : []),
    ...(others > 0 ? [others === 1 ? vscode.l10n.t('1 hint') : vscode.l10n.t('{0} hints', others)] : []),
  ];
  return { words: words.join(', '), icon: errors > 0 ? 'error' : warnings > 0 ? 'warning' : 'info' };
}

/** As many as fit a list; the view has all. */
const MOST_SCOPES = 12;

function scopeRows(scopes: readonly ScopeItem[]): StatusPick[] {
  if (scopes.length === 0) return [];
  const rows = scopes.slice(0, MOST_SCOPES).map(
    ({ title, policies, workloads }): StatusPick => ({
      label: title,
      iconPath: new vscode.ThemeIcon('package'),
      description: counts(policies, workloads),
      run: ['netpol.policies.focus'],
    }),
  );
  const more = scopes.length - rows.length;
  return [
    separator(vscode.l10n.t('each judged by itself')),
    ...rows,
    ...(more > 0
      ? [{ label: vscode.l10n.t('{0} more', more), run: ['netpol.policies.focus'] } satisfies StatusPick]
      : []),
  ];
}

/** The networks that are judged for, which decide what policies mean, and the setting that names one. */
function networkRows(scopes: readonly ScopeItem[]): StatusPick[] {
  return [...new Map(scopes.map((scope) => [`${scope.network} ${scope.networkFrom}`, scope])).values()].map(
    (scope): StatusPick => ({
      label: vscode.l10n.t('Judged for {0}', scope.network),
      iconPath: new vscode.ThemeIcon('globe'),
      description: networkWords(scope),
      run: ['workbench.action.openSettings', 'netpol.cni'],
    }),
  );
}

function networkWords({ networkFrom }: ScopeItem): string {
  switch (networkFrom) {
    case 'configured':
      return vscode.l10n.t('as it is configured');
    case 'manifests':
      return vscode.l10n.t('which the manifests install');
    case 'default':
      return vscode.l10n.t('since nothing names the network plugin');
  }
}

function actionRows(): StatusPick[] {
  const rows: [label: string, icon: string, command: string, ...args: unknown[]][] = [
    [vscode.l10n.t('Show the policies and workloads'), 'list-tree', 'netpol.policies.focus'],
    [vscode.l10n.t('Run the connectivity tests'), 'beaker', 'testing.runAll'],
    [vscode.l10n.t('Settings'), 'gear', 'workbench.action.openSettings', '@ext:netpol.netpol'],
    [vscode.l10n.t('Show the output'), 'output', 'netpol.showOutput'],
    [vscode.l10n.t('Restart the language server'), 'debug-restart', 'netpol.restartServer'],
    [vscode.l10n.t('Learn what netpol can do'), 'book', 'netpol.openWalkthrough'],
  ];
  return [
    separator(vscode.l10n.t('do')),
    ...rows.map(
      ([label, icon, ...run]): StatusPick => ({ label, iconPath: new vscode.ThemeIcon(icon), run: [...run] }),
    ),
  ];
}

function separator(label: string): StatusPick {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}
