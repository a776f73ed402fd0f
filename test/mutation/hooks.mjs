// Module hooks of a worker: the modules under test come with their mutants, Node's test runner gives way to ours, and the
// server that a test of the protocol starts runs in this process.

import { readFile } from 'node:fs/promises';

const runner = new URL('collected-tests.mjs', import.meta.url).href;
const processes = new URL('server-here.mjs', import.meta.url).href;
let switched;

export function initialize({ modules }) {
  switched = new Map(modules);
}

export async function resolve(specifier, context, next) {
  if (specifier === 'node:test') return { url: runner, shortCircuit: true };
  if (specifier === 'node:child_process' && context.parentURL?.endsWith('/protocol/server-process.js'))
    return { url: processes, shortCircuit: true };
  return next(specifier, context);
}

export async function load(url, context, next) {
  const path = switched.get(url);
  if (path === undefined) return next(url, context);
  return { format: 'module', source: await readFile(path, 'utf8'), shortCircuit: true };
}
