import * as vscode from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { type Choice, pickOrType } from './pick-or-type.js';
import { portQuestion } from './port-text.js';
import {
  type AtPosition,
  type ConnectionQuestion,
  ENDPOINTS,
  type EndpointItem,
  EXPLAIN,
  type ExplainResult,
  type PortQuestion,
  REPAIR,
  REPAIRS,
  type RepairResult,
  type RepairsResult,
} from './protocol.js';
import { type AnswerDocuments, explainUri, showBeside } from './virtual-documents.js';

const TITLE = 'Why Is This Connection Allowed or Blocked?';

/** Asks a person for both ends and the port; undefined when they change their mind. */
export async function askForConnection(
  client: BaseLanguageClient,
  at: AtPosition,
): Promise<ConnectionQuestion | undefined> {
  const endpoints = client.sendRequest<EndpointItem[]>(ENDPOINTS, at);
  const from = await pickEnd(1, 'From: a workload, or type an address such as 10.0.0.1', endpoints, 'from');
  if (from === undefined) return undefined;
  const to = await pickEnd(2, `From ${from.name} to: a workload or service, or type an address`, endpoints, 'to');
  if (to === undefined) return undefined;
  const ports = await pickOrType<PortQuestion>({
    title: TITLE,
    step: 3,
    totalSteps: 3,
    placeholder: `On which port of ${to.name}? Type one such as 8080 or UDP 53`,
    choices: Promise.resolve(portChoices(to)),
    typed: (text) => {
      const value = portQuestion(text);
      return value && { label: text, description: 'as typed', value };
    },
  });
  return ports && { textDocument: at.textDocument, from: from.name, to: to.name, ...ports };
}

function pickEnd(step: number, placeholder: string, endpoints: Promise<EndpointItem[]>, end: 'from' | 'to') {
  return pickOrType<EndpointItem>({
    title: TITLE,
    step,
    totalSteps: 3,
    placeholder,
    choices: endpoints.then((items) => endChoices(items, end)),
    typed: (text) => ({
      label: text,
      description: 'as typed: an address, a block of addresses, or a name',
      value: { name: text, kind: 'outside', ports: [] },
    }),
  });
}

/** What is at the cursor comes first. Nothing connects from a service. */
function endChoices(items: readonly EndpointItem[], end: 'from' | 'to'): Choice<EndpointItem>[] {
  const possible = items.filter(({ kind }) => end === 'to' || kind !== 'service');
  const here = possible.filter((item) => item.here === end);
  const others = possible.filter((item) => item.here !== end);
  return [...group('at the cursor', here), ...group(here.length > 0 ? 'others' : undefined, others)];
}

function group(label: string | undefined, items: readonly EndpointItem[]): Choice<EndpointItem>[] {
  const choices = items.map((item): Choice<EndpointItem> => {
    if (item.kind === 'outside') return { label: 'Internet', description: 'any address outside', value: item };
    const ports = item.ports.map(portWords);
    return { label: item.name, description: [item.labels, ...ports].filter(Boolean).join(' · '), value: item };
  });
  if (label === undefined || choices.length === 0) return choices;
  return [{ label, kind: vscode.QuickPickItemKind.Separator }, ...choices];
}

function portChoices({ ports }: EndpointItem): Choice<PortQuestion>[] {
  return [
    ...ports.map(({ port, protocol, name }) => ({
      label: `${protocol} ${port}`,
      ...(name === undefined ? {} : { description: name }),
      value: { protocol, port },
    })),
    { label: 'Any port', value: {} },
  ];
}

function portWords({ port, protocol, name }: EndpointItem['ports'][number]): string {
  return `${protocol} ${port}${name === undefined ? '' : ` ${name}`}`;
}

/** What has been asked and shown last, as long as it is open and edits for it can be offered. */
interface Explained {
  readonly question: ConnectionQuestion;
  readonly title: string;
  readonly uri: vscode.Uri;
}

/**
 * Shows answers beside the editor, and offers the edits that would allow what is blocked (or cut what is allowed): at once in a notification, and as
 * long as the answer is open by `netpol.allowConnection`, since it takes a while to be read.
 */
export class Explanations implements vscode.Disposable {
  #last: Explained | undefined;
  readonly #closing = vscode.window.tabGroups.onDidChangeTabs(({ closed }) => {
    const { title } = this.#last ?? {};
    // A preview shows no more of what it is about than its label.
    if (title !== undefined && closed.some(({ label }) => label.includes(title))) this.#remember(undefined);
  });

  constructor(private readonly answers: AnswerDocuments) {}

  async show(client: BaseLanguageClient, question: ConnectionQuestion, rendered: boolean): Promise<void> {
    const answer = await client.sendRequest<ExplainResult>(EXPLAIN, question);
    if ('problem' in answer) {
      void vscode.window.showInformationMessage(`netpol: ${answer.problem}`);
      return;
    }
    const { title, verdict, repairable } = answer;
    const uri = explainUri(title, question);
    await showBeside(uri, rendered);
    this.#remember(repairable ? { question, title, uri } : undefined);
    // What is allowed is mostly meant to be: there the light bulb is enough.
    if (!repairable || verdict === 'allowed') return;
    const choose = 'Choose an Edit…';
    const said = await vscode.window.showInformationMessage(
      `netpol: ${title} is ${verdict}. An edit that allows it can be written for you.`,
      choose,
    );
    if (said === choose) await this.allow(client);
  }

  /** Edits the policies so that what was explained last is allowed, or cut where it is allowed, as the person chooses. */
  async allow(client: BaseLanguageClient): Promise<void> {
    const last = this.#last;
    if (last === undefined || !(await repair(client, last.question))) return;
    this.#remember(undefined);
    this.answers.refresh(last.uri);
  }

  dispose(): void {
    this.#closing.dispose();
  }

  #remember(last: Explained | undefined): void {
    this.#last = last;
    void vscode.commands.executeCommand('setContext', 'netpol.allowable', last !== undefined);
  }
}

/** Lets a person choose an edit, and makes it; false when they change their mind. */
async function repair(client: BaseLanguageClient, question: ConnectionQuestion): Promise<boolean> {
  const found = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: 'netpol: trying edits' },
    () => client.sendRequest<RepairsResult>(REPAIRS, question),
  );
  if (found.repairs.length === 0) {
    void vscode.window.showInformationMessage(`netpol: there is no edit to offer. ${found.why ?? ''}`);
    return false;
  }
  const chosen = await vscode.window.showQuickPick(
    found.repairs.map(({ title, where }) => ({ label: `Apply: ${where}`, detail: title, title })),
    {
      title: found.aim === 'cut' ? 'What Would Cut It' : 'What Would Allow It',
      placeHolder: 'Which edit? It is made in the editor, unsaved, and can be undone.',
      matchOnDetail: true,
    },
  );
  if (chosen === undefined) return false;
  const edit = await client.sendRequest<RepairResult>(REPAIR, { ...question, title: chosen.title });
  if (edit === null) {
    void vscode.window.showInformationMessage('netpol: the manifests have changed in the meantime, ask again.');
    return false;
  }
  return applyInSight(await client.protocol2CodeConverter.asWorkspaceEdit(edit));
}

/** Applies an edit, unsaved, and shows the first place that it has changed. */
async function applyInSight(edit: vscode.WorkspaceEdit): Promise<boolean> {
  if (!(await vscode.workspace.applyEdit(edit))) throw new Error('The edit could not be made.');
  const [uri, edits] = edit.entries()[0] ?? [];
  const [first] = edits ?? [];
  if (uri === undefined || first === undefined) return true;
  const open = vscode.window.visibleTextEditors.find(({ document }) => document.uri.toString() === uri.toString());
  const { start } = first.range;
  const written = new vscode.Range(start, start.translate(first.newText.split('\n').length - 1));
  const editor = await vscode.window.showTextDocument(uri, {
    viewColumn: open?.viewColumn ?? vscode.ViewColumn.One,
    selection: new vscode.Range(start, start),
  });
  editor.revealRange(written, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  return true;
}
