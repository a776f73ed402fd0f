import type { CompletionItem, Range } from 'vscode-languageserver-types';
import { asPlainText, asSnippet } from './shape-text.js';

/** What the client can do with what is offered. */
export interface CompletionSupport {
  readonly snippets: boolean;
  readonly markdown: boolean;
  /** Runs VS Code's own command that asks for completions again. */
  readonly asksAgain: boolean;
  /** Shows a text beside the label. */
  readonly labelDetails: boolean;
}

export const plainCompletion: CompletionSupport = {
  snippets: false,
  markdown: true,
  asksAgain: false,
  labelDetails: false,
};

/** What tells items of one label apart, in the list or, where the client cannot, with the item that is looked at. */
export function beside(
  description: string,
  { labelDetails }: CompletionSupport,
): Pick<CompletionItem, 'labelDetails' | 'detail'> {
  return labelDetails ? { labelDetails: { description } } : { detail: description };
}

/** The edit that writes a text with tab stops (see `Shape`), in the way that the client can. */
export function writtenText(
  text: string,
  range: Range,
  { snippets, asksAgain }: CompletionSupport,
  again = false,
): Pick<CompletionItem, 'textEdit' | 'insertTextFormat' | 'command'> {
  const more = asksAgain && again ? { command: askAgain } : {};
  if (!snippets || !text.includes('<')) return { textEdit: { range, newText: asPlainText(text) }, ...more };
  return { textEdit: { range, newText: asSnippet(text) }, insertTextFormat: snippetFormat, ...more };
}

/** As if the editor had thought of it by itself: nothing is said where there is nothing to offer. */
const askAgain = { title: '', command: 'editor.action.triggerSuggest', arguments: [{ auto: true }] };

const snippetFormat = 2;
