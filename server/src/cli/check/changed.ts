import { relative, sep } from 'node:path';
import { changedFiles, repositoryOf, whyNoRepository } from '../../host/git.js';
import { pathOf } from '../../host/node-files.js';
import type { FileFinding } from '../../rules/run.js';
import type { Io } from '../command.js';
import { CannotRun } from '../input.js';

/** Whether a file differs from a git revision; what git does not track yet differs. */
export async function changedSince(revision: string, io: Io): Promise<(uri: string) => boolean> {
  const repository = await repositoryOf(io.cwd);
  if (repository === undefined) throw new CannotRun(`--changed asks git: ${await whyNoRepository(io.cwd)}`);
  const paths = await changedFiles(repository, revision);
  if (paths === undefined) throw new CannotRun(`--since ${revision}: there is no such revision in this repository`);
  const changed = new Set(paths);
  return (uri) => uri.startsWith('file:') && changed.has(relative(io.cwd, pathOf(uri)).split(sep).join('/'));
}

/** A finding belongs to a change where it stands in a changed file, or where one of the lines that cause it does. */
export function isAbout({ uri, related }: FileFinding, isChanged: (uri: string) => boolean): boolean {
  return isChanged(uri) || related.some((each) => isChanged(each.uri));
}
