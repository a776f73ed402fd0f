import type { Diagnostic } from 'vscode-languageserver-protocol';
import type { Connection } from './connection.js';
import type { Client } from './features/client.js';
import { diagnosticsOf } from './features/diagnostics.js';
import { features } from './features/index.js';
import { list } from './model/print.js';
import type { Netpol } from './service.js';
import { keyOf } from './workspace/files.js';

/** What the client is told without having asked: findings, that answers have changed, how the workspace is. */
export interface Announcements {
  /** The whole workspace is known: before, what another file allows would be called missing. */
  readonly isReady: boolean;
  /** Answers may have changed. `uri` is the document that was edited, for which a pulling client asks by itself. */
  changed(uri?: string): void;
  /** What stands within the text may have changed, without an edit. */
  showAgain(): void;
  status(state: 'indexing' | 'ready' | 'failed', message?: string): void;
  /** The findings of a document, for a client that asks for them. */
  asked(uri: string): Diagnostic[];
  closed(uri: string): void;
}

interface Session {
  readonly netpol: Netpol;
  readonly client: Client;
}

export function announcements(
  connection: Connection,
  session: () => Session,
  openDocuments: () => Iterable<{ readonly uri: string; readonly version: number }>,
): Announcements {
  let ready = false;
  let reportedCrashes = 0;
  let statusPending = false;
  let pushPending = false;
  let showTimer: ReturnType<typeof setTimeout> | undefined;
  let staleTimer: ReturnType<typeof setTimeout> | undefined;
  /** What a pulling client was last told of each open document. Compared when typing rests, and not worked over before. */
  const told = new Map<string, readonly Diagnostic[]>();

  function ask(method: string): void {
    connection.request(method).catch((error: unknown) => {
      connection.log('warning', `The client did not answer ${method}: ${String(error)}`);
    });
  }

  function askToPullAgain(): void {
    ask('workspace/diagnostic/refresh');
  }

  function showAgain(): void {
    const methods = session().client.refreshes.filter((method) => shown.has(method));
    if (methods.length === 0 || !ready) return;
    clearTimeout(showTimer);
    showTimer = setTimeout(() => methods.forEach(ask), staleAfter);
  }

  /**
   * A pulling client asks again for the document that changed. That others depend on it is announced, but clients act on
   * that late, and VS Code never for the active document: where an answer has become stale, it is told to ask again.
   */
  function lookForStaleSoon(): void {
    clearTimeout(staleTimer);
    staleTimer = setTimeout(() => {
      const { netpol, client } = session();
      const isStale = ([uri, before]: [string, readonly Diagnostic[]]) =>
        JSON.stringify(diagnosticsOf(netpol, uri, client)) !== JSON.stringify(before);
      if (client.refresh && [...told].some(isStale)) askToPullAgain();
    }, staleAfter);
  }

  function pushSoon(): void {
    if (pushPending || !ready) return;
    pushPending = true;
    // After the messages that are already here: a burst of edits gets one answer.
    queueMicrotask(() => {
      pushPending = false;
      const { netpol, client } = session();
      for (const { uri, version } of openDocuments()) {
        connection.notify('textDocument/publishDiagnostics', {
          uri,
          version,
          diagnostics: diagnosticsOf(netpol, keyOf(uri), client),
        });
      }
      reportCrashes(netpol);
    });
  }

  function reportCrashes(netpol: Netpol): void {
    for (const { rule, error } of netpol.crashes.slice(reportedCrashes)) {
      connection.log(
        'error',
        `The rule ${rule} failed; please report this. ${error instanceof Error ? error.stack : String(error)}`,
      );
    }
    reportedCrashes = netpol.crashes.length;
  }

  function statusSoon(): void {
    if (statusPending || !ready) return;
    statusPending = true;
    queueMicrotask(() => {
      statusPending = false;
      status('ready');
    });
  }

  function status(state: 'indexing' | 'ready' | 'failed', message?: string): void {
    const { netpol } = session();
    const { workspace } = netpol;
    const networks = new Set<string>();
    const count = { policies: 0, workloads: 0 };
    if (state === 'ready') {
      ready = true;
      for (const scope of workspace.index.scopes) {
        count.policies += scope.policies.length;
        count.workloads += scope.workloads.length;
        const { cni, cniSource } = netpol.profileOf(scope);
        if (typeof cniSource !== 'string') networks.add(cni.title);
      }
    }
    const said = message ?? (workspace.isPartial ? readingWasStopped : undefined);
    // By its first letters a client that does not know it may ignore it; without them some warn at each edit.
    connection.notify('$/netpol/status', {
      state,
      files: workspace.files.size,
      ...count,
      ...(networks.size === 0 ? {} : { network: list([...networks]) }),
      ...(said === undefined ? {} : { message: said }),
    });
  }

  return {
    get isReady() {
      return ready;
    },
    changed(uri) {
      const { client, netpol } = session();
      reportCrashes(netpol);
      if (client.pull) {
        if (uri !== undefined) lookForStaleSoon();
        else if (client.refresh) askToPullAgain();
      } else pushSoon();
      showAgain();
      statusSoon();
    },
    showAgain,
    status,
    asked(uri) {
      const { netpol, client } = session();
      const items = diagnosticsOf(netpol, uri, client);
      if (netpol.workspace.isOpen(uri)) told.set(uri, items);
      reportCrashes(netpol);
      return items;
    },
    closed(uri) {
      told.delete(uri);
    },
  };
}

export const readingWasStopped =
  'The reading was stopped, so that what other files say is not known; restart the language server to read all.';

/** After the last edit of a burst, in milliseconds: the other documents are not judged at every key. */
const staleAfter = 150;

/** What is only asked for again where it is shown at all: what another file says, as the number of workloads behind a selector. */
const shown = new Set(features.flatMap(({ refresh }) => refresh ?? []));
