// What is about to be published: one version everywhere, every file that is needed, and no other.
//
//   node .ci/package-check.mjs     after a build

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { listFiles, PackageManager } from '@vscode/vsce';
import { root } from './install.mjs';
import { statedVersions, versionFaults } from './versions.mjs';

const faults = versionFaults(root);

const tarball = await tarballFiles();
const inTarball = ['LICENSE', 'README.md', 'dist/NOTICES.txt', 'dist/netpol.js', 'dist/server-node.js', 'package.json'];
compare('the npm package', tarball, inTarball);
if (read('server/LICENSE') !== read('LICENSE')) faults.push('server/LICENSE is not the same text as LICENSE');
const server = JSON.parse(read('server/package.json'));
for (const [name, path] of Object.entries(server.bin)) {
  if (!tarball.includes(path)) faults.push(`${name}, a program of the npm package, is ${path}, which is not in it`);
  else if (!read(`server/${path}`).startsWith('#!/usr/bin/env node\n')) faults.push(`${path} does not begin with #!`);
  else if ((statSync(join(root, 'server', path)).mode & 0o111) === 0) faults.push(`${path} cannot be executed`);
}
// Everything is in the bundles: what a dependency brought besides would only be installed, audited and never run.
for (const name of Object.keys(server.dependencies ?? {})) {
  faults.push(`server/package.json: ${name} is in the bundles, so it belongs under devDependencies`);
}

const vsix = (await listFiles({ cwd: root, packageManager: PackageManager.None })).map((path) =>
  path.replaceAll('\\', '/'),
);
const manifest = JSON.parse(read('package.json'));
const named = [...namedFiles(manifest)];
const inVsix = [
  ...['package.json', 'README.md', 'CHANGELOG.md', 'LICENSE', 'dist/NOTICES.txt'],
  ...named,
  // What the extension itself starts, loads or opens.
  ...['dist/map.js', 'dist/sample.json', 'dist/server-node.cjs', 'dist/server-web.js'],
  // Texts in the reader's language, and the pictures of the walkthrough's pages.
  ...readdirSync(root).filter((name) => /^package\.nls(\.[\w-]+)?\.json$/.test(name)),
  ...['l10n', 'docs/walkthrough'].flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => `${folder}/${name}`),
  ),
];
compare('the VSIX', vsix, [...new Set(inVsix)]);

for (const fault of faults) console.error(`package: ${fault}`);
console.log(
  `package: ${statedVersions(root).length} places say ${manifest.version}; ${tarball.length} files in the npm package, ` +
    `${vsix.length} in the VSIX; ${faults.length} faults`,
);
process.exitCode = faults.length > 0 ? 1 : 0;

function compare(where, found, wanted) {
  for (const path of wanted) if (!found.includes(path)) faults.push(`${where} lacks ${path}`);
  for (const path of found) if (!wanted.includes(path)) faults.push(`${where} holds ${path}, which nothing there uses`);
}

async function tarballFiles() {
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts', '--loglevel=error'];
  const options = { cwd: join(root, 'server'), encoding: 'utf8', shell: process.platform === 'win32' };
  const answer = JSON.parse(execFileSync('npm', args, options));
  // npm 7 to 11 answer with a list, later ones with an object by the package's name.
  const [{ files }] = Object.values(answer);
  return files.map(({ path }) => path);
}

/** The files that a package.json names by their path, wherever it does, whether they exist or not. */
function* namedFiles(value) {
  if (typeof value === 'string') {
    if (/^(?:\.\/)?[\w-]+(?:\/[\w.-]+)*\/[\w.-]+\.(?:c?js|json|md|png|svg)$/.test(value))
      yield value.replace(/^\.\//, '');
  } else if (typeof value === 'object' && value !== null) {
    for (const each of Object.values(value)) yield* namedFiles(each);
  }
}

function read(path) {
  return readFileSync(join(root, path), 'utf8');
}
