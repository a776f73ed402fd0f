import {
  type CodeAction,
  CodeActionKind,
  type Connection,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  FileChangeType,
  type InitializeResult,
  LSPErrorCodes,
  ResponseError,
  TextDocumentSyncKind,
  TextDocuments,
  WatchKind,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { type Client, clientOf, folderKey, foldersOf } from './features/client.js';
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
import { diagnosticsOf } from './features/diagnostics.js';
import { effectiveAt, hoverAt } from './features/hover.js';
import { Netpol } from './service.js';
import { type FileProvider, fileName, keyOf } from './workspace/files.js';
import { mergeSettings, readSettings } from './workspace/settings.js';
import { settingsFile } from './workspace/settings-file.js';

/** Where the files come from is decided by the entry point: Node's disk, or the client. */
export interface Host {
  files(connection: Connection, wish: 'disk' | 'client'): FileProvider;
}

/** Wires the features to a connection, for a client of any ability. */
export function serve(connection: Connection, host: Host): void {
  const documents = new TextDocuments(TextDocument);
  let client: Client | undefined;
  let netpol: Netpol | undefined;
  let settingsOfClient: unknown = {};
  let reportedCrashes = 0;
  let statusPending = false;
  /** What the workspace was last read without. */
  let excluded = '';
  let firstLoadEnded = () => {};
  // Before the whole workspace is known, a policy in a file that is still to come would be missed: no false alarms.
  const firstLoad = new Promise<void>((resolve) => {
    firstLoadEnded = resolve;
  });

  const session = () => {
    if (netpol === undefined || client === undefined) throw new Error('the session has not been initialized');
    return { netpol, client };
  };

  connection.onInitialize((params): InitializeResult => {
    client = clientOf(params);
    const options: { files?: unknown; settings?: unknown } = params.initializationOptions ?? {};
    settingsOfClient = options.settings ?? {};
    const folders = foldersOf(params);
    netpol = new Netpol(host.files(connection, options.files === 'client' ? 'client' : 'disk'), folders);
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
    start()
      .catch((error: unknown) => {
        connection.console.error(`netpol could not read the workspace: ${String(error)}`);
        sendStatus('failed', String(error));
      })
      .finally(firstLoadEnded);
  });

  async function start(): Promise<void> {
    const { client } = session();
    if (client.watchFiles) {
      await connection.client.register(DidChangeWatchedFilesNotification.type, {
        watchers: [
          { globPattern: '**/{*.yaml,*.yml,*.json,Kustomization}' },
          // A folder that is deleted is one event, and its name can be anything.
          { globPattern: '**/*', kind: WatchKind.Delete },
        ],
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
      if (folders !== null) netpol.workspace.setFolders(folders.map((folder) => folderKey(folder.uri)));
    }
    sendStatus('indexing');
    // What is excluded has to be known before anything is listed.
    await Promise.all(netpol.workspace.folders.map((folder) => netpol.workspace.readIfThere(`${folder}/.netpol.yaml`)));
    await readClientSettings();
    excluded = String(netpol.settings.exclude);
    await netpol.workspace.load();
    for (const { uri, reason } of netpol.workspace.unread) connection.console.warn(`${uri} was not read: ${reason}`);
    firstLoadEnded();
    sendStatus('ready');
    refresh();
  }

  /** Applies settings that may have changed, and reads the workspace again where other files belong to it now. */
  async function settingsChanged(): Promise<void> {
    const { netpol } = session();
    await readClientSettings();
    if (String(netpol.settings.exclude) === excluded) return;
    excluded = String(netpol.settings.exclude);
    await netpol.workspace.load();
  }

  async function readClientSettings(): Promise<void> {
    const { client } = session();
    if (client.configuration) settingsOfClient = (await connection.workspace.getConfiguration('netpol')) ?? {};
    applySettings();
  }

  /** The `.netpol.yaml` of a workspace folder wins over the editor's settings. */
  function applySettings(): void {
    const { netpol } = session();
    const { settings, problems } = readSettings(mergeSettings(settingsOfClient, settingsFile(netpol.workspace)));
    netpol.settings = settings;
    for (const problem of problems) connection.console.warn(`settings: ${problem}`);
  }

  documents.onDidChangeContent(({ document }) => {
    const { netpol } = session();
    const uri = keyOf(document.uri);
    netpol.workspace.setBuffer(uri, document.getText(), document.version);
    if (fileName(uri) === '.netpol.yaml') applySettings();
    refresh(uri);
  });

  documents.onDidClose(({ document }) => {
    const { netpol, client } = session();
    told.delete(keyOf(document.uri));
    if (!client.pull) void connection.sendDiagnostics({ uri: document.uri, diagnostics: [] });
    void netpol.workspace.closeBuffer(keyOf(document.uri)).then(() => {
      if (fileName(document.uri) === '.netpol.yaml') applySettings();
      refresh();
    });
  });

  connection.onDidChangeWatchedFiles(({ changes }) => {
    void filesChanged(changes.map(({ uri, type }) => ({ uri: keyOf(uri), type }))).then(() => refresh());
  });

  async function filesChanged(changes: readonly { uri: string; type: FileChangeType }[]): Promise<void> {
    const { workspace } = session().netpol;
    const known = changes.filter(({ uri, type }) => type !== FileChangeType.Deleted && workspace.isListed(uri));
    for (const { uri, type } of changes) if (type === FileChangeType.Deleted) workspace.remove(uri);
    await Promise.all(known.map(({ uri }) => workspace.refresh(uri)));
    // What is new may be ignored: only the listing knows. An editor that saves by renaming reports changes as new files.
    const created = changes.some(({ uri, type }) => type !== FileChangeType.Deleted && !workspace.isListed(uri));
    if (created) await workspace.discover();
    if (changes.some(({ uri }) => fileName(uri) === '.netpol.yaml')) await settingsChanged();
  }

  connection.onDidChangeConfiguration((params) => {
    const { client } = session();
    const given: { netpol?: unknown } | null = params.settings;
    if (!client.configuration) settingsOfClient = given?.netpol ?? {};
    void settingsChanged().then(() => refresh());
  });

  /** Says that answers may have changed. `uri` is the document that changed, which a pulling client asks for itself. */
  function refresh(uri?: string): void {
    const { client, netpol } = session();
    reportCrashes(netpol);
    if (client.pull) {
      if (uri !== undefined) lookForStaleSoon();
      else if (client.refresh) void connection.languages.diagnostics.refresh();
    } else pushSoon();
    statusSoon();
  }

  /** What a pulling client was last told of each open document. */
  const told = new Map<string, string>();
  let staleTimer: ReturnType<typeof setTimeout> | undefined;

  /**
   * A pulling client asks again for the document that changed. That others depend on it is announced, but clients act on
   * that late, and VS Code never for the active document: where an answer has become stale, it is told to ask again.
   */
  function lookForStaleSoon(): void {
    clearTimeout(staleTimer);
    staleTimer = setTimeout(() => {
      const { netpol, client } = session();
      const isStale = ([uri, before]: [string, string]) =>
        JSON.stringify(diagnosticsOf(netpol, uri, client)) !== before;
      if (client.refresh && [...told].some(isStale)) void connection.languages.diagnostics.refresh();
    }, staleAfter);
  }

  let pushPending = false;
  function pushSoon(): void {
    // Nothing is said before the workspace is known: what another file allows must not be called missing.
    if (pushPending || !ready) return;
    pushPending = true;
    // After the messages that are already here: a burst of edits gets one answer.
    queueMicrotask(() => {
      pushPending = false;
      const { netpol, client } = session();
      for (const document of documents.all()) {
        void connection.sendDiagnostics({
          uri: document.uri,
          version: document.version,
          diagnostics: diagnosticsOf(netpol, keyOf(document.uri), client),
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

  connection.languages.diagnostics.on(async (params, token) => {
    await firstLoad;
    // Asked again meanwhile: the client drops an answer that it has cancelled, so it costs nothing to give none.
    if (token.isCancellationRequested) throw new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled');
    const { netpol, client } = session();
    const uri = keyOf(params.textDocument.uri);
    const items = diagnosticsOf(netpol, uri, client);
    if (netpol.workspace.isOpen(uri)) told.set(uri, JSON.stringify(items));
    reportCrashes(netpol);
    return { kind: 'full' as const, items };
  });

  /** The place a request is about; undefined for a document that is not known. */
  function placeOf({ textDocument, position }: AtPosition): { uri: string; offset: number } | undefined {
    const uri = keyOf(textDocument.uri);
    const file = session().netpol.workspace.file(uri);
    return file === undefined ? undefined : { uri, offset: file.lines.offsetAt(position) };
  }

  connection.onHover((params) => {
    const at = placeOf(params);
    return at === undefined ? null : (hoverAt(session().netpol, at.uri, at.offset) ?? null);
  });

  connection.onCodeAction(({ textDocument, range, context }): CodeAction[] => {
    const { netpol, client } = session();
    const uri = keyOf(textDocument.uri);
    const offsets = rangeOffsets(netpol, uri, range);
    if (offsets === undefined) return [];
    const actions = codeActions(netpol, {
      uri,
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

  connection.onRequest('netpol/effective', (params: AtPosition) => {
    const at = placeOf(params);
    return at === undefined ? null : (effectiveAt(session().netpol, at.uri, at.offset) ?? null);
  });

  connection.onRequest('netpol/templates', (params: AtPosition) => {
    const at = placeOf(params);
    if (at === undefined) return [];
    return offersAt(session().netpol, at.uri, at.offset, 'anywhere').map(({ template, present }) => ({
      id: template.id,
      title: template.title,
      description: template.id,
      detail: template.description,
      present,
    }));
  });

  connection.onRequest('netpol/applyTemplate', ({ id, ...params }: AtPosition & { id: string }) => {
    const { netpol } = session();
    const at = placeOf(params);
    if (at === undefined) return null;
    const offer = offersAt(netpol, at.uri, at.offset, 'anywhere').find((each) => each.template.id === id);
    const changes = offer === undefined ? undefined : templateChanges(netpol, at.uri, offer);
    return changes === undefined ? null : (workspaceEdit(netpol, changes) ?? null);
  });

  documents.listen(connection);
  connection.listen();
}

/** After the last edit of a burst, in milliseconds: the other documents are not judged at every key. */
const staleAfter = 150;

interface AtPosition {
  readonly textDocument: { readonly uri: string };
  readonly position: { readonly line: number; readonly character: number };
}
