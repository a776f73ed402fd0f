import type { SourceFile } from '../../text/file.js';
import type { DocumentRef } from '../../text/tree.js';
import { perList } from '../per-list.js';
import type { Step } from './step.js';

/**
 * The objects of a file of JSON that follow right behind another one: kustomize reads the first of them and drops these
 * without a word, where kubectl reads them all. Source: kustomize 5, kyaml/kio/byteio_reader.go, as `kubectl kustomize` does.
 */
export function droppedOfStream(file: SourceFile): readonly DocumentRef[] {
  const behind = file.documents.slice(1).map(({ document }) => document);
  return behind.filter(({ text }) => /^\s*\{/.test(text));
}

/** Leaves out what kustomize drops of a file of JSON. */
export function streamStep(uri: string, fileOf: (uri: string) => SourceFile | undefined): Step {
  return {
    reads: [uri],
    apply(built) {
      const file = fileOf(uri);
      return file !== undefined && droppedSet(file).has(built.node.document) ? undefined : built;
    },
  };
}

/** A file never changes. */
const droppedSet = perList((file: SourceFile): ReadonlySet<DocumentRef> => new Set(droppedOfStream(file)));
