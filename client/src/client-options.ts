import * as vscode from 'vscode';
import {
  type BaseLanguageClient,
  CloseAction,
  ErrorAction,
  type ErrorHandler,
  type LanguageClientOptions,
  type Middleware,
  RevealOutputChannelOn,
  State,
} from 'vscode-languageclient';
import { documentSelector, filesComeFrom, type Host } from './documents.js';
import { answerFileRequests } from './file-access.js';
import { type InitializationOptions, STATUS, type StatusParams } from './protocol.js';
import type { ClientEvents } from './session.js';
import { yamlSaysSyntax } from './yaml-coexistence.js';

/** Names the settings section and the trace setting, too. */
export const CLIENT_ID = 'netpol';
export const CLIENT_NAME = 'netpol';

/**
 * The options of the client, the same in both hosts. Settings are asked for by the server
 * (`workspace/configuration`), and it registers the file watchers that it needs: neither is synchronised from here.
 */
export function clientOptions(host: Host, output: vscode.LogOutputChannel): LanguageClientOptions {
  return {
    documentSelector: documentSelector(host),
    outputChannel: output,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    initializationOptions: (): InitializationOptions => ({
      files: filesComeFrom(host),
      trusted: vscode.workspace.isTrusted,
      commands: RUNNABLE,
    }),
    // The start rejects and is reported from there, once.
    initializationFailedHandler: () => false,
    middleware: { provideDiagnostics: withoutDoubles },
    markdown: { isTrusted: { enabledCommands: ['netpol.showEffective', 'netpol.showDocs'] } },
  };
}

/** Commands that may come with what the server answers. */
const RUNNABLE: readonly string[] = [
  'editor.action.triggerSuggest',
  'netpol.showEffective',
  'netpol.explainConnection',
  'netpol.showChanges',
  'netpol.mayBeReachedBy',
  'netpol.mayReach',
];

/** Faults of the YAML itself are left to the YAML extension where it shows them: one fault, one finding. */
const withoutDoubles: NonNullable<Middleware['provideDiagnostics']> = async (document, previous, token, next) => {
  const report = await next(document, previous, token);
  if (report?.kind !== 'full' || !('languageId' in document) || !yamlSaysSyntax(document)) return report;
  const isOurs = ({ code }: vscode.Diagnostic) => !SAID_BY_YAML.has(typeof code === 'object' ? code.value : code);
  return { ...report, items: report.items.filter(isOurs) };
};

const SAID_BY_YAML = new Set<unknown>(['yaml-syntax', 'duplicate-field']);

/** Connects a new client to its session: status, failures, and the files that only the client can read. */
export function connect(client: BaseLanguageClient, events: ClientEvents): void {
  client.onNotification(STATUS, (params: StatusParams) => events.status(params));
  answerFileRequests(client);
  client.clientOptions.errorHandler = errorHandler(client, events);
}

/** A server that dies while running is started again, a few times; one that dies while starting is not. */
function errorHandler(client: BaseLanguageClient, events: ClientEvents): ErrorHandler {
  const byDefault = client.createDefaultErrorHandler();
  return {
    async error(error, message, count) {
      if (client.state === State.Running) {
        const { action } = await byDefault.error(error, message, count ?? 1);
        if (action === ErrorAction.Shutdown)
          events.failed(vscode.l10n.t('The connection to the server broke: {0}', error.message));
        return { action, handled: true };
      }
      events.failed(vscode.l10n.t('The server could not be loaded: {0}', error?.message ?? ''));
      return { action: ErrorAction.Continue, handled: true };
    },
    async closed() {
      if (client.state === State.Starting) {
        events.failed(vscode.l10n.t('The server ended while it was starting.'));
        return { action: CloseAction.DoNotRestart, handled: true };
      }
      const { action, message } = await byDefault.closed();
      if (action === CloseAction.DoNotRestart) events.failed(message ?? vscode.l10n.t('The server ended.'));
      return { action, handled: true };
    },
  };
}
