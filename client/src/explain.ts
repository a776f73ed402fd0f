import * as vscode from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { type Choice, pickOrType } from './pick-or-type.js';
import { looksLikeAddress, portQuestion } from './port-text.js';
import {
  type AtPosition,
  type ConnectionQuestion,
  ENDPOINTS,
  type EndpointItem,
  EXPLAIN,
  type ExplainResult,
  type PortQuestion,
} from './protocol.js';
import { repair } from './repair.js';
import { explainUri, showBeside } from './virtual-documents.js';

/** Asks a person for both ends and the port; undefined when they change their mind. */
export async function askForConnection(
  client: BaseLanguageClient,
  at: AtPosition,
): Promise<ConnectionQuestion | undefined> {
  const endpoints = client.sendRequest<EndpointItem[]>(ENDPOINTS, at);
  const from = await pickEnd(
    1,
    vscode.l10n.t('From: a workload, or type an address such as 10.0.0.1'),
    endpoints,
    'from',
  );
  if (from === undefined) return undefined;
  const to = await pickEnd(
    2,
    vscode.l10n.t('From {0} to: a workload or service, or type an address', from.name),
    endpoints,
    'to',
  );
  if (to === undefined) return undefined;
  const ports = await pickOrType<PortQuestion>({
    title: title(),
    step: 3,
    totalSteps: 3,
    placeholder: vscode.l10n.t('On which port of {0}? Type one such as 8080 or UDP 53', to.name),
    choices: Promise.resolve(portChoices(to)),
    typed: (text) => {
      const value = portQuestion(text);
      const complete = typeof value?.port === 'number' || value?.protocol !== undefined;
      return value && { description: vscode.l10n.t('as typed'), complete, value };
    },
  });
  return ports && { textDocument: at.textDocument, from: from.name, to: to.name, ...ports };
}

function pickEnd(step: number, placeholder: string, endpoints: Promise<EndpointItem[]>, end: 'from' | 'to') {
  return pickOrType<EndpointItem>({
    title: title(),
    step,
    totalSteps: 3,
    placeholder,
    choices: endpoints.then((items) => endChoices(items, end)),
    typed: (text) => ({
      description: vscode.l10n.t('as typed: an address, a block of addresses, or a name'),
      complete: looksLikeAddress(text),
      value: { name: text, kind: 'outside', ports: [] },
    }),
  });
}

function title(): string {
  return vscode.l10n.t('Why Is This Connection Allowed or Blocked?');
}

/** What is at the cursor comes first. Nothing connects from a service. */
function endChoices(items: readonly EndpointItem[], end: 'from' | 'to'): Choice<EndpointItem>[] {
  const possible = items.filter(({ kind }) => end === 'to' || kind !== 'service');
  const here = possible.filter((item) => item.here === end);
  const others = possible.filter((item) => item.here !== end);
  return [
    ...group(vscode.l10n.t('at the cursor'), here),
    ...group(here.length > 0 ? vscode.l10n.t('others') : undefined, others),
  ];
}

function group(label: string | undefined, items: readonly EndpointItem[]): Choice<EndpointItem>[] {
  const choices = items.map((item): Choice<EndpointItem> => {
    if (item.kind === 'outside') {
      return { label: vscode.l10n.t('Internet'), description: vscode.l10n.t('any address outside'), value: item };
    }
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
    { label: vscode.l10n.t('Any port'), value: {} },
  ];
}

function portWords({ port, protocol, name }: EndpointItem['ports'][number]): string {
  return `${protocol} ${port}${name === undefined ? '' : ` ${name}`}`;
}

/** What has been asked and shown last, as long as it is open and edits for it can be offered. */
interface Explained {
  readonly question: ConnectionQuestion;
  readonly title: string;
}

/**
 * Shows answers beside the editor, and offers the edits that would allow what is blocked (or cut what is allowed): at once
 * in a notification, and as long as the answer is open by `netpol.allowConnection`, since it takes a while to be read.
 */
export class Explanations implements vscode.Disposable {
  #last: Explained | undefined;
  readonly #closing = vscode.window.tabGroups.onDidChangeTabs(({ closed }) => {
    const { title } = this.#last ?? {};
    // A preview shows no more of what it is about than its label.
    if (title !== undefined && closed.some(({ label }) => label.includes(title))) this.#remember(undefined);
  });

  async show(client: BaseLanguageClient, question: ConnectionQuestion, rendered: boolean): Promise<void> {
    const answer = await client.sendRequest<ExplainResult>(EXPLAIN, question);
    if ('problem' in answer) {
      void vscode.window.showInformationMessage(vscode.l10n.t('netpol: {0}', answer.problem));
      return;
    }
    const { title, verdict, repairable } = answer;
    const uri = explainUri(title, question);
    await showBeside(uri, rendered);
    this.#remember(repairable ? { question, title } : undefined);
    // What is allowed is mostly meant to be: there the light bulb is enough.
    if (!repairable || verdict === 'allowed') return;
    const choose = vscode.l10n.t('Choose an Edit…');
    const said = await vscode.window.showInformationMessage(
      vscode.l10n.t('netpol: {0} is {1}. An edit that allows it can be written for you.', title, verdict),
      choose,
    );
    if (said === choose) await this.allow(client);
  }

  /** Edits the policies so that what was explained last is allowed, or cut where it is allowed, as the person chooses. */
  async allow(client: BaseLanguageClient): Promise<void> {
    // The answer asks again by itself: what was blocked is allowed then, and may be cut; or the other way round.
    if (this.#last !== undefined) await repair(client, this.#last.question);
  }

  dispose(): void {
    this.#closing.dispose();
  }

  #remember(last: Explained | undefined): void {
    this.#last = last;
    void vscode.commands.executeCommand('setContext', 'netpol.allowable', last !== undefined);
  }
}
