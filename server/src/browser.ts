import { createConnection } from './connection.js';
import { clientFiles } from './host/client-files.js';
import { type WorkerScope, workerTransport } from './rpc/worker.js';
import { serve } from './server.js';

// The worker's global scope; the DOM's types are left out so that the core cannot lean on them.
declare const self: WorkerScope & { close(): void };

const connection = createConnection(workerTransport(self), {
  exit: () => self.close(),
  // A worker ends with the page that started it.
  watch: () => {},
  report: (message) => console.error(`netpol: ${message}`),
});

// In a worker there is no disk: the client reads the files on the server's behalf.
serve(connection, { files: clientFiles });
