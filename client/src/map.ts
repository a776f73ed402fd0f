import * as vscode from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import {
  type FromPage,
  MAP,
  MAP_ARROW,
  MAP_CURSOR,
  type MapCursor,
  type MapLine,
  type MapParams,
  type MapPlace,
  type MapResult,
  type ToPage,
} from './map-messages.js';
import { mapWords } from './map-words.js';
import { reason, type Session } from './session.js';

/** What the map works with. */
export interface MapContext {
  session: Session;
  selector: vscode.DocumentSelector;
  output: vscode.LogOutputChannel;
  context: vscode.ExtensionContext;
}

/** After the last change of a burst, in milliseconds: a picture is not worked out at every key. */
const afterEdit = 350;
/** The same for a scope so large that its picture takes seconds. */
const afterEditOfMany = 3000;
const afterMove = 120;

/** The policy map: one panel at most, about the scope of the manifest that was last looked at. */
export class PolicyMap implements vscode.Disposable {
  #open: OpenMap | undefined;

  constructor(private readonly given: MapContext) {}

  /** Opens the map of a manifest's scope beside it, or brings it to the front. */
  show(document: vscode.TextDocument): void {
    if (this.#open !== undefined) {
      this.#open.reveal();
      return;
    }
    const open = new OpenMap(this.given, document);
    this.#open = open;
    open.onDidClose(() => {
      this.#open = undefined;
    });
  }

  dispose(): void {
    this.#open?.dispose();
  }
}

class OpenMap implements vscode.Disposable {
  readonly #panel: vscode.WebviewPanel;
  readonly #disposables: vscode.Disposable[] = [];
  #document: vscode.TextDocument;
  #scope: string | undefined;
  #pinned = false;
  #slow = false;
  #namespaces: readonly string[] = [];
  /** Grows with each question, so that an answer that came too late is dropped. */
  #asked = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #moveTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly given: MapContext,
    document: vscode.TextDocument,
  ) {
    const { extensionUri } = given.context;
    const dist = vscode.Uri.joinPath(extensionUri, 'dist');
    this.#document = document;
    this.#panel = vscode.window.createWebviewPanel(
      'netpol.map',
      vscode.l10n.t('Policy Map'),
      { viewColumn: vscode.ViewColumn.Beside, preserveFocus: false },
      { enableScripts: true, retainContextWhenHidden: true, localResourceRoots: [dist] },
    );
    const { webview } = this.#panel;
    this.#disposables.push(
      webview.onDidReceiveMessage((message: FromPage) => void this.#reporting(() => this.#answer(message))),
      given.session.onDidChangeState(({ kind }) => kind === 'ready' && this.#drawSoon()),
      vscode.window.onDidChangeActiveTextEditor((editor) => editor !== undefined && this.#follow(editor)),
      vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => this.#cursorSoon(textEditor)),
      this.#panel.onDidChangeViewState(() => this.#panel.visible && this.#drawSoon()),
      this.#panel.onDidDispose(() => this.dispose()),
    );
    webview.html = pageHtml(webview.asWebviewUri(vscode.Uri.joinPath(dist, 'map.js')), webview.cspSource);
  }

  readonly onDidClose = (then: () => void) => this.#panel.onDidDispose(then);

  reveal(): void {
    this.#panel.reveal();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#moveTimer);
    for (const each of this.#disposables.splice(0)) each.dispose();
    this.#panel.dispose();
  }

  async #answer(message: FromPage): Promise<void> {
    switch (message.type) {
      case 'ready':
        return this.#draw();
      case 'choose':
        [this.#scope, this.#pinned] = [message.scope ?? this.#scope, message.scope !== undefined || this.#pinned];
        this.#namespaces = message.namespaces ?? [];
        return this.#draw();
      case 'open':
        return openPlace(message.place);
      case 'arrow': {
        const { key, from, to, kind } = message;
        const client = await this.given.session.client();
        const lines = await client.sendRequest<MapLine[]>(MAP_ARROW, { scope: this.#scope, from, to, kind });
        this.#tell({ type: 'lines', key, lines });
        const [first] = lines;
        if (first !== undefined) await openPlace(first);
        return;
      }
      case 'explain': {
        const textDocument = { uri: (await this.#uriOf()) ?? '' };
        const [from, to] = [asEnd(message.from), asEnd(message.to)];
        await vscode.commands.executeCommand('netpol.explainConnection', { textDocument, from, to });
        return;
      }
      case 'save':
        return saveDrawing(message.svg);
    }
  }

  #follow({ document }: vscode.TextEditor): void {
    if (document === this.#document || vscode.languages.match(this.given.selector, document) === 0) return;
    this.#document = document;
    this.#drawSoon();
  }

  #drawSoon(): void {
    clearTimeout(this.#timer);
    if (this.#panel.visible)
      this.#timer = setTimeout(
        () => void this.#reporting(() => this.#draw()),
        this.#slow ? afterEditOfMany : afterEdit,
      );
  }

  /** Asks for the picture as the manifests are now. */
  async #draw(): Promise<void> {
    const asked = ++this.#asked;
    const client = await this.given.session.client();
    const params: MapParams = {
      textDocument: { uri: client.code2ProtocolConverter.asUri(this.#document.uri) },
      ...(this.#scope === undefined ? {} : { scope: this.#scope }),
      pinned: this.#pinned,
      namespaces: this.#namespaces,
    };
    const result = await client.sendRequest<MapResult | null>(MAP, params);
    if (asked !== this.#asked) return;
    if (result === null) return this.#drawSoon();
    this.#scope = result.scope;
    this.#slow = result.slow === true;
    this.#tell({ type: 'map', result, words: mapWords() });
    const editor = vscode.window.visibleTextEditors.find(({ document }) => document === this.#document);
    if (editor !== undefined) await this.#cursor(client, editor);
  }

  #cursorSoon(editor: vscode.TextEditor): void {
    if (editor.document !== this.#document || !this.#panel.visible) return;
    clearTimeout(this.#moveTimer);
    const look = async () => this.#cursor(await this.given.session.client(), editor);
    this.#moveTimer = setTimeout(() => void this.#reporting(look), afterMove);
  }

  async #cursor(client: BaseLanguageClient, { document, selection }: vscode.TextEditor): Promise<void> {
    if (this.#scope === undefined) return;
    const at = client.code2ProtocolConverter.asTextDocumentPositionParams(document, selection.active);
    const cursor = await client.sendRequest<MapCursor | null>(MAP_CURSOR, { ...at, scope: this.#scope });
    this.#tell({ type: 'cursor', cursor });
  }

  async #uriOf(): Promise<string | undefined> {
    const client = await this.given.session.client();
    return client.code2ProtocolConverter.asUri(this.#document.uri);
  }

  #tell(message: ToPage): void {
    void this.#panel.webview.postMessage(message);
  }

  /** A server that does not run has said so itself, and an answer that was called off is asked for again. */
  async #reporting(run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      this.given.output.error(vscode.l10n.t('The policy map: {0}', reason(error)));
    }
  }
}

/** Opens a line beside the map, which keeps the focus. */
async function openPlace({ uri, range }: MapPlace): Promise<void> {
  const target = vscode.Uri.parse(uri, true);
  const known = vscode.window.visibleTextEditors.find(({ document }) => document.uri.toString() === target.toString());
  const start = new vscode.Position(range.start.line, range.start.character);
  const editor = await vscode.window.showTextDocument(target, {
    viewColumn: known?.viewColumn ?? vscode.ViewColumn.One,
    preserveFocus: true,
    selection: new vscode.Range(start, start),
  });
  editor.revealRange(new vscode.Range(start, start), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}

async function saveDrawing(svg: string): Promise<void> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const target = await vscode.window.showSaveDialog({
    title: vscode.l10n.t('Save the Policy Map'),
    filters: { SVG: ['svg'] },
    ...(folder === undefined ? {} : { defaultUri: vscode.Uri.joinPath(folder, 'policy-map.svg') }),
  });
  if (target !== undefined) await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(svg));
}

/** A range of addresses meets the same rules throughout: its first address is asked about. */
function asEnd(name: string): string {
  return /\[External\]$/.test(name) ? (name.split(/-|,|\[/)[0] ?? name) : name;
}

/** The page: everything in it is made by its script, which alone may run; nothing is loaded from anywhere. */
function pageHtml(script: vscode.Uri, source: string): string {
  const nonce = [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
  const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src ${source};`;
  return `<!DOCTYPE html>
<html lang="${vscode.env.language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${vscode.l10n.t('Policy Map')}</title>
</head>
<body><script nonce="${nonce}" src="${script}"></script></body>
</html>`;
}
