import * as vscode from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { startAtFirstPolicy } from './activation.js';
import { registerCommands } from './commands.js';
import { documentSelector, filesComeFrom, type Host } from './documents.js';
import { startAtFirstCompletion } from './first-completion.js';
import { showPolicies } from './policies-view.js';
import { TRUSTED } from './protocol.js';
import { greetInSample, provideSample } from './sample.js';
import { type ClientEvents, reason, Session, type SessionState } from './session.js';
import { showStatus } from './status.js';
import { provideTests } from './tests.js';
import { provideAnswerDocuments } from './virtual-documents.js';
import { coexistWithYaml } from './yaml-coexistence.js';

/** What the extension gives to other extensions and to tests. */
export interface Api {
  /** Resolves when the server has read the workspace; rejects when it has failed. Does not start the server. */
  ready(): Promise<void>;
  /** Whether the server is waiting for its first policy, starting, indexing, ready or failed. */
  state(): SessionState['kind'];
}

/** What differs between the two entry points. The client is loaded with the first start, not with the extension. */
export interface Platform {
  host: Host;
  createClient(
    context: vscode.ExtensionContext,
    output: vscode.LogOutputChannel,
    events: ClientEvents,
  ): Promise<BaseLanguageClient>;
}

/** A running extension: its API, and its end. */
export interface Extension {
  api: Api;
  deactivate(): Promise<void>;
}

/** Registers everything, starts nothing: the server comes with the first policy, or with a command that needs it. */
export function activateExtension(context: vscode.ExtensionContext, platform: Platform): Extension {
  const { host } = platform;
  const output = vscode.window.createOutputChannel('netpol', { log: true });
  const selector = documentSelector(host);
  const session = new Session((events) => platform.createClient(context, output, events), output);
  const start = () => {
    // A failed start shows in the session's state, and from there to the user.
    session.client().catch((error: unknown) => output.error(error instanceof Error ? error : String(error)));
  };
  context.subscriptions.push(
    output,
    session,
    showStatus(selector, session),
    provideAnswerDocuments(session),
    registerCommands({ context, host, session, selector, output }),
    showPolicies(session),
    provideTests(session, output),
    provideSample(context),
    coexistWithYaml(output),
    startAtFirstPolicy(selector, start),
    startAtFirstCompletion(selector, session, output),
    restartWhenFilesMove(host, session, start),
    tellWhenTrusted(session, output),
  );
  void greetInSample(context);
  return { api: { ready: () => session.ready(), state: () => session.state.kind }, deactivate: () => session.stop() };
}

/** A server that runs was told at its start that the workspace is not trusted. */
function tellWhenTrusted(session: Session, output: vscode.LogOutputChannel): vscode.Disposable {
  return vscode.workspace.onDidGrantWorkspaceTrust(async () => {
    if (session.state.kind === 'waiting') return;
    try {
      await (await session.client()).sendNotification(TRUSTED);
    } catch (error) {
      output.debug(`Telling the server that the workspace is trusted: ${reason(error)}`);
    }
  });
}

/** A virtual folder that joins or leaves the workspace changes who reads the files, which a server is told only once. */
function restartWhenFilesMove(host: Host, session: Session, start: () => void): vscode.Disposable {
  let now = filesComeFrom(host);
  return vscode.workspace.onDidChangeWorkspaceFolders(async () => {
    const before = now;
    now = filesComeFrom(host);
    if (now === before || session.state.kind === 'waiting') return;
    await session.stop();
    start();
  });
}
