import type { CompletionItem } from 'vscode-languageserver-types';
import type { Netpol } from '../service.js';
import { isSettingsFile } from '../workspace/settings-file.js';
import { isTestFile } from '../workspace/test-file.js';
import { configCompletions } from './config-completion.js';
import { defineFeature, type PlaceParams, placeIn } from './feature.js';
import { selectorCompletions } from './selector-completion.js';
import { testCompletions } from './test-completion.js';

export const completionFeature = defineFeature({
  method: 'textDocument/completion',
  doc: 'Keys and values of `.netpol.yaml` and of test files, selectors of Calico with the labels that there are.',
  capability: () => ({ completionProvider: { triggerCharacters: [' ', "'", '"', '('] } }),
  answer({ netpol }, params: PlaceParams) {
    const at = placeIn(netpol, params);
    return at === undefined ? [] : completionsAt(netpol, at.uri, at.offset);
  },
});

/** What may be typed at an offset of a file, by the file's kind; nothing where netpol has nothing to say. */
export function completionsAt(netpol: Netpol, uri: string, offset: number): readonly CompletionItem[] {
  const file = netpol.workspace.file(uri);
  if (file === undefined) return [];
  if (isTestFile(uri)) return testCompletions(netpol, file, offset);
  return isSettingsFile(uri) ? configCompletions(file, offset) : selectorCompletions(netpol, file, offset);
}
