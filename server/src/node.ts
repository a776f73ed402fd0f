import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { clientFiles } from './host/client-files.js';
import { nodeFiles } from './host/node-files.js';
import { serve } from './server.js';

// The transport (--stdio, --node-ipc, --socket=N, --pipe=NAME) is read from the command line; stdio when none is named.
const transports = ['--stdio', '--node-ipc', '--socket', '--pipe'];
if (process.argv.includes('--help') || process.argv.includes('-h')) {
  process.stdout.write(
    'netpol-language-server [--stdio | --node-ipc | --socket=PORT | --pipe=NAME]\n\nA language server for Kubernetes network policies. Speaks LSP, over standard input and output by default.\n',
  );
  process.exit(0);
}
if (!process.argv.some((argument) => transports.some((each) => argument.startsWith(each))))
  process.argv.push('--stdio');

serve(createConnection(ProposedFeatures.all), {
  files: (connection, wish) => (wish === 'client' ? clientFiles(connection) : nodeFiles()),
});
