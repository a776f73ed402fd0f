import * as vscode from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { OVERVIEW, SCOPE_OBJECTS, type ScopeItem, type ScopeObject } from './protocol.js';
import { afterChanges, type Session } from './session.js';

type Node =
  | { type: 'scope'; scope: ScopeItem }
  | { type: 'namespace'; scope: string; name: string | undefined; objects: ScopeObject[] }
  | { type: 'object'; object: ScopeObject };

/**
 * The view "Network Policies" in the Explorer: scopes, their namespaces, and the policies and workloads in each. It starts
 * no server: until one runs, and where there is no policy, VS Code shows the view's welcome in its place.
 */
export function showPolicies(session: Session): vscode.Disposable {
  const changed = new vscode.EventEmitter<undefined>();
  const children = async (node: Node | undefined): Promise<Node[]> => {
    if (node?.type === 'object' || session.state.kind !== 'ready' || session.state.policies === 0) return [];
    if (node?.type === 'namespace') return node.objects.map((object) => ({ type: 'object', object }));
    const client = await session.client();
    if (node?.type === 'scope') return namespacesOf(client, node.scope.id);
    const scopes = await client.sendRequest<ScopeItem[]>(OVERVIEW, {});
    const [only] = scopes;
    if (only !== undefined && scopes.length === 1) return namespacesOf(client, only.id);
    return scopes.map((scope) => ({ type: 'scope', scope }));
  };
  const view = vscode.window.createTreeView<Node>('netpol.policies', {
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      getChildren: children,
      getTreeItem: async (node) => itemOf(await session.client(), node),
    },
    showCollapseAll: true,
  });
  const follow = () => {
    const { state } = session;
    void vscode.commands.executeCommand(
      'setContext',
      'netpol.hasPolicies',
      state.kind === 'ready' && state.policies > 0,
    );
    changed.fire(undefined);
  };
  return vscode.Disposable.from(
    view,
    changed,
    afterChanges(session, follow),
    session.onDidChangeState(({ kind }) => {
      if (kind === 'waiting' || kind === 'failed') follow();
    }),
  );
}

async function namespacesOf(client: BaseLanguageClient, scope: string): Promise<Node[]> {
  const objects = await client.sendRequest<ScopeObject[]>(SCOPE_OBJECTS, { id: scope });
  const byNamespace = new Map<string | undefined, ScopeObject[]>();
  for (const object of objects) {
    const list = byNamespace.get(object.namespace);
    if (list === undefined) byNamespace.set(object.namespace, [object]);
    else list.push(object);
  }
  return [...byNamespace]
    .sort(([one = ''], [other = '']) => one.localeCompare(other))
    .map(([name, objects]) => ({ type: 'namespace', scope, name, objects }));
}

function itemOf(client: BaseLanguageClient, node: Node): vscode.TreeItem {
  switch (node.type) {
    case 'scope': {
      const { scope } = node;
      const item = new vscode.TreeItem(scope.title, vscode.TreeItemCollapsibleState.Collapsed);
      item.id = scope.id;
      item.description = counts(scope.policies, scope.workloads);
      item.tooltip = vscode.l10n.t('{0}, judged for {1}', counts(scope.policies, scope.workloads), scope.network);
      item.iconPath = new vscode.ThemeIcon('package');
      return item;
    }
    case 'namespace': {
      const label = node.name ?? vscode.l10n.t('whole cluster, or no namespace');
      const item = new vscode.TreeItem(label, vscode.TreeItemCollapsibleState.Collapsed);
      item.id = `${node.scope} ${node.name ?? ''}`;
      const policies = node.objects.filter(({ type }) => type === 'policy').length;
      item.description = counts(policies, node.objects.length - policies);
      item.iconPath = new vscode.ThemeIcon('symbol-namespace');
      return item;
    }
    case 'object':
      return objectItem(client, node.object);
  }
}

function objectItem(client: BaseLanguageClient, { type, name, kind, location }: ScopeObject): vscode.TreeItem {
  const item = new vscode.TreeItem(name || vscode.l10n.t('without a name'));
  item.description = kind;
  item.iconPath = new vscode.ThemeIcon(type === 'policy' ? 'shield' : 'server-process');
  if (location === undefined) return item;
  const at = client.protocol2CodeConverter.asLocation(location);
  item.tooltip = `${vscode.workspace.asRelativePath(at.uri)}:${at.range.start.line + 1}`;
  item.command = {
    command: 'vscode.open',
    title: vscode.l10n.t('Open'),
    arguments: [at.uri, { selection: new vscode.Range(at.range.start, at.range.start) }],
  };
  return item;
}

/** "3 policies, 1 workload". */
export function counts(policies: number, workloads: number): string {
  const of = policies === 1 ? vscode.l10n.t('1 policy') : vscode.l10n.t('{0} policies', policies);
  const pods = workloads === 1 ? vscode.l10n.t('1 workload') : vscode.l10n.t('{0} workloads', workloads);
  if (workloads === 0) return of;
  return policies === 0 ? pods : `${of}, ${pods}`;
}
