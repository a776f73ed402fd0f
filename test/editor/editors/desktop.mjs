// VS Code's server with its Node extension host: the same workbench and extension host as on a desktop.
import { join } from 'node:path';
import { node24, vscodeServer } from '../machine.mjs';
import { startServer } from './server.mjs';

/**
 * @param {{ extension: string, folder: string, data: string }} options absolute paths; `data` is an empty folder
 * @returns the server with `address({ suite?, folder })`: what the browser opens
 */
export async function startDesktop({ extension, data }) {
  const server = await startServer({
    command: node24,
    args: [
      join('out', 'server-main.js'),
      ...['--host', '127.0.0.1', '--port', '0', '--without-connection-token', '--accept-server-license-terms'],
      ...['--server-data-dir', data, '--telemetry-level', 'off', '--disable-workspace-trust', '--disable-experiments'],
      '--disable-getting-started-override',
      // Without it a built VS Code ignores the parameters below.
      '--enable-smoke-test-driver',
    ],
    cwd: vscodeServer,
    ready: /listening on (\d+)/,
  });
  const authority = `localhost:${server.port}`;
  const remote = (path) => `vscode-remote://${authority}${path}`;
  const address = ({ suite, folder }) => {
    const payload = [
      ['extensionDevelopmentPath', remote(extension)],
      ['skipWelcome', 'true'],
    ];
    if (suite) payload.push(['extensionTestsPath', remote(suite)]);
    const query = new URLSearchParams({ folder, payload: JSON.stringify(payload) });
    return `http://${authority}/?${query}`;
  };
  return { ...server, address };
}
