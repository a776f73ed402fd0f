import type {
  DidChangeTextDocumentParams,
  DidCloseTextDocumentParams,
  DidOpenTextDocumentParams,
} from 'vscode-languageserver-protocol';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Connection } from './connection.js';

export interface OpenDocumentEvents {
  /** A document was opened or edited. */
  changed(document: TextDocument): void;
  closed(document: TextDocument): Promise<void>;
}

/**
 * The documents that the client has opened, as its notifications say. What it says of a document that it has not
 * opened is left aside, and a change without content as well.
 */
export function openDocuments(connection: Connection, events: OpenDocumentEvents): ReadonlyMap<string, TextDocument> {
  const documents = new Map<string, TextDocument>();
  connection.onNotification('textDocument/didOpen', ({ textDocument }: DidOpenTextDocumentParams) => {
    const { uri, languageId, version, text } = textDocument;
    const document = TextDocument.create(uri, languageId, version, text);
    documents.set(uri, document);
    events.changed(document);
  });
  connection.onNotification('textDocument/didChange', (params: DidChangeTextDocumentParams) => {
    const document = documents.get(params.textDocument.uri);
    if (document === undefined || params.contentChanges.length === 0) return;
    events.changed(TextDocument.update(document, params.contentChanges, params.textDocument.version));
  });
  connection.onNotification('textDocument/didClose', ({ textDocument }: DidCloseTextDocumentParams) => {
    const document = documents.get(textDocument.uri);
    if (document === undefined) return undefined;
    documents.delete(textDocument.uri);
    return events.closed(document);
  });
  return documents;
}
