import assert from 'node:assert/strict';
import type { CompletionItem } from 'vscode-languageserver-protocol';
import { TextDocument } from 'vscode-languageserver-textdocument';

/** The text after a completion is accepted: its edits, with the tab stops as they are when nothing more is typed. */
export function accepted(text: string, item: CompletionItem): string {
  const { textEdit, additionalTextEdits = [] } = item;
  assert.ok(textEdit && 'range' in textEdit, `${item.label} has no edit`);
  const document = TextDocument.create('', 'yaml', 0, text);
  const newText = item.insertTextFormat === 2 ? expanded(textEdit.newText) : textEdit.newText;
  return TextDocument.applyEdits(document, [{ range: textEdit.range, newText }, ...additionalTextEdits]);
}

/** A snippet with its defaults, and the first of its choices. */
function expanded(snippet: string): string {
  return snippet.replace(
    /\\([\\$}])|\$\d+|\$\{\d+\|((?:\\.|[^,|\\])*)(?:\\.|[^|\\])*\|\}|\$\{\d+:((?:\\.|[^}\\])*)\}/g,
    (_, escaped: string | undefined, choice: string | undefined, given: string | undefined) =>
      escaped ?? (choice ?? given ?? '').replace(/\\(.)/g, '$1'),
  );
}

export function labelled(items: readonly CompletionItem[], label: string): CompletionItem {
  const found = items.find((item) => item.label === label);
  assert.ok(found, `${label} is not among ${items.map((item) => item.label).join(', ')}`);
  return found;
}

/** The text without its mark `|>`, and where that stood. */
export function unmarked(marked: string): { readonly text: string; readonly offset: number } {
  const offset = marked.indexOf('|>');
  assert.ok(offset >= 0, `no mark in ${marked}`);
  return { text: marked.replace('|>', ''), offset };
}
