// VS Code's server with its Node extension host: the same workbench and extension host as on a desktop.
import { mkdir, symlink } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { node24, vscodeServer } from '../machine.mjs';
import { startServer } from './server.mjs';

/**
 * @param {{ extension?: string, data: string, env?: Record<string, string>, args?: string[] }} options absolute paths;
 *   `extension` is the folder of one that is being developed, `data` is empty but for extensions that are installed
 * @returns the server with `address({ suite?, folder })`: what the browser opens
 */
export async function startDesktop({ extension, data, env = {}, args = [] }) {
  // The editor itself lies below our own extension's folder, and VS Code takes every theme below the extension that is
  // being developed for that extension's, and shows the first. Seen through a link they are strangers.
  await mkdir(data, { recursive: true });
  const linked = join(data, 'extension');
  if (extension !== undefined) await symlink(extension, linked);
  const server = await startServer({
    command: node24,
    args: [
      join('out', 'server-main.js'),
      ...['--host', '127.0.0.1', '--port', '0', '--without-connection-token', '--accept-server-license-terms'],
      ...['--server-data-dir', data, '--telemetry-level', 'off', '--disable-workspace-trust', '--disable-experiments'],
      '--disable-getting-started-override',
      // Without it a built VS Code ignores the parameters below.
      '--enable-smoke-test-driver',
      ...args,
    ],
    cwd: vscodeServer,
    // No marketplace: a test asks nothing of the network.
    env: { EXTENSIONS_GALLERY: '{"serviceUrl":""}', ...env },
    ready: /listening on (\d+)/,
  });
  const authority = `localhost:${server.port}`;
  const remote = (path) => `vscode-remote://${authority}${path}`;
  const address = ({ suite, folder }) => {
    const payload = [['skipWelcome', 'true']];
    if (extension !== undefined) payload.push(['extensionDevelopmentPath', remote(linked)]);
    if (suite) payload.push(['extensionTestsPath', remote(join(linked, relative(extension, suite)))]);
    const query = new URLSearchParams({ folder, payload: JSON.stringify(payload) });
    return `http://${authority}/?${query}`;
  };
  return { ...server, address };
}
