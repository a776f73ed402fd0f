import * as vscode from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import type { TestResultItem } from './protocol.js';

/** What VS Code from 1.93 on also has: lines of code that led to a failure, shown one below the other. */
interface WithFrames {
  readonly TestMessageStackFrame?: new (label: string, uri: vscode.Uri, position: vscode.Position) => object;
}

/**
 * Why a test failed, at the line that says what is expected. The lines of the policies that decide are links; where the
 * editor can show them beneath the message, they are also places to step through.
 */
export function failureMessages(
  client: BaseLanguageClient,
  { uri }: vscode.TestItem,
  { messages }: TestResultItem,
): vscode.TestMessage[] {
  const converter = client.protocol2CodeConverter;
  const { TestMessageStackFrame: Frame } = vscode as typeof vscode & WithFrames;
  return messages.map(({ message, range, related }) => {
    const shown = new vscode.TestMessage(new vscode.MarkdownString(message));
    if (uri !== undefined) shown.location = new vscode.Location(uri, converter.asRange(range));
    if (Frame !== undefined && uri !== undefined && related.length > 0) {
      const frames = related.map(({ message: words, location }) => {
        return new Frame(words, converter.asUri(location.uri), converter.asRange(location.range).start);
      });
      Object.assign(shown, { stackTrace: frames });
    }
    return shown;
  });
}
