import { readFile } from 'node:fs/promises';
import { createTwoFilesPatch } from 'diff';
import { safeChanges } from '../../features/actions/code-actions.js';
import { decoded, encodedAs } from '../../host/encoding.js';
import { pathOf, reasonOf } from '../../host/node-files.js';
import type { Io } from '../command.js';
import { CannotRun, type Input } from '../input.js';

/** Texts before and after, by URI; only those that changed. */
export type Fixed = ReadonlyMap<string, { readonly before: string; readonly after: string }>;

/** Applies the safe fixes of some files in memory until none is left; each round may uncover the next, and twenty are plenty. */
export function fixSafely({ netpol }: Input, uris: readonly string[]): Fixed {
  const before = new Map<string, string>();
  for (let round = 0; round < 20; round++) {
    let again = false;
    for (const uri of uris) {
      const changes = safeChanges(netpol, uri);
      const texts = changes === undefined ? undefined : netpol.applyChanges(changes);
      for (const [file, text] of texts ?? []) {
        const old = netpol.workspace.file(file)?.text ?? '';
        if (!before.has(file)) before.set(file, old);
        netpol.workspace.setBuffer(file, text, undefined);
        again ||= old !== text;
      }
    }
    if (!again) break;
  }
  const fixed = [...before].map(([uri, old]) => {
    return [uri, { before: old, after: netpol.workspace.file(uri)?.text ?? old }] as const;
  });
  return new Map(fixed.filter(([, { before, after }]) => before !== after));
}

/** Writes what was fixed to the files, and says which. */
export async function writeFixed(fixed: Fixed, input: Input, io: Io): Promise<void> {
  for (const [uri, { before, after }] of fixed) {
    try {
      await io.write(uri, await bytesFor(uri, before, after));
    } catch (error) {
      throw new CannotRun(`${input.show(uri)} could not be written: ${reasonOf(error)}`);
    }
    io.err(`netpol: fixed ${input.show(uri)}\n`);
  }
}

/** In the encoding that the file has. Nothing that somebody else has written is written over. */
async function bytesFor(uri: string, before: string, after: string): Promise<Uint8Array> {
  const bytes = await readFile(pathOf(uri));
  if (decoded(bytes) !== before) throw new Error('it has changed since it was read; run the command again');
  const written = encodedAs(bytes, after);
  if (written === undefined) throw new Error('it holds bytes that are no text, which would be lost');
  return written;
}

/** What fixing would change, as a patch that `git apply` and `patch -p1` take from the current folder. */
export function patchOf(fixed: Fixed, input: Input): string {
  return [...fixed]
    .map(([uri, { before, after }]) => {
      const path = input.show(uri).replaceAll('\\', '/');
      const patch = createTwoFilesPatch(`a/${path}`, `b/${path}`, before, after, undefined, undefined, { context: 3 });
      return patch.replace(/^=+\n/, '');
    })
    .join('');
}
