import * as vscode from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { CHANGES, type ChangesQuestion, type ChangesResult, REVISIONS, type RevisionsResult } from './protocol.js';
import { changesUri, showBeside } from './virtual-documents.js';

/**
 * Shows what the changes against a revision allow and block. A lens gives the question; without one the person chooses
 * the revision.
 */
export async function showChanges(client: BaseLanguageClient, given: unknown, rendered: boolean): Promise<void> {
  const question = isQuestion(given) ? given : await askForRevision(client);
  if (question === undefined) return;
  const answer = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Window,
      title: vscode.l10n.t('netpol: comparing with {0}', question.revision),
    },
    () => client.sendRequest<ChangesResult>(CHANGES, question),
  );
  if ('problem' in answer) {
    void vscode.window.showInformationMessage(vscode.l10n.t('netpol: {0}', answer.problem));
    return;
  }
  await showBeside(changesUri(answer.title, question), rendered);
}

interface RevisionPick extends vscode.QuickPickItem {
  revision?: string;
}

async function askForRevision(client: BaseLanguageClient): Promise<ChangesQuestion | undefined> {
  const found = await client.sendRequest<RevisionsResult>(REVISIONS, {});
  if ('problem' in found) {
    void vscode.window.showInformationMessage(vscode.l10n.t('netpol: {0}', found.problem));
    return undefined;
  }
  const head: RevisionPick = {
    label: 'HEAD',
    description: vscode.l10n.t('what is not committed yet'),
    revision: 'HEAD',
  };
  const other: RevisionPick = { label: vscode.l10n.t('Another Revision…'), alwaysShow: true };
  const branches = found.names.map(
    (name): RevisionPick => ({
      label: name,
      description: vscode.l10n.t('since this branch has parted from it'),
      revision: `${name}...`,
    }),
  );
  const chosen = await vscode.window.showQuickPick<RevisionPick>([head, ...branches, other], {
    title: vscode.l10n.t('What My Changes Allow and Block'),
    placeHolder: vscode.l10n.t('Compared with which revision?'),
    matchOnDescription: true,
  });
  if (chosen === undefined) return undefined;
  const revision = chosen.revision ?? (await typedRevision());
  return revision === undefined || revision === '' ? undefined : { revision };
}

async function typedRevision(): Promise<string | undefined> {
  const typed = await vscode.window.showInputBox({
    title: vscode.l10n.t('What My Changes Allow and Block'),
    prompt: vscode.l10n.t(
      'A branch, a tag or a commit, such as HEAD~1; “main...” compares with where this branch has parted.',
    ),
  });
  return typed?.trim();
}

function isQuestion(given: unknown): given is ChangesQuestion {
  return typeof given === 'object' && given !== null && 'revision' in given && typeof given.revision === 'string';
}
