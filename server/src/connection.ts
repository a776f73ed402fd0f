import type { InitializeParams, InitializeResult } from 'vscode-languageserver-protocol';
import { type CancellationToken, createPeer, errorCodes, ResponseError } from './rpc/peer.js';
import type { Transport } from './rpc/transport.js';

/** What a connection needs of the process or worker that it runs in. */
export interface Runtime {
  /** Ends it, with 0 after an orderly shutdown. */
  exit(code: 0 | 1): void;
  /** Calls `gone` when the client's process, given by its id, has ended. */
  watch(processId: number, gone: () => void): void;
  /** Tells somebody else than the client that a message could not be read or written. */
  report(message: string): void;
}

type Handler<P, R> = (params: P, token: CancellationToken) => R | Promise<R>;

/**
 * The server's end of the Language Server Protocol: its lifecycle, and messages by their names. A handler says in its
 * types what the protocol gives for its method. One that throws costs its own answer only: the client is told.
 */
export interface Connection {
  /** Answers the first message. Until it is answered, no other handler is called. */
  onInitialize(handler: (params: InitializeParams) => InitializeResult): void;
  /** Answers a request; a `ResponseError` that is thrown goes to the client as it is. */
  onRequest<P, R>(method: string, handler: Handler<P, R>): void;
  onNotification<P>(method: string, handler: (params: P) => void | Promise<void>): void;
  /** Asks the client; rejects with what the client refuses with. */
  request<R>(method: string, params?: object): Promise<R>;
  /** Tells the client; a client that is gone is not told. */
  notify(method: string, params: object): void;
  /** Calls `cancelled` when a person stops the work of a token; the answer forgets about it. */
  onCancelledProgress(token: string, cancelled: () => void): () => void;
  /** Has the client send a kind of notification; for clients that offer the dynamic registration of it. */
  register(method: string, options: object): Promise<void>;
  /** Writes into the client's log. */
  log(type: keyof typeof logTypes, message: string): void;
  /** Ends the server: the client is gone. */
  ended(): void;
  /** Begins to read, when all handlers are there. */
  listen(): void;
}

/** `MessageType` of the protocol. */
const logTypes = { error: 1, warning: 2, info: 3, log: 4 };

/**
 * The server's part of the lifecycle is the protocol's ("Server lifecycle", LSP 3.17): before `initialize` requests are
 * refused and notifications dropped, likewise after `shutdown`; `exit` always ends the server.
 */
export function createConnection(transport: Transport, runtime: Runtime): Connection {
  const requests = new Map<string, Handler<unknown, unknown>>();
  const notifications = new Map<string, (params: unknown) => void | Promise<void>>();
  let state: 'new' | 'running' | 'shut down' = 'new';

  const ended = () => runtime.exit(state === 'shut down' ? 0 : 1);

  const peer = createPeer(transport, {
    request(method, params, token) {
      if (state === 'new' && method !== 'initialize')
        throw new ResponseError(errorCodes.serverNotInitialized, `${method} came before initialize.`);
      if (state === 'shut down') throw new ResponseError(errorCodes.invalidRequest, `${method} came after shutdown.`);
      if (state === 'running' && method === 'initialize')
        throw new ResponseError(errorCodes.invalidRequest, 'The server has been initialized already.');
      const handler = requests.get(method);
      if (handler === undefined) throw new ResponseError(errorCodes.methodNotFound, `Unhandled method ${method}`);
      return handler(params, token);
    },
    notification(method, params) {
      if (method === 'exit') return ended();
      return state === 'running' ? notifications.get(method)?.(params) : undefined;
    },
    error: (error) => runtime.report(error.message),
    failed: (method, error) =>
      log('error', `${method} failed: ${error instanceof Error ? error.message : String(error)}`),
    close: ended,
  });
  requests.set('shutdown', () => {
    state = 'shut down';
    return null;
  });

  function notify(method: string, params: object): void {
    peer.notify(method, params).catch(() => {
      // The transport has reported what could not be written; where the connection has closed, nobody is left to tell.
    });
  }

  function log(type: keyof typeof logTypes, message: string): void {
    notify('window/logMessage', { type: logTypes[type], message });
  }

  const running = new Map<string, () => void>();
  notifications.set('window/workDoneProgress/cancel', (params) => {
    const { token } = params as { readonly token: string | number };
    running.get(String(token))?.();
  });

  const request = <R>(method: string, params?: object) => peer.request(method, params) as Promise<R>;

  return {
    onInitialize(handler) {
      requests.set('initialize', (params) => {
        const given = params as InitializeParams;
        const result = handler(given);
        state = 'running';
        if (typeof given.processId === 'number') runtime.watch(given.processId, ended);
        return result;
      });
    },
    onRequest: (method, handler) => void requests.set(method, handler as Handler<unknown, unknown>),
    onNotification: (method, handler) => void notifications.set(method, handler as (params: unknown) => void),
    request,
    notify,
    onCancelledProgress(token, cancelled) {
      running.set(token, cancelled);
      return () => void running.delete(token);
    },
    register: (method, registerOptions) =>
      request('client/registerCapability', { registrations: [{ id: method, method, registerOptions }] }),
    log,
    ended,
    listen: peer.listen,
  };
}
