import {
  type CodeAction,
  CodeActionKind,
  type Connection,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  FileChangeType,
  type InitializeParams,
  type InitializeResult,
  TextDocumentSyncKind,
  TextDocuments,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import {
  actionData,
  addPolicyKind,
  codeActions,
  editOfAction,
  fixAllKind,
  offersAt,
  rangeOffsets,
  templateChanges,
  workspaceEdit,
} from './features/code-actions.js';
import { type DiagnosticSupport, diagnosticsOf } from './features/diagnostics.js';
import { effectiveAt, hoverAt } from './features/hover.js';
import { Netpol } from './service.js';
import { toData } from './text/data.js';
import { type FileProvider, fileName, folderOf } from './workspace/files.js';
import { isKustomizationFile } from './workspace/kustomization.js';
import { readSettings } from './workspace/settings.js';

/** Where the files come from is decided by the entry point: Node's disk, or the client. */
export interface Host {
  files(connection: Connection, wish: 'disk' | 'client', exclude: () => readonly string[]): FileProvider;
}

/** What the client offered, as far as the server acts on it. */
interface Client extends DiagnosticSupport {
  readonly pull: boolean;
  readonly refresh: boolean;
  readonly configuration: boolean;
  readonly watchFiles: boolean;
  readonly watchConfiguration: boolean;
  readonly folders: boolean;
  readonly resolvesEdits: boolean;
  readonly literals: boolean;
}

function clientOf({ capabilities }: InitializeParams): Client {
  const text = capabilities.textDocument;
  const workspace = capabilities.workspace;
  return {
    pull: text?.diagnostic !== undefined,
    refresh: workspace?.diagnostics?.refreshSupport === true,
    configuration: workspace?.configuration === true,
    watchFiles: workspace?.didChangeWatchedFiles?.dynamicRegistration === true,
    watchConfiguration: workspace?.didChangeConfiguration?.dynamicRegistration === true,
    folders: workspace?.workspaceFolders === true,
    relatedInformation: text?.publishDiagnostics?.relatedInformation === true || text?.diagnostic !== undefined,
    codeDescription: text?.publishDiagnostics?.codeDescriptionSupport === true || text?.diagnostic !== undefined,
    resolvesEdits:
      text?.codeAction?.resolveSupport?.properties.includes('edit') === true && text.codeAction.dataSupport === true,
    literals: text?.codeAction?.codeActionLiteralSupport !== undefined,
  };
}

/** Wires the features to a connection, for a client of any ability. */
export function serve(connection: Connection, host: Host): void {
  const documents = new TextDocuments(TextDocument);
  let client: Client | undefined;
  let netpol: Netpol | undefined;
  let settingsOfClient: unknown = {};
  let reportedCrashes = 0;
  let statusPending = false;

  const session = () => {
    if (netpol === undefined || client === undefined) throw new Error('the session has not been initialized');
    return { netpol, client };
  };

  connection.onInitialize((params): InitializeResult => {
    client = clientOf(params);
    const options: { files?: unknown; settings?: unknown } = params.initializationOptions ?? {};
    settingsOfClient = options.settings ?? {};
    const folders = foldersOf(params);
    const provider = host.files(
      connection,
      options.files === 'client' ? 'client' : 'disk',
      () => netpol?.settings.exclude ?? [],
    );
    netpol = new Netpol(provider, folders);
    return {
      serverInfo: { name: 'netpol-language-server' },
      capabilities: {
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
        hoverProvider: true,
        codeActionProvider: client.literals
          ? {
              codeActionKinds: [CodeActionKind.QuickFix, addPolicyKind, fixAllKind],
              resolveProvider: client.resolvesEdits,
            }
          : false,
        ...(client.pull
          ? { diagnosticProvider: { identifier: 'netpol', interFileDependencies: true, workspaceDiagnostics: false } }
          : {}),
        ...(client.folders ? { workspace: { workspaceFolders: { supported: true, changeNotifications: true } } } : {}),
      },
    };
  });

  connection.onInitialized(() => {
    void start().catch((error: unknown) => {
      connection.console.error(`netpol could not read the workspace: ${String(error)}`);
      sendStatus('failed', String(error));
    });
  });

  async function start(): Promise<void> {
    const { client } = session();
    if (client.watchFiles) {
      await connection.client.register(DidChangeWatchedFilesNotification.type, {
        watchers: [{ globPattern: '**/*.{yaml,yml,json}' }],
      });
    }
    if (client.watchConfiguration) {
      await connection.client.register(DidChangeConfigurationNotification.type, { section: 'netpol' });
    }
    if (client.folders) {
      connection.workspace.onDidChangeWorkspaceFolders(() => void reload());
    }
    await reload();
  }

  async function reload(): Promise<void> {
    const { netpol, client } = session();
    if (client.folders) {
      const folders = await connection.workspace.getWorkspaceFolders();
      if (folders !== null) netpol.workspace.setFolders(folders.map((folder) => folder.uri.replace(/\/$/, '')));
    }
    await readClientSettings();
    sendStatus('indexing');
    await netpol.workspace.load();
    applySettings();
    for (const { uri, reason } of netpol.workspace.unread) connection.console.warn(`${uri} was not read: ${reason}`);
    sendStatus('ready');
    refresh();
  }

  async function readClientSettings(): Promise<void> {
    const { client } = session();
    if (client.configuration) settingsOfClient = (await connection.workspace.getConfiguration('netpol')) ?? {};
    applySettings();
  }

  /** The `.netpol.yaml` of a workspace folder wins over the editor's settings. */
  function applySettings(): void {
    const { netpol } = session();
    const { settings, problems } = readSettings(mergeSettings(settingsOfClient, settingsFile(netpol)));
    netpol.settings = settings;
    for (const problem of problems) connection.console.warn(`settings: ${problem}`);
  }

  documents.onDidChangeContent(({ document }) => {
    const { netpol } = session();
    netpol.workspace.setBuffer(document.uri, document.getText(), document.version);
    if (fileName(document.uri) === '.netpol.yaml') applySettings();
    refresh(document.uri);
  });

  documents.onDidClose(({ document }) => {
    const { netpol, client } = session();
    if (!client.pull) void connection.sendDiagnostics({ uri: document.uri, diagnostics: [] });
    void netpol.workspace.closeBuffer(document.uri).then(() => refresh());
  });

  connection.onDidChangeWatchedFiles(({ changes }) => {
    const { netpol } = session();
    void Promise.all(
      changes.map(({ uri, type }) => {
        if (type === FileChangeType.Deleted) return netpol.workspace.remove(uri);
        if (uri.includes('/node_modules/') || uri.includes('/.git/')) return undefined;
        return netpol.workspace.refresh(uri);
      }),
    ).then(() => {
      if (changes.some(({ uri }) => fileName(uri) === '.netpol.yaml' || isKustomizationFile(uri))) applySettings();
      refresh();
    });
  });

  connection.onDidChangeConfiguration((params) => {
    const { client } = session();
    const given: { netpol?: unknown } | null = params.settings;
    if (!client.configuration) settingsOfClient = given?.netpol ?? {};
    void readClientSettings().then(() => refresh());
  });

  /** Says that answers may have changed. `uri` is the document that changed, which a pulling client asks for itself. */
  function refresh(uri?: string): void {
    const { client, netpol } = session();
    reportCrashes(netpol);
    if (client.pull) {
      // With interFileDependencies a pulling client asks again for the other open documents when one changes.
      if (uri === undefined && client.refresh) void connection.languages.diagnostics.refresh();
    } else pushSoon();
    statusSoon();
  }

  let pushPending = false;
  function pushSoon(): void {
    if (pushPending) return;
    pushPending = true;
    // After the messages that are already here: a burst of edits gets one answer.
    queueMicrotask(() => {
      pushPending = false;
      const { netpol, client } = session();
      for (const document of documents.all()) {
        void connection.sendDiagnostics({
          uri: document.uri,
          version: document.version,
          diagnostics: diagnosticsOf(netpol, document.uri, client),
        });
      }
      reportCrashes(netpol);
    });
  }

  function reportCrashes(netpol: Netpol): void {
    for (const { rule, error } of netpol.crashes.slice(reportedCrashes)) {
      connection.console.error(
        `The rule ${rule} failed; please report this. ${error instanceof Error ? error.stack : String(error)}`,
      );
    }
    reportedCrashes = netpol.crashes.length;
  }

  let ready = false;
  function statusSoon(): void {
    if (statusPending || !ready) return;
    statusPending = true;
    queueMicrotask(() => {
      statusPending = false;
      sendStatus('ready');
    });
  }

  function sendStatus(state: 'indexing' | 'ready' | 'failed', message?: string): void {
    const { workspace } = session().netpol;
    const count = { policies: 0, workloads: 0 };
    if (state === 'ready') {
      ready = true;
      for (const scope of workspace.index.scopes) {
        count.policies += scope.policies.length;
        count.workloads += scope.workloads.length;
      }
    }
    void connection.sendNotification('netpol/status', {
      state,
      files: workspace.files.size,
      ...count,
      ...(message === undefined ? {} : { message }),
    });
  }

  connection.languages.diagnostics.on((params, token) => {
    const { netpol, client } = session();
    const items = token.isCancellationRequested ? [] : diagnosticsOf(netpol, params.textDocument.uri, client);
    reportCrashes(netpol);
    return { kind: 'full' as const, items };
  });

  connection.onHover(({ textDocument, position }) => {
    const { netpol } = session();
    const file = netpol.workspace.file(textDocument.uri);
    return file === undefined ? null : (hoverAt(netpol, textDocument.uri, file.lines.offsetAt(position)) ?? null);
  });

  connection.onCodeAction(({ textDocument, range, context }): CodeAction[] => {
    const { netpol, client } = session();
    const offsets = rangeOffsets(netpol, textDocument.uri, range);
    if (offsets === undefined) return [];
    const actions = codeActions(netpol, {
      uri: textDocument.uri,
      range: offsets,
      diagnostics: context.diagnostics,
      only: context.only,
      support: client,
    });
    if (client.resolvesEdits) return actions;
    return actions.flatMap((action) => resolved(action) ?? []);
  });

  connection.onCodeActionResolve((action) => resolved(action) ?? action);

  function resolved(action: CodeAction): CodeAction | undefined {
    const data = actionData(action);
    const edit = data === undefined ? undefined : editOfAction(session().netpol, data);
    if (edit === undefined) return undefined;
    const { data: _, ...rest } = action;
    return { ...rest, edit };
  }

  connection.onRequest('netpol/effective', ({ textDocument, position }: AtPosition) => {
    const { netpol } = session();
    const file = netpol.workspace.file(textDocument.uri);
    return file === undefined ? null : (effectiveAt(netpol, textDocument.uri, file.lines.offsetAt(position)) ?? null);
  });

  connection.onRequest('netpol/templates', ({ textDocument, position }: AtPosition) => {
    const { netpol } = session();
    const file = netpol.workspace.file(textDocument.uri);
    if (file === undefined) return [];
    return offersAt(netpol, textDocument.uri, file.lines.offsetAt(position), 'anywhere').map(
      ({ template, present }) => ({
        id: template.id,
        title: template.title,
        description: template.id,
        detail: template.description,
        present,
      }),
    );
  });

  connection.onRequest('netpol/applyTemplate', ({ id, textDocument, position }: AtPosition & { id: string }) => {
    const { netpol } = session();
    const file = netpol.workspace.file(textDocument.uri);
    if (file === undefined) return null;
    const offer = offersAt(netpol, textDocument.uri, file.lines.offsetAt(position), 'anywhere').find(
      (each) => each.template.id === id,
    );
    const changes = offer === undefined ? undefined : templateChanges(netpol, textDocument.uri, offer);
    return changes === undefined ? null : (workspaceEdit(netpol, changes) ?? null);
  });

  documents.listen(connection);
  connection.listen();
}

interface AtPosition {
  readonly textDocument: { readonly uri: string };
  readonly position: { readonly line: number; readonly character: number };
}

function foldersOf(params: InitializeParams): readonly string[] {
  const folders =
    params.workspaceFolders?.map((folder) => folder.uri) ?? (params.rootUri == null ? [] : [params.rootUri]);
  return folders.map((uri) => uri.replace(/\/$/, ''));
}

function settingsFile(netpol: Netpol): unknown {
  for (const folder of netpol.workspace.folders) {
    const file = netpol.workspace.file(`${folder}/.netpol.yaml`);
    if (file !== undefined && folderOf(file.uri) === folder) return toData(file.documents[0]?.document.root);
  }
  return undefined;
}

/** The file's keys before the editor's, one level deep for maps: `rules` and `cluster` are joined. */
export function mergeSettings(editor: unknown, file: unknown): unknown {
  if (typeof file !== 'object' || file === null) return editor;
  if (typeof editor !== 'object' || editor === null) return file;
  const merged: Record<string, unknown> = { ...editor };
  for (const [key, value] of Object.entries(file)) {
    const below = merged[key];
    merged[key] =
      typeof value === 'object' &&
      value !== null &&
      !Array.isArray(value) &&
      typeof below === 'object' &&
      below !== null
        ? { ...below, ...value }
        : value;
  }
  return merged;
}
