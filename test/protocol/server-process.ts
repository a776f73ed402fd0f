import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  type ClientCapabilities,
  type CodeAction,
  createProtocolConnection,
  type Diagnostic,
  type DocumentDiagnosticReport,
  type Hover,
  type InitializeResult,
  type MessageReader,
  type MessageWriter,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
  ReadableStreamMessageReader,
  type RegistrationParams,
  StreamMessageReader,
  StreamMessageWriter,
  type TextDocumentContentChangeEvent,
  type WorkspaceEdit,
} from 'vscode-languageserver-protocol/node';
import { TextDocument } from 'vscode-languageserver-textdocument';

/** What VS Code's client offers, as far as netpol looks at it. */
export const rich: ClientCapabilities = {
  textDocument: {
    synchronization: { dynamicRegistration: true },
    hover: { contentFormat: ['markdown', 'plaintext'] },
    completion: { completionItem: { documentationFormat: ['markdown', 'plaintext'] } },
    diagnostic: { dynamicRegistration: true, relatedDocumentSupport: false },
    publishDiagnostics: { relatedInformation: true, codeDescriptionSupport: true, versionSupport: true },
    codeAction: {
      dataSupport: true,
      isPreferredSupport: true,
      resolveSupport: { properties: ['edit'] },
      codeActionLiteralSupport: {
        codeActionKind: { valueSet: ['', 'quickfix', 'refactor', 'source', 'source.fixAll'] },
      },
    },
  },
  workspace: {
    configuration: true,
    workspaceFolders: true,
    didChangeConfiguration: { dynamicRegistration: true },
    didChangeWatchedFiles: { dynamicRegistration: true },
    diagnostics: { refreshSupport: true },
  },
};

/** A client that only knows the protocol's first version: answers are pushed, nothing is asked for. */
export const poor: ClientCapabilities = {};

/** `poor` with code actions as literals, but without resolving them. */
export const withoutResolve: ClientCapabilities = {
  textDocument: {
    publishDiagnostics: { relatedInformation: true, codeDescriptionSupport: true },
    codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: ['quickfix', 'refactor', 'source'] } } },
  },
};

export interface StartOptions {
  readonly capabilities?: ClientCapabilities;
  /** Files by their path below the workspace folder. Without any there is no folder. */
  readonly files?: Readonly<Record<string, string>>;
  /** What the client answers to `workspace/configuration` for `netpol`. */
  readonly settings?: unknown;
  readonly initializationOptions?: unknown;
  /** What the server's environment has besides. */
  readonly env?: Readonly<Record<string, string>>;
}

interface Status {
  readonly state: 'indexing' | 'ready' | 'failed';
  readonly files: number;
  readonly policies: number;
  readonly workloads: number;
  readonly network?: string;
}

/** Messages that came, and a way to wait for one: of those before, or of those to come. */
export class Inbox<T> {
  readonly all: T[] = [];
  readonly #waiting: (() => void)[] = [];

  constructor(private readonly what: string) {}

  add(item: T): void {
    this.all.push(item);
    for (const look of [...this.#waiting]) look();
  }

  /** The first message from number `from` on that satisfies the condition. */
  where(condition: (item: T) => boolean, from = 0): Promise<T> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = this.all.slice(from).find(condition);
        if (found === undefined) return;
        clearTimeout(timer);
        this.#waiting.splice(this.#waiting.indexOf(look), 1);
        resolve(found);
      };
      const timer = setTimeout(() => {
        reject(
          new Error(`no such ${this.what} came; there were ${JSON.stringify(this.all.slice(from), undefined, 1)}`),
        );
      }, 15_000);
      this.#waiting.push(look);
      look();
    });
  }
}

/** A server in a process of its own, and a client of it. Ends with the test. */
export class ServerProcess {
  readonly statuses = new Inbox<Status>('status');
  readonly published = new Inbox<PublishDiagnosticsParams>('published diagnostics');
  readonly logged = new Inbox<{ type: number; message: string }>('log message');
  readonly registrations = new Inbox<string>('registration');
  readonly refreshes = new Inbox<true>('diagnostic refresh');
  readonly requested: string[] = [];
  initialized: InitializeResult = { capabilities: {} };
  /** What the client answers to `workspace/configuration`; a test may change it. */
  settings: unknown;

  private constructor(
    readonly process: ChildProcess,
    readonly connection: ProtocolConnection,
    readonly exited: Promise<number | null>,
    /** The workspace folder on the disk, or an empty text. */
    readonly folder: string,
  ) {}

  /** Starts a server, initializes it and waits until it has read the workspace. */
  static async start(t: TestContext, options: StartOptions = {}): Promise<ServerProcess> {
    const server = await ServerProcess.spawned(t, options);
    await server.initialize(options);
    await server.statuses.where(({ state }) => state === 'ready');
    // The first refresh says that the workspace has been read; a test waits for those that it causes.
    if ((options.capabilities ?? rich).workspace?.diagnostics?.refreshSupport === true) {
      await server.refreshes.where(() => true);
    }
    return server;
  }

  /** A server that has been sent nothing yet. */
  static async spawned(t: TestContext, options: StartOptions = {}): Promise<ServerProcess> {
    const folder = options.files === undefined ? '' : await writeFiles(t, options.files);
    const child = spawn(process.execPath, [serverModule, '--stdio'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...options.env },
    });
    const exited = new Promise<number | null>((resolve) => child.on('exit', resolve));
    const connection = connectionOver(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin));
    const server = new ServerProcess(child, connection, exited, folder);
    server.settings = options.settings ?? null;
    server.#answer();
    connection.listen();
    // What a server that has died leaves unanswered would be waited for without end.
    child.on('close', () => connection.dispose());
    const limit = setTimeout(() => child.kill('SIGKILL'), 60_000);
    t.after(async () => {
      clearTimeout(limit);
      connection.dispose();
      child.kill('SIGKILL');
      await exited;
      child.stdin.destroy();
      child.stdout.destroy();
    });
    return server;
  }

  async initialize(options: StartOptions = {}): Promise<void> {
    const capabilities = options.capabilities ?? rich;
    const folder = this.folder === '' ? null : { uri: pathToFileURL(this.folder).href, name: 'workspace' };
    this.initialized = await this.connection.sendRequest('initialize', {
      processId: process.pid,
      rootUri: folder?.uri ?? null,
      ...(capabilities.workspace?.workspaceFolders === true
        ? { workspaceFolders: folder === null ? null : [folder] }
        : {}),
      capabilities,
      ...(options.initializationOptions === undefined ? {} : { initializationOptions: options.initializationOptions }),
    });
    await this.connection.sendNotification('initialized', {});
  }

  uri(path: string): string {
    return pathToFileURL(join(this.folder, path)).href;
  }

  async open(uri: string, text: string, version = 1): Promise<void> {
    await this.connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri, languageId: 'yaml', version, text },
    });
  }

  async change(uri: string, version: number, contentChanges: TextDocumentContentChangeEvent[]): Promise<void> {
    await this.connection.sendNotification('textDocument/didChange', {
      textDocument: { uri, version },
      contentChanges,
    });
  }

  async close(uri: string): Promise<void> {
    await this.connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
  }

  /** Does something, and waits until the server says that its answers may have changed. */
  async refreshedBy(act: () => Promise<void>): Promise<void> {
    const before = this.refreshes.all.length;
    await act();
    await this.refreshes.where(() => true, before);
  }

  /** Tells of changes on the disk, and waits until the server has taken them in. */
  async watched(
    changes: readonly { readonly uri: string; readonly type: 'created' | 'changed' | 'deleted' }[],
  ): Promise<void> {
    const types = { created: 1, changed: 2, deleted: 3 } as const;
    await this.refreshedBy(() =>
      this.connection.sendNotification('workspace/didChangeWatchedFiles', {
        changes: changes.map(({ uri, type }) => ({ uri, type: types[type] })),
      }),
    );
  }

  /** Pulls the diagnostics of a document. */
  async pull(uri: string): Promise<Diagnostic[]> {
    const report: DocumentDiagnosticReport = await this.connection.sendRequest('textDocument/diagnostic', {
      textDocument: { uri },
    });
    if (report.kind !== 'full') throw new Error(`the report is ${report.kind}`);
    return report.items;
  }

  /** The codes of the diagnostics, in their order. */
  async codes(uri: string): Promise<unknown[]> {
    return (await this.pull(uri)).map(({ code }) => code);
  }

  /** The hover at the beginning of a text, as Markdown; null when there is none. */
  async hover(uri: string, text: string, at: string): Promise<string | null> {
    const hover: Hover | null = await this.connection.sendRequest('textDocument/hover', {
      textDocument: { uri },
      position: positionOf(text, at),
    });
    if (hover === null) return null;
    return typeof hover.contents === 'object' && 'value' in hover.contents ? hover.contents.value : null;
  }

  async actions(
    uri: string,
    range: Diagnostic['range'],
    options: { readonly only?: string[]; readonly diagnostics?: Diagnostic[] } = {},
  ): Promise<CodeAction[]> {
    const { only, diagnostics = [] } = options;
    const actions: CodeAction[] | null = await this.connection.sendRequest('textDocument/codeAction', {
      textDocument: { uri },
      range,
      context: { diagnostics, ...(only === undefined ? {} : { only }) },
    });
    return actions ?? [];
  }

  resolve(action: CodeAction): Promise<CodeAction> {
    return this.connection.sendRequest('codeAction/resolve', action);
  }

  #answer(): void {
    const { connection } = this;
    connection.onNotification('$/netpol/status', (status: Status) => this.statuses.add(status));
    connection.onNotification('textDocument/publishDiagnostics', (params) => this.published.add(params));
    connection.onNotification('window/logMessage', (params) => this.logged.add(params));
    connection.onRequest('client/registerCapability', ({ registrations }: RegistrationParams) => {
      for (const { method } of registrations) this.registrations.add(method);
    });
    connection.onRequest('workspace/diagnostic/refresh', () => {
      this.refreshes.add(true);
      return null;
    });
    connection.onRequest('workspace/workspaceFolders', () => {
      this.requested.push('workspace/workspaceFolders');
      return this.folder === '' ? null : [{ uri: pathToFileURL(this.folder).href, name: 'workspace' }];
    });
    connection.onRequest('workspace/configuration', ({ items }: { items: readonly unknown[] }) => {
      this.requested.push('workspace/configuration');
      return items.map(() => this.settings);
    });
  }
}

/** A client's connection that does not keep its process alive. */
export function connectionOver(reader: MessageReader, writer: MessageWriter): ProtocolConnection {
  // Half a message of a server that was killed would set this timer again and again, and no `dispose` takes it back.
  if (reader instanceof ReadableStreamMessageReader) reader.partialMessageTimeout = 0;
  return createProtocolConnection(reader, writer);
}

const serverModule = fileURLToPath(import.meta.resolve('#server/node.js'));

/** Writes files into a folder of their own, which goes with the test. */
export async function writeFiles(t: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'netpol-protocol-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

/** Where a text first stands, behind another text where one is given. */
export function positionOf(text: string, wanted: string, behind = ''): { line: number; character: number } {
  const offset = text.indexOf(behind + wanted);
  if (offset < 0) throw new Error(`"${behind}${wanted}" is not in the text`);
  return TextDocument.create('', 'yaml', 0, text).positionAt(offset + behind.length);
}

export function rangeOf(text: string, wanted: string, behind = ''): Diagnostic['range'] {
  const { line, character } = positionOf(text, wanted, behind);
  return { start: { line, character }, end: { line, character: character + wanted.length } };
}

/** The text of one file after an edit. */
export function applied(edit: WorkspaceEdit | undefined, uri: string, text: string): string {
  const edits = edit?.changes?.[uri];
  if (edits === undefined) throw new Error(`the edit does not touch ${uri}: ${JSON.stringify(edit)}`);
  return TextDocument.applyEdits(TextDocument.create(uri, 'yaml', 0, text), edits);
}
