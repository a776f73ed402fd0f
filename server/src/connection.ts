import {
  type CancellationToken,
  createMessageConnection,
  ErrorCodes,
  type MessageReader,
  type MessageWriter,
  ResponseError,
} from 'vscode-jsonrpc';
import type { InitializeParams, InitializeResult } from 'vscode-languageserver-protocol';

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
export function createConnection(reader: MessageReader, writer: MessageWriter, runtime: Runtime): Connection {
  // What is said of each message is of no use to users; a failure is.
  const raw = createMessageConnection(reader, writer, {
    error: (message) => log('error', message),
    warn: (message) => log('warning', message),
    info: () => {},
    log: () => {},
  });
  const requests = new Map<string, Handler<unknown, unknown>>();
  const notifications = new Map<string, (params: unknown) => void | Promise<void>>();
  let state: 'new' | 'running' | 'shut down' = 'new';

  const ended = () => runtime.exit(state === 'shut down' ? 0 : 1);

  raw.onRequest((method, params, token) => {
    if (state === 'new' && method !== 'initialize')
      throw new ResponseError(ErrorCodes.ServerNotInitialized, `${method} came before initialize.`);
    if (state === 'shut down') throw new ResponseError(ErrorCodes.InvalidRequest, `${method} came after shutdown.`);
    if (state === 'running' && method === 'initialize')
      throw new ResponseError(ErrorCodes.InvalidRequest, 'The server has been initialized already.');
    const handler = requests.get(method);
    if (handler === undefined) throw new ResponseError(ErrorCodes.MethodNotFound, `Unhandled method ${method}`);
    return handler(params, token);
  });
  raw.onNotification((method, params) => {
    if (method === 'exit') ended();
    else if (state === 'running') return notifications.get(method)?.(params);
  });
  raw.onError(([error]) => runtime.report(error.message));
  raw.onClose(ended);
  requests.set('shutdown', () => {
    state = 'shut down';
    return null;
  });

  function notify(method: string, params: object): void {
    send(method, params).catch(() => {
      // `onError` has reported what could not be written; where the connection has closed, nobody is left to tell.
    });
  }

  async function send(method: string, params: object): Promise<void> {
    await raw.sendNotification(method, params);
  }

  function log(type: keyof typeof logTypes, message: string): void {
    notify('window/logMessage', { type: logTypes[type], message });
  }

  async function request<R>(method: string, params?: object): Promise<R> {
    return params === undefined ? raw.sendRequest<R>(method) : raw.sendRequest<R>(method, params);
  }

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
    register: (method, registerOptions) =>
      request('client/registerCapability', { registrations: [{ id: method, method, registerOptions }] }),
    log,
    ended,
    listen: () => raw.listen(),
  };
}
