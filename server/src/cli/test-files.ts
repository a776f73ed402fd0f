import { resolve } from 'node:path';
import { isTestFile } from '../workspace/test-file.js';
import { type Io, readWith } from './command.js';
import { CannotRun, type Input } from './input.js';

/** Reads what a command that runs tests is given: of test files alone, the manifests are those of the current folder. */
export function readTested(io: Io, paths: readonly string[]): Promise<Input> {
  return readWith(io, isTestsAlone(paths) ? ['.', ...paths] : paths);
}

/** The test files that are meant: those that are named, where nothing else is. Never none. */
export function testFilesOf(input: Input, { cwd }: Io, paths: readonly string[]): readonly string[] {
  const all = input.uris.filter(isTestFile);
  const meant = isTestsAlone(paths) ? all.filter((uri) => input.named.includes(uri)) : all;
  if (meant.length > 0) return meant;
  const where = paths.length === 0 ? cwd : paths.map((path) => resolve(cwd, path)).join(' and ');
  throw new CannotRun(`there is no *.netpol-test.yaml in ${where}; docs/connectivity-tests.md shows how to write one`);
}

function isTestsAlone(paths: readonly string[]): boolean {
  return paths.length > 0 && paths.every((path) => isTestFile(path.replaceAll('\\', '/')));
}
