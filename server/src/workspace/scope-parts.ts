import { SourceFile } from '../text/file.js';
import type { Step as Transformation } from './kustomize/step.js';
import type { Member } from './members.js';
import type { RenderedFile } from './rendering.js';
import type { Scope } from './scope.js';

/** A file of a scope, and how its objects get there. A file may be there several times, each in another way. */
export interface ScopeFile {
  readonly file: SourceFile | RenderedFile;
  /** What kustomizations do to the objects. */
  readonly steps: readonly Transformation[];
  /** Names the unset namespace that the file's objects fall in. */
  readonly unsetKey: string;
}

/** What a scope is made of. */
export interface ScopeParts extends Pick<Scope, 'id' | 'title' | 'kind' | 'incomplete'> {
  readonly files: readonly ScopeFile[];
}

/** A file's part in the scope. */
export interface Part extends Omit<ScopeFile, 'file'> {
  file: ScopeFile['file'];
  /** The file's place among the files of the scope. */
  ordinal: number;
  /** The namespace a kustomization gives. */
  readonly override: string | undefined;
  /** Files whose text the steps depend on. */
  readonly reads: ReadonlySet<string>;
  members: readonly Member[];
}

/** How a scope's parts change when other files are to be in it. */
interface Step {
  readonly parts: readonly Part[];
  readonly arrived: readonly Part[];
  readonly gone: readonly Part[];
}

/** More files than these that come or go at once are no edit: a scope that is made anew costs less. */
const mostAtOnce = 100;

/** The parts for these files, those of the same files being the same; undefined where they are too many others. */
export function stepTo(
  before: readonly Part[],
  byUri: ReadonlyMap<string, readonly Part[]>,
  files: readonly ScopeFile[],
): Step | undefined {
  const [parts, arrived, gone]: [Part[], Part[], Part[]] = [[], [], []];
  let next = 0;
  for (const [ordinal, each] of files.entries()) {
    const { uri } = each.file;
    const known = byUri.get(uri);
    if (known === undefined) {
      const part = partOf(each, ordinal);
      arrived.push(part);
      parts.push(part);
    } else {
      // What stands before it, and was passed over, is gone; in another order it is not found.
      const [part] = known;
      const place = part === undefined ? -1 : before.indexOf(part, next);
      if (part === undefined || place < 0 || known.length > 1 || part.unsetKey !== each.unsetKey) return undefined;
      gone.push(...before.slice(next, place));
      parts.push(part);
      next = place + 1;
    }
    if (arrived.length + gone.length > mostAtOnce) return undefined;
  }
  gone.push(...before.slice(next));
  return arrived.length + gone.length > mostAtOnce ? undefined : { parts, arrived, gone };
}

const nothing: ReadonlySet<string> = new Set();

export function partOf({ file, steps, unsetKey }: ScopeFile, ordinal: number): Part {
  return {
    file,
    steps,
    unsetKey,
    ordinal,
    override: steps.findLast(({ namespace }) => namespace !== undefined)?.namespace,
    reads: steps.length === 0 ? nothing : new Set(steps.flatMap(({ reads }) => reads)),
    members: [],
  };
}

/** Read as it stands. */
export function isPlain({ file, steps }: ScopeFile): boolean {
  return steps.length === 0 && !isRendered(file);
}

export function isRendered(file: ScopeFile['file']): boolean {
  return !(file instanceof SourceFile);
}
