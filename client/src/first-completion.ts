import * as vscode from 'vscode';
import { mayBeginPolicy, SCAN_LIMIT } from './looks-like-policy.js';
import { reason, type Session } from './session.js';

/**
 * Starts the server when somebody asks for completions where a policy may begin: an empty file has none yet that would.
 * Once the server is ready the editor asks it, if the person is still at the beginning.
 */
export function startAtFirstCompletion(
  selector: vscode.DocumentSelector,
  session: Session,
  output: vscode.LogOutputChannel,
): vscode.Disposable {
  return vscode.languages.registerCompletionItemProvider(selector, {
    provideCompletionItems(document) {
      if (session.state.kind !== 'waiting' || document.getText().length > SCAN_LIMIT) return undefined;
      if (mayBeginPolicy(document.getText())) {
        void askWhenReady(session, document).catch((error) => output.error(reason(error)));
      }
      return undefined;
    },
  });
}

async function askWhenReady(session: Session, document: vscode.TextDocument): Promise<void> {
  await session.client();
  await session.ready();
  const waits = vscode.window.activeTextEditor?.document === document && mayBeginPolicy(document.getText());
  if (waits) await vscode.commands.executeCommand('editor.action.triggerSuggest');
}
