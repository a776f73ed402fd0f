import type { CompletionItem } from 'vscode-languageserver-types';
import type { Netpol } from '../service.js';
import { isSettingsFile } from '../workspace/settings-file.js';
import { isTestFile } from '../workspace/test-file.js';
import { configCompletions } from './config-completion.js';
import { selectorCompletions } from './selector-completion.js';
import { testCompletions } from './test-completion.js';

/** What may be typed at an offset of a file, by the file's kind; nothing where netpol has nothing to say. */
export function completionsAt(netpol: Netpol, uri: string, offset: number): readonly CompletionItem[] {
  const file = netpol.workspace.file(uri);
  if (file === undefined) return [];
  if (isTestFile(uri)) return testCompletions(netpol, file, offset);
  return isSettingsFile(uri) ? configCompletions(file, offset) : selectorCompletions(netpol, file, offset);
}
