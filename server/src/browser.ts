import { BrowserMessageReader, BrowserMessageWriter } from 'vscode-jsonrpc/browser';
import { createConnection } from './connection.js';
import { clientFiles } from './host/client-files.js';
import { serve } from './server.js';

// The worker's global scope; the DOM's types are left out so that the core cannot lean on them.
declare const self: ConstructorParameters<typeof BrowserMessageReader>[0] & { close(): void };

const connection = createConnection(new BrowserMessageReader(self), new BrowserMessageWriter(self), {
  exit: () => self.close(),
  // A worker ends with the page that started it.
  watch: () => {},
  report: (message) => console.error(`netpol: ${message}`),
});

// In a worker there is no disk: the client reads the files on the server's behalf.
serve(connection, { files: clientFiles });
