import type { Transport } from './transport.js';

/** Codes of JSON-RPC 2.0 and of the Language Server Protocol. */
export const errorCodes = {
  invalidRequest: -32600,
  methodNotFound: -32601,
  internalError: -32603,
  serverNotInitialized: -32002,
  requestCancelled: -32800,
  requestFailed: -32803,
} as const;

/** The refusal of a request, with the code that the other end is told. */
export class ResponseError extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

/** Whether the other end still wants an answer. */
export interface CancellationToken {
  readonly isCancellationRequested: boolean;
}

export interface PeerHandlers {
  /** Answers a request. What it throws is the answer: a `ResponseError` as it is, anything else as an internal error. */
  request(method: string, params: unknown, token: CancellationToken): unknown;
  notification(method: string, params: unknown): unknown;
  /** A message could not be read or written, or is none. */
  error(error: Error): void;
  /** A handler of a notification failed: nobody waits for an answer. */
  failed(method: string, error: unknown): void;
  close(): void;
}

/** One end of a connection that speaks JSON-RPC 2.0. */
export interface Peer {
  listen(): void;
  /** Rejects with what the other end refuses with, or when it is gone. */
  request(method: string, params?: object): Promise<unknown>;
  /** Rejects when it could not be written. */
  notify(method: string, params: object): Promise<void>;
}

interface Incoming {
  readonly id?: unknown;
  readonly method?: unknown;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code?: unknown; readonly message?: unknown };
}

/**
 * Messages are handled one by one in the order in which they come, without waiting for answers that take time.
 * Source: JSON-RPC 2.0; `$/` messages and `$/cancelRequest`: LSP 3.17, "Base protocol".
 */
export function createPeer(transport: Transport, handlers: PeerHandlers): Peer {
  /** What this end has asked, by id. */
  const asked = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  /** What the other end has asked and not been told yet, by id. */
  const running = new Map<unknown, { isCancellationRequested: boolean }>();
  const queue: Incoming[] = [];
  let nextId = 0;
  let scheduled = false;
  let closed = false;

  function receive(message: unknown): void {
    if (typeof message !== 'object' || message === null || Array.isArray(message)) {
      handlers.error(new Error(`A message is no object: ${JSON.stringify(message)?.slice(0, 100)}`));
      return;
    }
    const incoming: Incoming = message;
    if (incoming.method === '$/cancelRequest') {
      cancel(incoming.params);
      return;
    }
    if (typeof incoming.method === 'string' && incoming.id !== undefined && incoming.id !== null)
      running.set(incoming.id, { isCancellationRequested: false });
    queue.push(incoming);
    schedule();
  }

  function cancel(params: unknown): void {
    const id = typeof params === 'object' && params !== null && 'id' in params ? params.id : undefined;
    const token = running.get(id);
    if (token !== undefined) token.isCancellationRequested = true;
  }

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    transport.later(() => {
      scheduled = false;
      const incoming = queue.shift();
      if (queue.length > 0) schedule();
      if (incoming !== undefined) handle(incoming);
    });
  }

  function handle(incoming: Incoming): void {
    const { id, method, params } = incoming;
    if (typeof method !== 'string') settle(incoming);
    else if (id === undefined || id === null) void hear(method, params);
    else void answer(id, method, params);
  }

  async function hear(method: string, params: unknown): Promise<void> {
    try {
      await handlers.notification(method, params);
    } catch (error) {
      handlers.failed(method, error);
    }
  }

  async function answer(id: unknown, method: string, params: unknown): Promise<void> {
    const token = running.get(id) ?? { isCancellationRequested: false };
    let reply: object;
    try {
      if (token.isCancellationRequested) throw new ResponseError(errorCodes.requestCancelled, 'cancelled');
      reply = { result: (await handlers.request(method, params, token)) ?? null };
    } catch (error) {
      reply = { error: refusalOf(method, error) };
    }
    running.delete(id);
    await send({ jsonrpc: '2.0', id, ...reply }).catch(handlers.error);
  }

  function settle({ id, result, error }: Incoming): void {
    const waiting = typeof id === 'number' ? asked.get(id) : undefined;
    if (typeof id !== 'number' || waiting === undefined) {
      const what = error?.message === undefined ? 'nothing that was asked' : `nothing that was asked: ${error.message}`;
      handlers.error(new Error(`An answer came for ${what}`));
      return;
    }
    asked.delete(id);
    if (error === undefined) waiting.resolve(result);
    else waiting.reject(new ResponseError(Number(error.code), String(error.message)));
  }

  async function send(message: object): Promise<void> {
    if (closed) throw new Error('The connection is closed.');
    await transport.send(message);
  }

  return {
    listen: () =>
      transport.listen({
        message: receive,
        error: handlers.error,
        close() {
          if (closed) return;
          closed = true;
          for (const { reject } of asked.values())
            reject(new Error('The connection was closed before the answer came.'));
          asked.clear();
          handlers.close();
        },
      }),
    request: (method, params) =>
      new Promise((resolve, reject) => {
        const id = nextId++;
        asked.set(id, { resolve, reject });
        send({ jsonrpc: '2.0', id, method, ...(params === undefined ? {} : { params }) }).catch((error) => {
          asked.delete(id);
          reject(error);
        });
      }),
    notify: (method, params) => send({ jsonrpc: '2.0', method, params }),
  };
}

function refusalOf(method: string, error: unknown): { readonly code: number; readonly message: string } {
  if (error instanceof ResponseError) return { code: error.code, message: error.message };
  return {
    code: errorCodes.internalError,
    message: `${method} failed: ${error instanceof Error ? error.message : String(error)}`,
  };
}
