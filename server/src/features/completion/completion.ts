import type { CompletionParams } from 'vscode-languageserver-protocol';
import type { CompletionItem } from 'vscode-languageserver-types';
import type { Netpol } from '../../service.js';
import { isSettingsFile } from '../../workspace/settings-file.js';
import { isTestFile } from '../../workspace/test-file.js';
import type { Client } from '../client.js';
import { defineFeature, placeIn } from '../feature.js';
import { itemFor } from '../markup.js';
import { type CompletionSupport, plainCompletion } from './completion-text.js';
import { configCompletions } from './config-completion.js';
import { mostKnown } from './known-site.js';
import { manifestCompletions } from './manifest-completion.js';
import { selectorCompletions } from './selector-completion.js';
import { suppressionCompletions } from './suppression-completion.js';
import { testCompletions } from './test-completion.js';

export const completionFeature = defineFeature({
  method: 'textDocument/completion',
  doc: 'Kinds, fields, values and whole policies in manifests, with the labels, names and ports that there are; selectors of Calico; rules to silence; keys and values of `.netpol.yaml` and of test files.',
  capability: () => ({ completionProvider: { triggerCharacters: [' ', "'", '"', '('] } }),
  answer({ netpol, client }, params: CompletionParams) {
    const at = placeIn(netpol, params);
    if (at === undefined) return [];
    const support = supportOf(client);
    const items = completionsAt(netpol, at.uri, at.offset, support, params.context?.triggerCharacter);
    const shown = items.map((item) => itemFor(client, item));
    // Of what there is very much of, the rest comes with the next letter.
    return shown.length < mostKnown ? shown : { isIncomplete: true, items: shown };
  },
});

function supportOf({ snippets, labelDetails, markdown, commands }: Client): CompletionSupport {
  const asksAgain = commands.has('editor.action.triggerSuggest');
  return { snippets, labelDetails, markdown: markdown.completion, asksAgain };
}

/**
 * What may be typed at an offset of a file, by the file's kind; nothing where netpol has nothing to say. `trigger` is the
 * character that had the editor ask by itself: where it may as well be a part of plain text, nothing is offered.
 */
export function completionsAt(
  netpol: Netpol,
  uri: string,
  offset: number,
  support: CompletionSupport = plainCompletion,
  trigger?: string,
): readonly CompletionItem[] {
  const file = netpol.workspace.file(uri);
  if (file === undefined) return [];
  if (isTestFile(uri)) return testCompletions(netpol, file, offset, support);
  if (isSettingsFile(uri)) return configCompletions(file, offset, support);
  const before = file.text.slice(Math.max(0, offset - 200), offset);
  const silenced = suppressionCompletions(netpol, file, offset);
  if (silenced !== undefined) return trigger === undefined || /netpol-disable\S*\s[^#]*$/.test(before) ? silenced : [];
  const selectors = selectorCompletions(netpol, file, offset);
  if (selectors.length > 0) return selectors;
  // A blank that indents a line, or stands between words, asks for nothing.
  const asks = trigger === undefined || (trigger === ' ' ? /[-:,[{] $/.test(before) : trigger !== '(');
  return asks ? manifestCompletions(netpol, file, offset, support) : [];
}
