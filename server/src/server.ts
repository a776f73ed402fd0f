import type {
  DidChangeConfigurationParams,
  DidChangeWatchedFilesParams,
  DocumentDiagnosticParams,
  DocumentDiagnosticReport,
  FileEvent,
  WorkspaceFolder,
} from 'vscode-languageserver-protocol';
import { announcements, readingWasStopped } from './announcements.js';
import type { Connection } from './connection.js';
import { Changes } from './features/changes/changes.js';
import { type Client, clientOf, folderKey, foldersOf } from './features/client.js';
import { Refusal } from './features/feature.js';
import { features } from './features/index.js';
import { headComparison } from './head-comparison.js';
import { openDocuments } from './open-documents.js';
import { readingProgress } from './reading-progress.js';
import { errorCodes, ResponseError } from './rpc/peer.js';
import { Netpol } from './service.js';
import { Charts } from './workspace/charts.js';
import { editorProblems, readEditorSettings, withoutEditors } from './workspace/editor-settings.js';
import { type FileProvider, fileName, keyOf } from './workspace/files.js';
import { leftOut } from './workspace/patterns.js';
import type { Renderer } from './workspace/rendering.js';
import type { NoRevision, Revisions } from './workspace/revisions.js';
import { kubeVersionOf, mergeSettings, problemText, readSettings } from './workspace/settings.js';
import { settingsFile } from './workspace/settings-file.js';

/** Where the files come from is decided by the entry point: Node's disk, or the client. */
export interface Host {
  files(connection: Connection, wish: 'disk' | 'client'): FileProvider;
  /** What renders the charts of a trusted workspace on the disk, where programs can be run at all. */
  renderer?(): Renderer;
  /** What reads the revisions of a trusted workspace on the disk, where programs can be run at all. */
  revisions?(): Revisions;
}

/** Wires the features to a connection, for a client of any ability. */
export function serve(connection: Connection, host: Host): void {
  let client: Client | undefined;
  let netpol: Netpol | undefined;
  let settingsOfClient: unknown = {};
  /** For a client that has settings of its own to ask for, but none of ours. */
  let settingsAtStart: unknown = {};
  let editorSettings = readEditorSettings({});
  let readings = 0;
  /** What the workspace was last read without. */
  let excluded = '';
  /** A program that says what the workspace tells it is only run where somebody has said that they trust it. */
  let trusted = false;
  let onDisk = true;
  let charts: Charts | undefined;
  let changes: Changes | undefined;
  let firstLoadEnded = () => {};
  // Before the whole workspace is known, a policy in a file that is still to come would be missed: no false alarms.
  const firstLoad = new Promise<void>((resolve) => {
    firstLoadEnded = resolve;
  });

  const session = () => {
    if (netpol === undefined || client === undefined) throw new Error('the session has not been initialized');
    return { netpol, client };
  };

  const tell = announcements(connection, session, () => documents.values());

  connection.onInitialize((params) => {
    const asking = clientOf(params);
    client = asking;
    const options: { files?: unknown; settings?: unknown; trusted?: unknown } = params.initializationOptions ?? {};
    settingsAtStart = options.settings ?? {};
    settingsOfClient = settingsAtStart;
    editorSettings = readEditorSettings(settingsOfClient);
    const folders = foldersOf(params);
    trusted = options.trusted === true;
    onDisk = options.files !== 'client';
    netpol = new Netpol(host.files(connection, options.files === 'client' ? 'client' : 'disk'), folders);
    return {
      serverInfo: { name: 'netpol-language-server' },
      capabilities: {
        textDocumentSync: { openClose: true, change: incremental },
        ...Object.assign({}, ...features.map(({ capability }) => capability?.(asking))),
        ...(asking.pull
          ? { diagnosticProvider: { identifier: 'netpol', interFileDependencies: true, workspaceDiagnostics: false } }
          : {}),
        ...(asking.folders ? { workspace: { workspaceFolders: { supported: true, changeNotifications: true } } } : {}),
      },
    };
  });

  connection.onNotification('initialized', () =>
    start()
      .catch((error: unknown) => {
        connection.log('error', `netpol could not read the workspace: ${String(error)}`);
        tell.status('failed', String(error));
      })
      .finally(firstLoadEnded),
  );

  async function start(): Promise<void> {
    const { client } = session();
    if (client.watchFiles) {
      await registered('workspace/didChangeWatchedFiles', {
        watchers: [
          ...watchedFiles.map((globPattern) => ({ globPattern })),
          // A folder that is deleted is one event, and its name can be anything.
          { globPattern: '**/*', kind: watchDelete },
        ],
      });
    }
    if (client.watchConfiguration) await registered('workspace/didChangeConfiguration', { section: 'netpol' });
    if (client.folders) connection.onNotification('workspace/didChangeWorkspaceFolders', reload);
    await reload();
  }

  async function registered(method: string, options: object): Promise<void> {
    await connection
      .register(method, options)
      .catch((error: unknown) => refused(`the registration of ${method}`, error));
  }

  /** What a client answers to what it offers to answer; undefined where it refuses all the same. */
  async function offered<R>(method: string, params?: object): Promise<R | null | undefined> {
    return connection.request<R | null>(method, params).catch((error: unknown) => {
      refused(method, error);
      return undefined;
    });
  }

  /** A client that refuses what it offers loses only that: the workspace is there without it. */
  function refused(what: string, error: unknown): void {
    connection.log('warning', `The editor refused ${what}: ${String(error)}`);
  }

  async function reload(): Promise<void> {
    const { netpol, client } = session();
    const reading = ++readings;
    if (client.folders) {
      const folders = await offered<WorkspaceFolder[]>('workspace/workspaceFolders');
      if (folders != null) netpol.workspace.setFolders(folders.map((folder) => folderKey(folder.uri)));
    }
    tell.status('indexing');
    // What is excluded has to be known before anything is listed.
    await Promise.all(netpol.workspace.folders.map((folder) => netpol.workspace.readIfThere(`${folder}/.netpol.yaml`)));
    await readClientSettings();
    excluded = String(leftOut(netpol.settings));
    const progress = readingProgress(connection, client.progress);
    // Folders that come or go meanwhile begin it anew.
    const isOver = () => progress.isCancelled() || reading !== readings;
    await netpol.workspace.load(isOver, progress.report);
    progress.end();
    if (reading !== readings) return;
    if (netpol.workspace.isPartial) connection.log('warning', readingWasStopped);
    for (const { uri, reason } of netpol.workspace.unread) connection.log('warning', `${uri} was not read: ${reason}`);
    firstLoadEnded();
    tell.status('ready');
    refresh();
    renderCharts();
  }

  connection.onNotification('netpol/trusted', () => {
    trusted = true;
    renderCharts();
    comparison.soon();
  });

  /** Renders, beside all else, what charts give now; the answers follow when they have been rendered. */
  function renderCharts(): void {
    const renderer = trusted && onDisk && tell.isReady ? host.renderer?.() : undefined;
    if (charts === undefined && renderer !== undefined) {
      const { netpol } = session();
      const current = () => ({ helm: netpol.settings.helm, kubeVersion: kubeVersionOf(netpol.settings) });
      const asWritten = 'templates are read as they are written';
      charts = new Charts(netpol.workspace, renderer, current, {
        changed: () => refresh(),
        failed: (chart, error, values) =>
          connection.log('warning', `${chart}${values === '' ? '' : ` with ${values}`}: ${error}; ${asWritten}`),
        absent: (error) => connection.log('info', `Charts are not rendered, since ${error}; ${asWritten}.`),
      });
    }
    charts?.update().catch((error: unknown) => connection.log('error', `Charts were not rendered: ${String(error)}`));
  }

  /** What differs from the repository, or why it is not asked. */
  function changesHere(): Changes | NoRevision {
    if (host.revisions === undefined || !onDisk)
      return {
        problem: 'Revisions are read with git, which takes a workspace on a disk and an editor that runs programs.',
      };
    if (!trusted)
      return { problem: 'Git is not run in a workspace that is not trusted. Trust it to compare revisions.' };
    changes ??= new Changes(session().netpol, host.revisions(), {
      changed() {
        tell.showAgain();
        tell.status('ready');
      },
      pause: pauses(),
    });
    return changes;
  }

  const comparison = headComparison(connection, {
    here: changesHere,
    isShown: () => tell.isReady && client?.commands.has('netpol.showChanges') === true,
  });

  /** Applies settings that may have changed, and reads the workspace again where other files belong to it now. */
  async function settingsChanged(): Promise<void> {
    const { netpol } = session();
    await readClientSettings();
    const now = String(leftOut(netpol.settings));
    if (now === excluded) return;
    excluded = now;
    await netpol.workspace.load();
  }

  async function readClientSettings(): Promise<void> {
    const { client } = session();
    if (client.configuration) {
      const answer = await offered<unknown[]>('workspace/configuration', { items: [{ section: 'netpol' }] });
      if (answer !== undefined) settingsOfClient = answer?.[0] ?? settingsAtStart;
    }
    applySettings();
  }

  /** The `.netpol.yaml` of a workspace folder wins over the editor's settings. */
  function applySettings(): void {
    const { netpol } = session();
    editorSettings = readEditorSettings(settingsOfClient);
    netpol.settings = readSettings(mergeSettings(settingsOfClient, settingsFile(netpol.workspace))).settings;
    // What is wrong in the file is a diagnostic there; of the editor's own settings only the log can tell.
    const shared = readSettings(settingsOfClient).problems.filter(({ path: [first] }) => first !== 'trace');
    const problems = [...withoutEditors(shared), ...editorProblems(settingsOfClient)];
    for (const problem of problems) connection.log('warning', `settings: ${problemText(problem)}`);
  }

  const documents = openDocuments(connection, {
    changed(document) {
      const { netpol } = session();
      const uri = keyOf(document.uri);
      netpol.workspace.setBuffer(uri, document.getText(), document.version);
      if (fileName(uri) === '.netpol.yaml') {
        applySettings();
        renderCharts();
      }
      refresh(uri);
    },
    async closed(document) {
      const { netpol, client } = session();
      const uri = keyOf(document.uri);
      tell.closed(uri);
      if (!client.pull) connection.notify('textDocument/publishDiagnostics', { uri: document.uri, diagnostics: [] });
      await netpol.workspace.closeBuffer(uri);
      if (fileName(uri) === '.netpol.yaml') applySettings();
      refresh();
    },
  });

  connection.onNotification(
    'workspace/didChangeWatchedFiles',
    async ({ changes: all }: DidChangeWatchedFilesParams) => {
      comparison.askHead();
      const events = all.filter(({ uri }) => !uri.includes('/.git/'));
      if (events.length < all.length) comparison.soon();
      if (events.length === 0) return;
      await filesChanged(events.map(({ uri, type }) => ({ uri: keyOf(uri), type })));
      refresh();
      renderCharts();
    },
  );

  async function filesChanged(all: readonly FileEvent[]): Promise<void> {
    const { workspace } = session().netpol;
    for (const { uri } of all) charts?.fileChanged(uri);
    // Of a chart's helpers nothing is read here.
    const changes = all.filter(({ uri }) => !uri.endsWith('.tpl'));
    const known = changes.filter(({ uri, type }) => type !== deleted && workspace.isListed(uri));
    for (const { uri, type } of changes) if (type === deleted) workspace.remove(uri);
    await Promise.all(known.map(({ uri }) => workspace.refresh(uri)));
    // What is new may be ignored: only the listing knows. An editor that saves by renaming reports changes as new files.
    const created = changes.some(({ uri, type }) => type !== deleted && !workspace.isListed(uri));
    if (created) await workspace.discover();
    if (changes.some(({ uri }) => fileName(uri) === '.netpol.yaml')) await settingsChanged();
  }

  connection.onNotification('workspace/didChangeConfiguration', async (params: DidChangeConfigurationParams) => {
    const { client } = session();
    const given: { netpol?: unknown } | null = params.settings;
    if (!client.configuration) settingsOfClient = given?.netpol ?? {};
    await settingsChanged();
    refresh();
    renderCharts();
  });

  /** Says that answers may have changed. `uri` is the document that changed, which a pulling client asks for itself. */
  function refresh(uri?: string): void {
    tell.changed(uri);
    comparison.soon();
  }

  connection.onRequest('textDocument/diagnostic', async (params: DocumentDiagnosticParams, token) => {
    await firstLoad;
    // Asked again meanwhile: the client drops an answer that it has cancelled, so it costs nothing to give none.
    if (token.isCancellationRequested) throw new ResponseError(errorCodes.requestCancelled, 'cancelled');
    return { kind: 'full', items: tell.asked(keyOf(params.textDocument.uri)) } satisfies DocumentDiagnosticReport;
  });

  for (const { method, afterLoad, answer } of features) {
    connection.onRequest(method, async (params: never, token) => {
      if (afterLoad) await firstLoad;
      const turns = pauses();
      const pause = async () => {
        await turns();
        if (token.isCancellationRequested) throw new ResponseError(errorCodes.requestCancelled, 'cancelled');
      };
      try {
        return await answer({ ...session(), editor: editorSettings, changes: changesHere(), pause }, params);
      } catch (error) {
        throw error instanceof Refusal ? new ResponseError(errorCodes.requestFailed, error.message) : error;
      }
    });
  }

  connection.listen();
}

/** Braces with plain words only: eglot refuses patterns in them, and with them the registration. */
const watchedFiles = ['**/*.{yaml,yml,json,tpl}', '**/Kustomization', '**/.git/HEAD', '**/.git/logs/HEAD'];

/** Work that takes longer lets messages be answered in between. In milliseconds. */
const turn = 8;

function pauses(): () => Promise<void> {
  let since = Date.now();
  return async () => {
    if (Date.now() - since < turn) return;
    await new Promise((resolve) => setTimeout(resolve, 0));
    since = Date.now();
  };
}

// Numbers of the protocol: `TextDocumentSyncKind`, `FileChangeType` and `WatchKind`.
const incremental = 2;
const deleted = 3;
const watchDelete = 4;
