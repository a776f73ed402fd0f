import * as vscode from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { addBaseline } from './baseline.js';
import { showChanges } from './changes.js';
import type { Host } from './documents.js';
import { askForConnection, Explanations } from './explain.js';
import { showNeighbours } from './hierarchy.js';
import { PolicyMap } from './map.js';
import { newTest } from './new-test.js';
import {
  APPLY_TEMPLATE,
  type ApplyTemplateResult,
  type AtPosition,
  type ConnectionQuestion,
  EFFECTIVE,
  type EffectiveResult,
  TEMPLATES,
  type TemplateItem,
} from './protocol.js';
import { openSample } from './sample.js';
import { reason, type Session } from './session.js';
import { showStatusDetails } from './status-details.js';
import { effectiveUri, showBeside } from './virtual-documents.js';

/** What the commands work with. */
export interface CommandContext {
  context: vscode.ExtensionContext;
  host: Host;
  session: Session;
  selector: vscode.DocumentSelector;
  output: vscode.LogOutputChannel;
}

/**
 * Registers the extension's commands. The server must not list these in its `executeCommandProvider`: the client would
 * register each a second time.
 */
export function registerCommands(context: CommandContext): vscode.Disposable {
  const register = (name: string, run: (...args: unknown[]) => Promise<void>) =>
    vscode.commands.registerCommand(name, (...args) => reportingFailure(context, () => run(...args)));
  const explanations = new Explanations();
  const map = new PolicyMap(context);
  return vscode.Disposable.from(
    explanations,
    map,
    register('netpol.showMap', () => showMap(context, map)),
    register('netpol.insertPolicy', () => insertPolicy(context)),
    register('netpol.addBaseline', async (folder) => {
      const document = manifestEditor(context, ['yaml', 'helm', 'json'])?.document;
      const chosen = folder instanceof vscode.Uri ? folder : undefined;
      await addBaseline(await context.session.client(), document, chosen);
    }),
    register('netpol.showEffective', (at) => showEffective(context, at)),
    register('netpol.showChanges', async (question) =>
      showChanges(await context.session.client(), question, isRendered(context)),
    ),
    register('netpol.mayBeReachedBy', async (at) =>
      showNeighbours(await context.session.client(), isPlace(at) ? at : undefined, 'incoming'),
    ),
    register('netpol.mayReach', async (at) =>
      showNeighbours(await context.session.client(), isPlace(at) ? at : undefined, 'outgoing'),
    ),
    register('netpol.explainConnection', (question) => explainConnection(context, explanations, question)),
    register('netpol.allowConnection', async () => explanations.allow(await context.session.client())),
    register('netpol.restartServer', () => context.session.restart()),
    register('netpol.showStatus', () => showStatusDetails(context.session)),
    register('netpol.openSample', () => openSample(context.context)),
    register('netpol.newTest', newTest),
    register('netpol.openWalkthrough', () => openWalkthrough(context)),
    register('netpol.showDocs', (url) => showDocs(url)),
    vscode.commands.registerCommand('netpol.showOutput', () => context.output.show()),
  );
}

/**
 * VS Code learns of the steps when it first shows them, and never ticks off a step for a context that was true before: for a
 * workspace with policies there is another one, which becomes true only now.
 */
async function openWalkthrough({ session: { state } }: CommandContext): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.openWalkthrough', 'netpol.netpol#netpol.start');
  const known = state.kind === 'ready' && state.policies > 0;
  await vscode.commands.executeCommand('setContext', 'netpol.walkthroughWithPolicies', known);
}

/** A server that does not run has said so itself; any other failure is said here. */
async function reportingFailure({ session, output }: CommandContext, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    output.error(error instanceof Error ? error : String(error));
    if (session.state.kind !== 'failed')
      void vscode.window.showErrorMessage(vscode.l10n.t('netpol: {0}', reason(error)));
  }
}

async function insertPolicy(context: CommandContext): Promise<void> {
  const editor = manifestEditor(context, ['yaml', 'helm']) ?? (await newManifest());
  const client = await context.session.client();
  const at = placeOf(client, editor);
  const offered = client.sendRequest<TemplateItem[]>(TEMPLATES, at);
  const chosen = await vscode.window.showQuickPick<TemplatePick>(
    offered.then((templates) => templates.map(templatePick)),
    {
      title: vscode.l10n.t('Insert a Standard Policy'),
      placeHolder: vscode.l10n.t('Which policy?'),
      matchOnDescription: true,
      matchOnDetail: true,
    },
  );
  if (chosen === undefined) return;
  const answer = await client.sendRequest<ApplyTemplateResult>(APPLY_TEMPLATE, { id: chosen.id, ...at });
  if (answer === null) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('netpol: “{0}” cannot be written at this place.', chosen.label),
    );
    return;
  }
  if (!client.validateWorkspaceEdit(answer)) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('netpol: the document has changed in the meantime, try again.'),
    );
    return;
  }
  const edit = await client.protocol2CodeConverter.asWorkspaceEdit(answer);
  if (!(await vscode.workspace.applyEdit(edit))) throw new Error(vscode.l10n.t('The policy could not be written.'));
  const [first] = edit.get(editor.document.uri);
  if (first !== undefined) editor.revealRange(first.range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}

interface TemplatePick extends vscode.QuickPickItem {
  id: string;
}

function templatePick(template: TemplateItem): TemplatePick {
  return {
    id: template.id,
    label: template.title,
    detail: [template.description, template.detail].filter(Boolean).join(' · '),
    ...(template.present ? { description: vscode.l10n.t('already in this scope') } : {}),
  };
}

/** `at` is where a link or a code lens points to; without it, the cursor counts. */
async function showEffective(context: CommandContext, at: unknown): Promise<void> {
  const editor = manifestEditor(context, ['yaml', 'helm', 'json']);
  const given = isPlace(at) ? at : undefined;
  if (given === undefined && editor === undefined) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('netpol: open a manifest and put the cursor on a policy or a workload.'),
    );
    return;
  }
  const client = await context.session.client();
  const place = given ?? (editor && placeOf(client, editor));
  if (place === undefined) return;
  const answer = await client.sendRequest<EffectiveResult>(EFFECTIVE, place);
  if (answer === null) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t(
        'netpol: nothing to show here. Put the cursor on a network policy, or on a workload such as a Pod or Deployment.',
      ),
    );
    return;
  }
  await showBeside(effectiveUri(answer.title, place), isRendered(context));
}

/** Without a question, the person is asked for it, beginning with what is at the cursor. */
async function explainConnection(context: CommandContext, explanations: Explanations, given: unknown): Promise<void> {
  const editor = manifestEditor(context, ['yaml', 'helm', 'json']);
  if (!isQuestion(given) && editor === undefined) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('netpol: open one of the manifests that the connection is about.'),
    );
    return;
  }
  const client = await context.session.client();
  const question = isQuestion(given) ? given : editor && (await askForConnection(client, placeOf(client, editor)));
  if (question === undefined) return;
  await explanations.show(client, question, isRendered(context));
}

/** The map of the active manifest's scope, or of the first manifest that is open. */
async function showMap(context: CommandContext, map: PolicyMap): Promise<void> {
  const known = (document: vscode.TextDocument) => vscode.languages.match(context.selector, document) > 0;
  const document = [vscode.window.activeTextEditor, ...vscode.window.visibleTextEditors]
    .flatMap((editor) => editor?.document ?? [])
    .find(known);
  const any = document ?? vscode.workspace.textDocuments.find(known);
  if (any === undefined) {
    void vscode.window.showInformationMessage(vscode.l10n.t('netpol: open a manifest of the workloads to draw.'));
    return;
  }
  map.show(any);
}

/** Whether answers are shown as a rendered preview, or as text. */
function isRendered({ host }: CommandContext): boolean {
  return host === 'node' && vscode.workspace.isTrusted;
}

/** Opens a rule's page. Code actions and links of hovers come here, so only web addresses are opened. */
async function showDocs(url: unknown): Promise<void> {
  if (typeof url !== 'string' || !/^https?:\/\//i.test(url)) return;
  await vscode.env.openExternal(vscode.Uri.parse(url, true));
}

/** The active editor, if the server knows its document and it is in one of these languages. */
function manifestEditor({ selector }: CommandContext, languages: string[]): vscode.TextEditor | undefined {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined || !languages.includes(editor.document.languageId)) return undefined;
  return vscode.languages.match(selector, editor.document) > 0 ? editor : undefined;
}

async function newManifest(): Promise<vscode.TextEditor> {
  const document = await vscode.workspace.openTextDocument({ language: 'yaml', content: '' });
  return vscode.window.showTextDocument(document);
}

function placeOf(client: BaseLanguageClient, editor: vscode.TextEditor): AtPosition {
  return client.code2ProtocolConverter.asTextDocumentPositionParams(editor.document, editor.selection.active);
}

function isPlace(at: unknown): at is AtPosition {
  return typeof at === 'object' && at !== null && 'textDocument' in at && 'position' in at;
}

function isQuestion(given: unknown): given is ConnectionQuestion {
  return typeof given === 'object' && given !== null && 'textDocument' in given && 'from' in given && 'to' in given;
}
