import { type ExtensionContext, type LogOutputChannel, Uri } from 'vscode';
import { BrowserMessageReader, BrowserMessageWriter, LanguageClient } from 'vscode-languageclient/browser';
import { CLIENT_ID, CLIENT_NAME, clientOptions, connect } from './client-options.js';
import type { ClientEvents } from './session.js';

/** The client of a server in a worker. */
export function createClient(
  context: ExtensionContext,
  output: LogOutputChannel,
  events: ClientEvents,
): LanguageClient {
  const client = new WorkerClient(Uri.joinPath(context.extensionUri, 'dist/server-web.js'), output);
  connect(client, events);
  return client;
}

/**
 * A client that owns its worker: each start has a fresh one, and ending the client ends it. Errors are written to the
 * output only: the session tells the user about those that matter.
 */
class WorkerClient extends LanguageClient {
  constructor(script: Uri, output: LogOutputChannel) {
    let worker: Worker | undefined;
    const end = () => worker?.terminate();
    super(
      CLIENT_ID,
      CLIENT_NAME,
      async () => {
        end();
        worker = new Worker(script.toString(true));
        // Not the worker itself: the web extension host hands out workers that are no instances of its `Worker`, which
        // the library takes for something else.
        return { reader: new BrowserMessageReader(worker), writer: new BrowserMessageWriter(worker) };
      },
      clientOptions('web', output),
    );
    this.#end = end;
  }

  readonly #end: () => void;

  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }

  override async dispose(timeout?: number): Promise<void> {
    try {
      await super.dispose(timeout);
    } finally {
      this.#end();
    }
  }
}
