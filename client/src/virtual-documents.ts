import * as vscode from 'vscode';
import { type AtPosition, EFFECTIVE, type EffectiveResult } from './protocol.js';
import type { Session } from './session.js';

const SCHEME = 'netpol-effective';

/**
 * Read-only documents whose text is the server's answer for a place in a manifest. The place stands in the document's
 * own URI, so nothing is kept here, and an editor or preview that is restored asks again.
 */
export function provideEffectiveDocuments(session: Session): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
    async provideTextDocumentContent(uri, token) {
      const client = await session.client();
      const answer = await client.sendRequest<EffectiveResult>(EFFECTIVE, JSON.parse(uri.query), token);
      return answer === null
        ? 'There is no policy or workload at this place any more.'
        : linkedForPreview(answer.markdown);
    },
  });
}

/**
 * The preview shows links to `file:` as text. What it follows are paths from the first workspace folder; of any other
 * link only the words are left.
 */
function linkedForPreview(markdown: string): string {
  const home = vscode.workspace.workspaceFolders?.[0]?.uri;
  return markdown.replace(/\[((?:\\.|[^\]\\])*)\]\(([^)\s]+)\)/g, (_, words: string, target: string) => {
    const uri = vscode.Uri.parse(target);
    const isBelow = home?.scheme === uri.scheme && uri.path.startsWith(`${home.path.replace(/\/$/, '')}/`);
    return isBelow
      ? `[${words}](${encodeURI(uri.path.slice(home.path.replace(/\/$/, '').length))}#${uri.fragment})`
      : words;
  });
}

/** The URI of the document for a place; `title` is the name on its tab. */
export function effectiveUri(title: string, at: AtPosition): vscode.Uri {
  const name = title.replace(/[\\/]+/g, ' ').trim() || 'Effective policy';
  return vscode.Uri.from({ scheme: SCHEME, path: `/${name}.md`, query: JSON.stringify(at) });
}

/** Opens a document beside the editor: as a rendered preview if there is one, else as text. */
export async function showBeside(uri: vscode.Uri, rendered: boolean): Promise<void> {
  if (rendered) {
    try {
      await vscode.commands.executeCommand('markdown.showPreviewToSide', uri);
      return;
    } catch {
      // The editor comes without a Markdown preview, or the user has disabled it.
    }
  }
  await vscode.window.showTextDocument(uri, {
    viewColumn: vscode.ViewColumn.Beside,
    preserveFocus: true,
    preview: true,
  });
}
