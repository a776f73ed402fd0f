// What a person has who installed the VSIX, on a machine without node. See editors/installed.mjs.
import assert from 'node:assert/strict';
import { readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { foldersWithNode, processesRunning } from './editors/installed.mjs';
import { node24 } from './machine.mjs';
import { visibleInFrame } from './person-frames.mjs';

export const cases = [
  {
    name: 'installed from the VSIX, netpol underlines, draws and completes where there is no node',
    async run(page, person) {
      await person.openFile('policies/worker-egress.yaml');
      await person.waitForSquiggles('warning', 1);
      await person.waitForProblem(/No DNS for.*dns-egress-missing/s);
      assert.match(await person.hover('- Egress'), /DNS/);
      await person.screenshot('installed');
      await person.press('Escape');

      serverRunsWithoutNode(person.folder);

      // The map's page is a file of its own in the package, as the texts of the commands are.
      await person.runCommand('netpol: Show the Policy Map');
      await person.until('the map', () => visibleInFrame(page, (frame) => frame.locator('.node').first()));
      await person.screenshot('installed-map');

      // So are the snippets.
      await person.openFile('policies/new.yaml');
      await person.type('np-deny-all');
      assert.equal((await person.completions())[0], 'np-deny-all');
      await person.press('Tab');
      await person.waitForText((text) => /kind: NetworkPolicy[\s\S]*- Egress/.test(text));
    },
  },
];

/** The language server is the installed one, is run by VS Code's own runtime, and finds no node on its PATH. */
function serverRunsWithoutNode(folder) {
  // The window's folder is <temporary>/<case>/shop, the editor's data are in <temporary>/data.
  const extensions = join(folder, '..', '..', 'data', 'extensions');
  const servers = processesRunning('dist/server-node.cjs', extensions, textOf);
  assert.equal(servers.length, 1, `there is not one server below ${extensions}, but ${servers.length}`);
  const [server] = servers;
  assert.equal(readlinkSync(`/proc/${server}/exe`), realpathSync(node24));
  const variables = textOf(`/proc/${server}/environ`).split('\0');
  const path = variables.find((each) => each.startsWith('PATH='))?.slice('PATH='.length);
  assert.ok(path !== undefined, 'the server has no PATH, so that the machine would fall back to its own');
  assert.deepEqual(foldersWithNode(path), [], 'folders of the PATH with a node');
}

/** A file of /proc, or nothing: a process may have ended, or be another user's. */
function textOf(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES'].includes(error.code)) return '';
    throw error;
  }
}
