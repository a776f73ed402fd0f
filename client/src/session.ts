import * as vscode from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import type { StatusParams } from './protocol.js';

/** How far the server is. `failed` always carries what to tell the user. */
export type SessionState =
  | { kind: 'waiting' }
  | { kind: 'starting' }
  | ({ kind: 'indexing' | 'ready' } & Omit<StatusParams, 'state'>)
  | { kind: 'failed'; message: string };

/** What a client reports to the session that owns it. */
export interface ClientEvents {
  status(params: StatusParams): void;
  /** The server is gone, or never came up, and will not come back by itself. */
  failed(message: string): void;
}

/** Makes a client that is not started yet. Whatever of the last one is still there is the maker's to clear away. */
export type ClientFactory = (events: ClientEvents) => Promise<BaseLanguageClient>;

/**
 * The life of the server: at most one client at a time, started when somebody first needs it, replaced by a restart.
 * A failure is reported once per start, by the state.
 */
export class Session implements vscode.Disposable {
  #state: SessionState = { kind: 'waiting' };
  /** Resolves when the client has started. */
  #running: Promise<BaseLanguageClient> | undefined;
  /** The client that has to be ended before there is another, started or not. */
  #created: Promise<BaseLanguageClient> | undefined;
  // Events of a client that a restart has replaced no longer count.
  #generation = 0;
  readonly #changed = new vscode.EventEmitter<SessionState>();
  readonly onDidChangeState = this.#changed.event;

  constructor(
    private readonly createClient: ClientFactory,
    private readonly output: vscode.LogOutputChannel,
  ) {}

  get state(): SessionState {
    return this.#state;
  }

  /** The running client; the first call starts it. Rejects when it does not start. */
  client(): Promise<BaseLanguageClient> {
    this.#running ??= this.#start();
    return this.#running;
  }

  /** Resolves when the server has read the workspace; rejects when it has failed. Does not start it. */
  ready(): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (state: SessionState): boolean => {
        if (state.kind === 'ready') resolve();
        else if (state.kind === 'failed') reject(new Error(state.message));
        else return false;
        return true;
      };
      if (settle(this.#state)) return;
      const listener = this.onDidChangeState((state) => {
        if (settle(state)) listener.dispose();
      });
    });
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.client();
  }

  /** Ends the server, whatever it is doing. One that does not answer is killed by its client. */
  async stop(): Promise<void> {
    this.#running = undefined;
    this.#generation++;
    this.#become({ kind: 'waiting' });
    await this.#endClient();
  }

  dispose(): void {
    this.#changed.dispose();
  }

  async #start(): Promise<BaseLanguageClient> {
    const generation = ++this.#generation;
    const current = (act: () => void) => {
      if (generation === this.#generation) act();
    };
    const failed = (message: string) =>
      current(() => {
        if (this.#state.kind !== 'failed') this.#become({ kind: 'failed', message });
      });
    // A worker that cannot be loaded leaves the client's own start waiting for ever.
    let giveUp: (message: string) => void = () => {};
    const lost = new Promise<never>((_, reject) => {
      giveUp = (message) => reject(new Error(message));
    });
    this.#become({ kind: 'starting' });
    try {
      await this.#endClient();
      if (generation !== this.#generation) throw new Error(vscode.l10n.t('Stopped before it had started.'));
      this.#created = this.createClient({
        status: ({ state, ...counts }) =>
          state === 'failed'
            ? failed(counts.message ?? vscode.l10n.t('The server could not read the workspace.'))
            : current(() => this.#become({ kind: state, ...counts })),
        failed: (message) => {
          failed(message);
          giveUp(message);
          this.#forget(generation);
        },
      });
      const client = await this.#created;
      await Promise.race([client.start(), lost]);
      return client;
    } catch (error) {
      failed(reason(error));
      this.#forget(generation);
      throw error;
    }
  }

  /** Lets the next request start the server anew. */
  #forget(generation: number): void {
    if (generation === this.#generation) this.#running = undefined;
  }

  async #endClient(): Promise<void> {
    const created = this.#created;
    this.#created = undefined;
    try {
      const client = await created;
      await client?.dispose();
    } catch (error) {
      this.output.debug(`Ending the server: ${reason(error)}`);
    }
  }

  #become(state: SessionState): void {
    this.#state = state;
    this.#changed.fire(state);
  }
}

/**
 * Calls back when the server's answers may have changed: once it has read the workspace, and after the last edit of a burst.
 * Nothing is asked of a server that does not run.
 */
export function afterChanges(session: Session, act: () => void): vscode.Disposable {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const listener = session.onDidChangeState(({ kind }) => {
    clearTimeout(timer);
    if (kind === 'ready') timer = setTimeout(act, PAUSE);
  });
  return new vscode.Disposable(() => {
    clearTimeout(timer);
    listener.dispose();
  });
}

/** After an edit, in milliseconds: what is shown beside the text does not follow every key. */
const PAUSE = 200;

/** The text of something thrown. */
export function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
