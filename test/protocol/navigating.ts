import type {
  ClientCapabilities,
  Location,
  LocationLink,
  Position,
  WorkspaceEdit,
} from 'vscode-languageserver-protocol';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { positionOf, rich, type ServerProcess } from './server-process.js';

/** What VS Code offers besides `rich` for going from one place to another. */
export const linking: ClientCapabilities = {
  ...rich,
  textDocument: {
    ...rich.textDocument,
    definition: { linkSupport: true },
    rename: { prepareSupport: true, honorsChangeAnnotations: true },
  },
  workspace: {
    ...rich.workspace,
    workspaceEdit: { documentChanges: true, changeAnnotationSupport: {} },
  },
};

/** A workspace's files by their paths, and questions about places in them: a text, and what stands before it. */
export class Navigator {
  constructor(
    readonly server: ServerProcess,
    readonly files: Readonly<Record<string, string>>,
  ) {}

  text(path: string): string {
    const text = this.files[path];
    if (text === undefined) throw new Error(`there is no ${path}`);
    return text;
  }

  /** A place as `path:line: text`, lines from 1, with what of the line the range covers. */
  shown({ uri, range }: Location): string {
    const path = decodeURIComponent(uri)
      .slice(decodeURIComponent(this.server.uri('')).length)
      .replace(/^\//, '');
    const document = TextDocument.create(uri, 'yaml', 0, this.files[path] ?? '');
    return `${path}:${range.start.line + 1}: ${document.getText(range)}`;
  }

  params(path: string, wanted: string, behind = '') {
    return this.paramsAt(path, positionOf(this.text(path), wanted, behind));
  }

  paramsAt(path: string, position: Position) {
    return { textDocument: { uri: this.server.uri(path) }, position };
  }

  async links(path: string, wanted: string, behind = ''): Promise<LocationLink[]> {
    const params = this.params(path, wanted, behind);
    return (await this.server.connection.sendRequest<LocationLink[] | null>('textDocument/definition', params)) ?? [];
  }

  async definition(path: string, wanted: string, behind = ''): Promise<string[]> {
    const links = await this.links(path, wanted, behind);
    return links.map((link) => this.shown({ uri: link.targetUri, range: link.targetSelectionRange }));
  }

  async references(path: string, wanted: string, behind = '', includeDeclaration = false): Promise<string[]> {
    const params = { ...this.params(path, wanted, behind), context: { includeDeclaration } };
    const found = await this.server.connection.sendRequest<Location[] | null>('textDocument/references', params);
    return (found ?? []).map((each) => this.shown(each));
  }

  rename(path: string, wanted: string, newName: string, behind = ''): Promise<WorkspaceEdit | null> {
    const params = { ...this.params(path, wanted, behind), newName };
    return this.server.connection.sendRequest('textDocument/rename', params);
  }

  /** The files after an edit of either kind. */
  after(edit: WorkspaceEdit | null): Record<string, string> {
    const texts: Record<string, string> = { ...this.files };
    const lists =
      edit?.changes !== undefined
        ? Object.entries(edit.changes)
        : (edit?.documentChanges ?? []).flatMap((each) =>
            'edits' in each ? [[each.textDocument.uri, each.edits] as const] : [],
          );
    for (const [uri, edits] of lists) {
      const path = Object.keys(this.files).find((each) => this.server.uri(each) === uri);
      if (path === undefined) throw new Error(`${uri} is no file of the workspace`);
      const document = TextDocument.create(uri, 'yaml', 0, this.text(path));
      texts[path] = TextDocument.applyEdits(
        document,
        edits.flatMap((each) => ('newText' in each ? [each] : [])),
      );
    }
    return texts;
  }

  /** The lines that are others afterwards, as `path:line: text`. */
  changed(edit: WorkspaceEdit | null): string[] {
    const texts = this.after(edit);
    return Object.entries(this.files).flatMap(([path, text]) => {
      const now = (texts[path] ?? '').split('\n');
      return text.split('\n').flatMap((line, i) => (line === now[i] ? [] : [`${path}:${i + 1}: ${now[i]?.trim()}`]));
    });
  }
}
