import {
  BrowserMessageReader,
  BrowserMessageWriter,
  createConnection,
  ProposedFeatures,
} from 'vscode-languageserver/browser';
import { clientFiles } from './host/client-files.js';
import { serve } from './server.js';

// The worker's global scope; the DOM's types are left out so that the core cannot lean on them.
declare const self: ConstructorParameters<typeof BrowserMessageReader>[0];

// In a worker there is no disk: the client reads the files on the server's behalf.
serve(createConnection(ProposedFeatures.all, new BrowserMessageReader(self), new BrowserMessageWriter(self)), {
  files: (connection) => clientFiles(connection),
});
