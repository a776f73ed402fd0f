import type { ExtensionContext, LogOutputChannel } from 'vscode';
import { LanguageClient, TransportKind } from 'vscode-languageclient/node';
import { CLIENT_ID, CLIENT_NAME, clientOptions, connect } from './client-options.js';
import type { ClientEvents } from './session.js';

/** The client of a server in a process of its own. */
export function createClient(
  context: ExtensionContext,
  output: LogOutputChannel,
  events: ClientEvents,
): LanguageClient {
  const module = context.asAbsolutePath('dist/server-node.cjs');
  const client = new QuietClient(
    CLIENT_ID,
    CLIENT_NAME,
    {
      run: { module, transport: TransportKind.ipc },
      debug: { module, transport: TransportKind.ipc, options: { execArgv: ['--nolazy', '--inspect=6011'] } },
    },
    clientOptions('node', output),
  );
  connect(client, events);
  return client;
}

/** Writes its errors to the output only: the session tells the user about those that matter. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}
