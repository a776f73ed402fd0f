// VS Code for the Web: static files and a web worker as extension host.
import { fileURLToPath } from 'node:url';
import { vscodeWeb } from '../machine.mjs';
import { startServer } from './server.mjs';

/**
 * The folder is mounted as a virtual file system: edits stay in the browser's memory.
 * @param {{ extension: string, folder: string, suite: string }} options absolute paths; the suite inside the extension
 */
export async function startWeb({ extension, folder, suite }) {
  const configuration = {
    build: { type: 'static', location: vscodeWeb },
    esm: false, // 1.91 is still AMD
    extensionDevelopmentPath: extension,
    extensionTestsPath: suite,
    folderMountPath: folder,
  };
  const server = await startServer({
    command: process.execPath,
    args: [fileURLToPath(new URL('web-server.mjs', import.meta.url)), JSON.stringify(configuration)],
    ready: /listening on port (\d+)/,
  });
  return { ...server, address: () => `http://localhost:${server.port}/` };
}
