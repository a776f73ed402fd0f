// Holds the layers of DESIGN section 2: a layer of server/src imports only from itself and those before it; the core has
// no `node:` imports; only text/ uses the yaml package, only features/ and the entry points use LSP types.

import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { filesBelow } from './files.mjs';
import { root } from './install.mjs';

const order = [
  'text',
  'model',
  'kinds',
  'workspace',
  'engine',
  'rules',
  'convert',
  'templates',
  'picture',
  'features',
  'cli',
];
/** Layers beside the order: what they may import, and who may import them. */
const core = new Set(order.slice(0, -1));
const nodeAllowed = new Set(['cli', 'host']);
const nodeEntry = new Set(['node.ts', 'connection-node.ts']);
const builtin = new Set(builtinModules);

const source = join(root, 'server/src');
const faults = [];
const files = filesBelow(source, '.ts');
for (const file of files) {
  const from = relative(source, file).split('\\').join('/');
  const layer = from.includes('/') ? from.split('/')[0] : 'top';
  const text = readFileSync(file, 'utf8');
  for (const [, specifier] of text.matchAll(/^\s*(?:import|export)[^'"]*?from\s*['"]([^'"]+)['"]/gm)) {
    if (specifier === undefined) continue;
    if (specifier.startsWith('.')) {
      const target = relative(source, join(dirname(file), specifier))
        .split('\\')
        .join('/');
      checkLocal(from, layer, target.includes('/') ? target.split('/')[0] : 'top', target);
    } else checkPackage(from, layer, specifier);
  }
}

if (layerCount() < order.length) faults.push(`not all layers are there: ${order.join(', ')}`);
for (const fault of faults) console.error(fault);
console.log(`layers: ${files.length} files, ${faults.length} faults`);
process.exit(faults.length > 0 ? 1 : 0);

function checkLocal(from, layer, target, path) {
  if (layer === target || layer === 'top') return;
  if (target === 'top') {
    // The core's public door and the version are for the outside: features, the command line and tests.
    if (layer !== 'features' && layer !== 'cli') faults.push(`${from} imports ${path}: only features/ and cli/ may`);
    return;
  }
  if (layer === 'rpc' || target === 'rpc') {
    faults.push(`${from} imports ${path}: rpc/ serves the entry points, and needs nothing`);
    return;
  }
  if (layer === 'host') {
    if (target !== 'workspace') faults.push(`${from} imports ${path}: host/ serves workspace/ only`);
    return;
  }
  if (target === 'host') {
    if (layer !== 'cli') faults.push(`${from} imports ${path}: only entry points and cli/ choose a host`);
    return;
  }
  // The model's elements stand in the text, but the model knows no text.
  if (layer === 'model') faults.push(`${from} imports ${path}: model/ imports nothing but the address library`);
  else if (order.indexOf(target) > order.indexOf(layer))
    faults.push(`${from} imports ${path}: ${target}/ comes after ${layer}/`);
}

function checkPackage(from, layer, specifier) {
  const name = specifier.startsWith('@') ? specifier.split('/').slice(0, 2).join('/') : specifier.split('/')[0];
  const node = specifier.startsWith('node:') || builtin.has(name);
  if (layer === 'rpc' && !(node && from === 'rpc/node.ts'))
    faults.push(`${from} imports ${specifier}: rpc/ needs nothing`);
  if (node && core.has(layer)) faults.push(`${from} imports ${specifier}: the core runs in browsers`);
  if (node && layer === 'top' && !nodeEntry.has(from))
    faults.push(`${from} imports ${specifier}: only ${[...nodeEntry].join(' and ')} may`);
  if (node && layer !== 'top' && layer !== 'rpc' && !nodeAllowed.has(layer) && !core.has(layer))
    faults.push(`${from} imports ${specifier}`);
  if (name === 'yaml' && layer !== 'text') faults.push(`${from} imports yaml: only text/ may`);
  if (name === 'ipaddr.js' && layer !== 'model') faults.push(`${from} imports ipaddr.js: only model/ may`);
  const lsp = name === 'vscode-jsonrpc' || name?.startsWith('vscode-languageserver') === true;
  if (lsp && layer !== 'features' && layer !== 'top')
    faults.push(`${from} imports ${specifier}: only features/ and the server know LSP`);
}

function layerCount() {
  return order.filter((layer) => files.some((file) => relative(source, file).startsWith(layer))).length;
}
