// Audits what netpol ships and what it is built with:
//   every package in every lock file has a checksum and comes from wherever npm is told to, with no address in the file;
//   what is shipped has a licence that goes with Apache-2.0;
//   `npm audit` knows of nothing high or critical in what is shipped, where the registry offers that service.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './install.mjs';

const compatible = new Set(['Apache-2.0', 'MIT', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0']);
const locks = ['.', 'test/editor', 'test/bench', 'test/scale'];
const faults = [];
let checked = 0;

for (const folder of locks) {
  const { packages } = JSON.parse(readFileSync(join(root, folder, 'package-lock.json'), 'utf8'));
  for (const [path, entry] of Object.entries(packages)) {
    if (!path.includes('node_modules/') || entry.link === true) continue;
    checked++;
    if (entry.integrity === undefined && entry.inBundle !== true) faults.push(`${folder}: ${path} has no checksum`);
    if (entry.resolved !== undefined) faults.push(`${folder}: ${path} names where it comes from`);
  }
}

const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
const shipped = closure(['server', 'client']);
for (const path of shipped) {
  const { license } = packages[path];
  if (!compatible.has(license)) faults.push(`${path} is shipped under ${license ?? 'no licence that it names'}`);
}

// Not by --omit=dev: what the bundles hold are devDependencies of the server, since an install of it brings nothing.
const audit = spawnSync('npm', ['audit', '--json'], {
  cwd: root,
  encoding: 'utf8',
  shell: process.platform === 'win32',
});
let known = 'the registry that npm is set to offers no audit, so known faults were not looked up';
try {
  const { vulnerabilities } = JSON.parse(audit.stdout);
  if (vulnerabilities !== undefined) {
    const inShipped = Object.values(vulnerabilities).filter(({ nodes }) => nodes.some((path) => shipped.has(path)));
    const bad = inShipped.filter(({ severity }) => ['high', 'critical'].includes(severity));
    for (const { name, severity } of bad) faults.push(`${name} has a known fault: ${severity}`);
    known = `${inShipped.length} with known faults, ${bad.length} of them high or critical`;
  }
} catch (error) {
  faults.push(`npm audit answered what cannot be read: ${error.message}`);
}

for (const fault of faults) console.error(`audit: ${fault}`);
console.log(`audit: ${checked} packages with checksums, ${shipped.size} shipped; ${known}; ${faults.length} faults`);
process.exitCode = faults.length > 0 ? 1 : 0;

/** The packages that some are made of or need at run time, as npm would find them from where they are. */
function closure(start) {
  const found = new Set();
  const waiting = [...start];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const { dependencies, devDependencies } = packages[path] ?? {};
    const needed = { ...dependencies, ...(start.includes(path) ? devDependencies : {}) };
    for (const name of Object.keys(needed)) {
      const at = resolved(path, name);
      if (at === undefined) faults.push(`${name}, which ${path} needs, is not in the lock file`);
      // Our own packages are where this starts.
      else if (packages[at].link !== true && !found.has(at)) {
        found.add(at);
        waiting.push(at);
      }
    }
  }
  return found;
}

function resolved(from, name) {
  for (let folder = from; ; folder = folder.replace(/(?:^|\/)[^/]*$/, '')) {
    const path = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`;
    if (packages[path] !== undefined) return path;
    if (folder === '') return undefined;
  }
}
