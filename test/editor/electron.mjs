#!/usr/bin/env node
// The same suite in VS Code for the desktop, where it can be downloaded: node test/editor/electron.mjs [version]
// Needs only the repository's own packages, not setup.mjs. On Linux without a screen: xvfb-run -a node ...
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTests } from '@vscode/test-electron';
import { bundleSuite } from './bundle.mjs';
import { settings } from './editors/settings.mjs';
import { harnessRoot, repositoryRoot } from './machine.mjs';

const suite = await bundleSuite({
  suite: join(harnessRoot, 'suite', 'index.ts'),
  extension: repositoryRoot,
  host: 'node',
});
const temporary = await mkdtemp(join(tmpdir(), 'netpol-electron-'));
try {
  const folder = join(temporary, 'shop');
  await cp(join(harnessRoot, 'workspace'), folder, { recursive: true });
  const userData = join(temporary, 'data');
  await mkdir(join(userData, 'User'), { recursive: true });
  await writeFile(join(userData, 'User', 'settings.json'), JSON.stringify(settings, null, 2));
  // VS Code's exit code is the suite's: run() throws when a case fails or when there is none.
  const code = await runTests({
    version: process.argv[2] ?? 'stable',
    cachePath: join(repositoryRoot, 'test-output', 'vscode'),
    extensionDevelopmentPath: repositoryRoot,
    extensionTestsPath: suite,
    launchArgs: [
      folder,
      ...['--user-data-dir', userData, '--extensions-dir', join(temporary, 'extensions')],
      ...['--disable-workspace-trust', '--disable-telemetry', '--skip-welcome', '--skip-release-notes'],
    ],
  });
  process.exitCode = code;
} catch (error) {
  console.error(`editor electron: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
} finally {
  await rm(temporary, { recursive: true, force: true, maxRetries: 5 });
}
