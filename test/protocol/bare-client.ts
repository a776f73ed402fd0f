import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  type ClientCapabilities,
  createMessageConnection,
  type InitializeResult,
  type PublishDiagnosticsParams,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver-protocol/node';
import { mayBeSent } from './abilities.js';
import { Inbox, writeFiles } from './server-process.js';

export interface BareOptions {
  readonly capabilities: ClientCapabilities;
  readonly files: Readonly<Record<string, string>>;
  /** What `initialize` says of folders, instead of `rootUri` and `workspaceFolders`; gets the folder. */
  readonly place?: (folder: string) => object;
  readonly initializationOptions?: object;
  /** What is answered to the server's requests; an error that is thrown refuses one. */
  readonly answer?: (method: string) => unknown;
}

/**
 * A client that says exactly what it is told to, and nothing more: no `initialized` that waits, no request answered that was
 * not offered. What it was sent beyond what it offers is in `unwanted`.
 */
export async function bareClient(t: TestContext, options: BareOptions) {
  const { capabilities, files } = options;
  const folder = await writeFiles(t, files);
  const child = spawn(process.execPath, [fileURLToPath(import.meta.resolve('#server/node.js')), '--stdio'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = new Promise<number | null>((resolve) => child.on('exit', resolve));
  const reader = new StreamMessageReader(child.stdout);
  // Half a message of a server that was killed would set this timer again and again.
  reader.partialMessageTimeout = 0;
  const connection = createMessageConnection(reader, new StreamMessageWriter(child.stdin));
  const limit = setTimeout(() => child.kill('SIGKILL'), 60_000);
  child.on('close', () => connection.dispose());
  t.after(async () => {
    clearTimeout(limit);
    connection.dispose();
    child.kill('SIGKILL');
    await exited;
    child.stdin.destroy();
    child.stdout.destroy();
  });

  const unwanted: string[] = [];
  const published = new Inbox<PublishDiagnosticsParams>('published diagnostics');
  const statuses = new Inbox<{ readonly state: string }>('status');
  const logged = new Inbox<{ readonly message: string }>('log message');
  const look = (method: string, params: unknown) => {
    if (!mayBeSent(capabilities, method, params)) unwanted.push(`${method} ${JSON.stringify(params)}`);
  };
  connection.onNotification((method, params) => {
    look(method, params);
    if (method === 'textDocument/publishDiagnostics') published.add(params as never);
    if (method === '$/netpol/status') statuses.add(params as never);
    if (method === 'window/logMessage') logged.add(params as never);
  });
  const root = pathToFileURL(folder).href;
  const folders = [{ uri: root, name: 'workspace' }];
  connection.onRequest((method, params) => {
    look(method, params);
    if (options.answer !== undefined) return options.answer(method) ?? null;
    if (method === 'workspace/workspaceFolders') return folders;
    return method === 'workspace/configuration' ? [null] : null;
  });
  connection.listen();

  const withFolders = capabilities.workspace?.workspaceFolders === true;
  const { capabilities: server }: InitializeResult = await connection.sendRequest('initialize', {
    processId: null,
    ...(options.place?.(folder) ?? { rootUri: root, ...(withFolders ? { workspaceFolders: folders } : {}) }),
    capabilities,
    ...(options.initializationOptions === undefined ? {} : { initializationOptions: options.initializationOptions }),
  });
  await connection.sendNotification('initialized', {});
  await statuses.where(({ state }) => state === 'ready');

  return {
    server,
    unwanted,
    published,
    logged,
    uri: (path: string) => pathToFileURL(join(folder, path)).href,
    ask: <T>(method: string, params: object): Promise<T> => connection.sendRequest(method, params),
    tell: (method: string, params: object) => connection.sendNotification(method, params),
    open(uri: string, text: string, version = 1) {
      const textDocument = { uri, languageId: 'yaml', version, text };
      return connection.sendNotification('textDocument/didOpen', { textDocument });
    },
  };
}

export type BareClient = Awaited<ReturnType<typeof bareClient>>;
