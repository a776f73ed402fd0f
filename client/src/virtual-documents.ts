import * as vscode from 'vscode';
import {
  type AtPosition,
  CHANGES,
  type ChangesQuestion,
  type ChangesResult,
  type ConnectionQuestion,
  EFFECTIVE,
  type EffectiveResult,
  EXPLAIN,
  type ExplainResult,
} from './protocol.js';
import { afterChanges, type Session } from './session.js';

const EFFECTIVE_SCHEME = 'netpol-effective';
const EXPLAIN_SCHEME = 'netpol-explain';
const CHANGES_SCHEME = 'netpol-changes';

/**
 * Read-only documents whose text is the server's answer for a place in a manifest, or for a question about a connection.
 * Place and question stand in the document's own URI, so that an editor or preview that is restored asks again. Those that
 * are open follow each edit of the workspace.
 */
export function provideAnswerDocuments(session: Session): vscode.Disposable {
  const provide = (scheme: string, answer: (query: unknown, token: vscode.CancellationToken) => Promise<string>) => {
    const changed = new vscode.EventEmitter<vscode.Uri>();
    const refresh = () => {
      for (const { uri } of vscode.workspace.textDocuments) if (uri.scheme === scheme) changed.fire(uri);
    };
    const provider = vscode.workspace.registerTextDocumentContentProvider(scheme, {
      onDidChange: changed.event,
      provideTextDocumentContent: async (uri, token) => linkedForPreview(await answer(JSON.parse(uri.query), token)),
    });
    return vscode.Disposable.from(changed, provider, afterChanges(session, refresh));
  };
  return vscode.Disposable.from(
    provide(EFFECTIVE_SCHEME, async (query, token) => {
      const answer = await (await session.client()).sendRequest<EffectiveResult>(EFFECTIVE, query, token);
      return answer?.markdown ?? vscode.l10n.t('There is no policy or workload at this place any more.');
    }),
    provide(EXPLAIN_SCHEME, async (query, token) => {
      const answer = await (await session.client()).sendRequest<ExplainResult>(EXPLAIN, query, token);
      return 'problem' in answer ? vscode.l10n.t('There is no answer any more: {0}', answer.problem) : answer.markdown;
    }),
    provide(CHANGES_SCHEME, async (query, token) => {
      const answer = await (await session.client()).sendRequest<ChangesResult>(CHANGES, query, token);
      return 'problem' in answer ? answer.problem : answer.markdown;
    }),
  );
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
  return answerUri(EFFECTIVE_SCHEME, title, at);
}

/** The same for a question about a connection. */
export function explainUri(title: string, question: ConnectionQuestion): vscode.Uri {
  return answerUri(EXPLAIN_SCHEME, title, question);
}

/** The same for what the changes against a revision do. */
export function changesUri(title: string, question: ChangesQuestion): vscode.Uri {
  return answerUri(CHANGES_SCHEME, title, question);
}

function answerUri(scheme: string, title: string, query: object): vscode.Uri {
  const name = title.replace(/[\\/]+/g, ' ').trim() || 'netpol';
  return vscode.Uri.from({ scheme, path: `/${name}.md`, query: JSON.stringify(query) });
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
