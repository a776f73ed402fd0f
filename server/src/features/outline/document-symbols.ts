import type { DocumentSymbol, SymbolInformation } from 'vscode-languageserver-types';
import type { YamlDocument } from '../../text/document.js';
import type { PlacedDocument, SourceFile } from '../../text/file.js';
import { shift } from '../../text/range.js';
import { keyOf } from '../../workspace/files.js';
import { isTestFile } from '../../workspace/test-file.js';
import { type DocumentParams, defineFeature } from '../feature.js';
import { toLspRange } from '../places.js';
import { outlineOf, outlineOfTests } from './outline.js';
import type { Outlined } from './outlined.js';

export const documentSymbolFeature = defineFeature({
  method: 'textDocument/documentSymbol',
  doc: 'The outline: policies with their directions, rules, peers and ports, workloads with their ports, and tests.',
  capability: (client) => ({ documentSymbolProvider: client.symbolLabel ? { label: 'netpol' } : true }),
  answer({ netpol, client }, { textDocument }: DocumentParams): DocumentSymbol[] | SymbolInformation[] | null {
    const file = netpol.workspace.file(keyOf(textDocument.uri));
    if (file === undefined) return null;
    const outlineIn = isTestFile(file.uri) ? outlineOfTests : outlineOf;
    if (client.hierarchicalSymbols) return file.documents.flatMap((placed) => symbolsIn(file, placed, outlineIn));
    return file.documents.flatMap(({ document, offset }) =>
      outlineIn(document).flatMap((each) => [...flat(file, textDocument.uri, each, offset, '')]),
    );
  },
});

type OutlineIn = (document: YamlDocument) => readonly Outlined[];

/** Those of a document that is where it was stay as they are: an edit elsewhere in a long file costs nothing. */
function symbolsIn(file: SourceFile, { document, offset }: PlacedDocument, outlineIn: OutlineIn): DocumentSymbol[] {
  const line = file.lines.lineAt(offset);
  const known = cache.get(document);
  if (known?.line === line) return known.symbols;
  const symbols = outlineIn(document).map((each) => symbolOf(file, each, offset));
  cache.set(document, { line, symbols });
  return symbols;
}

const cache = new WeakMap<YamlDocument, { readonly line: number; readonly symbols: DocumentSymbol[] }>();

function symbolOf(
  file: SourceFile,
  { name, detail, kind, range, at, children }: Outlined,
  offset: number,
): DocumentSymbol {
  return {
    name,
    kind,
    ...(detail === '' ? {} : { detail }),
    range: toLspRange(file, shift(range, offset)),
    selectionRange: toLspRange(file, shift(at, offset)),
    ...(children.length === 0 ? {} : { children: children.map((child) => symbolOf(file, child, offset)) }),
  };
}

/** For clients that know no hierarchy: each with the name of what it stands in. */
function* flat(
  file: SourceFile,
  uri: string,
  { name, kind, range, children }: Outlined,
  offset: number,
  containerName: string,
): Generator<SymbolInformation> {
  const location = { uri, range: toLspRange(file, shift(range, offset)) };
  yield { name, kind, location, ...(containerName === '' ? {} : { containerName }) };
  for (const child of children) yield* flat(file, uri, child, offset, name);
}
