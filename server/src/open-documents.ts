import type {
  DidChangeTextDocumentParams,
  DidCloseTextDocumentParams,
  DidOpenTextDocumentParams,
  TextDocumentContentChangeEvent,
} from 'vscode-languageserver-protocol';
import { type Position, TextDocument } from 'vscode-languageserver-textdocument';
import type { Connection } from './connection.js';

export interface OpenDocumentEvents {
  /** A document was opened or edited. */
  changed(document: TextDocument): void;
  closed(document: TextDocument): Promise<void>;
}

/**
 * The documents that the client has opened, as its notifications say. What it says of a document that it has not
 * opened is left aside, and a change without content as well. A notification that is not what the protocol says is
 * refused as a whole, before it has changed anything.
 */
export function openDocuments(connection: Connection, events: OpenDocumentEvents): ReadonlyMap<string, TextDocument> {
  const documents = new Map<string, TextDocument>();
  connection.onNotification('textDocument/didOpen', ({ textDocument }: DidOpenTextDocumentParams) => {
    const { uri, languageId, version, text } = textDocument;
    if (typeof uri !== 'string' || typeof text !== 'string') throw new Error('it takes a URI and a text.');
    const document = TextDocument.create(uri, languageId, version, text);
    documents.set(uri, document);
    events.changed(document);
  });
  connection.onNotification('textDocument/didChange', (params: DidChangeTextDocumentParams) => {
    const document = documents.get(params.textDocument.uri);
    if (!Array.isArray(params.contentChanges) || !params.contentChanges.every(isChange))
      throw new Error('its changes must be texts, each with a whole range or with none.');
    if (document === undefined || params.contentChanges.length === 0) return;
    for (const change of params.contentChanges)
      TextDocument.update(document, [within(document, change)], document.version);
    events.changed(TextDocument.update(document, [], params.textDocument.version));
  });
  connection.onNotification('textDocument/didClose', ({ textDocument }: DidCloseTextDocumentParams) => {
    const document = documents.get(textDocument.uri);
    if (document === undefined) return undefined;
    documents.delete(textDocument.uri);
    return events.closed(document);
  });
  return documents;
}

function isChange(change: unknown): boolean {
  if (typeof change !== 'object' || change === null || !('text' in change) || typeof change.text !== 'string')
    return false;
  const range: unknown = 'range' in change ? change.range : undefined;
  if (range == null) return true;
  return typeof range === 'object' && range !== null && 'start' in range && 'end' in range
    ? isPosition(range.start) && isPosition(range.end)
    : false;
}

function isPosition(position: unknown): boolean {
  if (typeof position !== 'object' || position === null || !('line' in position && 'character' in position))
    return false;
  return typeof position.line === 'number' && typeof position.character === 'number';
}

/**
 * The same change at lines that there are: a client that is out of step may name any, and the list of lines would be made
 * as long as the number says.
 */
function within(document: TextDocument, change: TextDocumentContentChangeEvent): TextDocumentContentChangeEvent {
  if (!('range' in change) || change.range == null) return { text: change.text };
  const moved = (position: Position) => document.positionAt(document.offsetAt(position));
  const { start, end } = change.range;
  return { range: { start: moved(start), end: moved(end) }, text: change.text };
}
