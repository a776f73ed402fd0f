// The modules under test: their mutants, numbered through, and their text with all of them in it.

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { filesBelow } from '../../.ci/files.mjs';
import { mutantsOf, switched } from './mutants.mjs';

const folders = ['model', 'engine', 'rules'];

/**
 * All mutants of the compiled server in `root`, each with its number, its place in the source, and what it changes; and
 * `modules`, pairs of a module's URL and the file in `output` that stands in for it.
 */
export function allMutants(root, output) {
  const compiled = join(root, 'server/out');
  const mutants = [];
  const modules = [];
  const importers = new Map();
  for (const path of folders.flatMap((folder) => filesBelow(join(compiled, folder), '.js')).sort()) {
    const text = readFileSync(path, 'utf8');
    const found = mutantsOf(text);
    const name = relative(compiled, path);
    const place = placesOf(path, text);
    const copy = join(output, name);
    mkdirSync(dirname(copy), { recursive: true });
    writeFileSync(copy, switched(text, found, mutants.length));
    modules.push([pathToFileURL(path).href, copy]);
    const file = `${name.slice(0, -'.js'.length)}.ts`;
    for (const { source } of found.program.body.filter(({ type }) => type === 'ImportDeclaration')) {
      if (!source.value.startsWith('.')) continue;
      const imported = `${relative(compiled, join(dirname(path), source.value)).slice(0, -'.js'.length)}.ts`;
      importers.set(imported, [...(importers.get(imported) ?? []), file]);
    }
    for (const { kind, start, end, replacement } of found.mutants) {
      const before = text.slice(start, end);
      mutants.push({
        id: mutants.length,
        file,
        kind,
        at: place(start),
        before: oneLine(before),
        after: oneLine(replacement),
      });
    }
  }
  return { mutants, modules, importers, hash: hashOf(filesBelow(compiled, '.js')) };
}

export function hashOf(paths) {
  const hash = createHash('sha256');
  for (const path of [...paths].sort()) hash.update(path).update(readFileSync(path));
  return hash.digest('hex');
}

/** The line and column in the TypeScript source, from 1, of an offset in the compiled text. */
function placesOf(path, text) {
  const map = new SourceMap(JSON.parse(readFileSync(`${path}.map`, 'utf8')));
  const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  return (offset) => {
    const line = starts.findLastIndex((start) => start <= offset);
    const { originalLine, originalColumn } = map.findEntry(line, offset - starts[line]);
    return `${originalLine + 1}:${originalColumn + 1}`;
  };
}

function oneLine(text) {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > 90 ? `${line.slice(0, 88)} …` : line;
}
