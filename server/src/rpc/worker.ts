import type { Transport } from './transport.js';

/** A worker's own scope, as far as messages go. */
export interface WorkerScope {
  postMessage(message: unknown): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: 'error' | 'messageerror', listener: (event: unknown) => void): void;
}

/** Between a worker and its page: each message is an event of its own. */
export function workerTransport(scope: WorkerScope): Transport {
  return {
    listen(events) {
      scope.addEventListener('message', ({ data }) => events.message(data));
      scope.addEventListener('messageerror', () => events.error(new Error('A message of the page could not be read.')));
    },
    async send(message) {
      scope.postMessage(message);
    },
    later: (task) => task(),
  };
}
