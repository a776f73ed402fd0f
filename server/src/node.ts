import { nodeConnection, UnusableTransport } from './connection-node.js';
import { clientFiles } from './host/client-files.js';
import { gitRevisions } from './host/git-revisions.js';
import { helm } from './host/helm.js';
import { nodeFiles } from './host/node-files.js';
import { serve } from './server.js';

const args = process.argv.slice(2);
if (args.includes('--help') || args.includes('-h')) {
  process.stdout.write(
    'netpol-language-server [--stdio | --node-ipc | --socket=PORT | --pipe=NAME]\n\nA language server for Kubernetes network policies. Speaks LSP, over standard input and output by default.\n',
  );
  process.exit(0);
}

try {
  serve(nodeConnection(args), {
    files: (connection, wish) => (wish === 'client' ? clientFiles(connection) : nodeFiles()),
    renderer: helm,
    revisions: gitRevisions,
  });
} catch (error) {
  if (!(error instanceof UnusableTransport)) throw error;
  process.stderr.write(`netpol-language-server: ${error.message}\n`);
  process.exit(2);
}
