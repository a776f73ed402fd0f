// What of VS Code's API the client's modules touch in these tests. `withFakeVscode` has the compiled client import it.
import { register } from 'node:module';

/** Only for what is imported after it. */
export function withFakeVscode(): void {
  const fake = JSON.stringify(import.meta.url);
  const hooks = `export const resolve = (name, context, next) =>
    name === 'vscode' ? { url: ${fake}, shortCircuit: true } : next(name, context);`;
  register(`data:text/javascript,${encodeURIComponent(hooks)}`);
}

export class Disposable {
  constructor(readonly dispose: () => void) {}
}

export class EventEmitter<T> {
  readonly #listeners = new Set<(value: T) => void>();
  readonly event = (listener: (value: T) => void): Disposable => {
    this.#listeners.add(listener);
    return new Disposable(() => this.#listeners.delete(listener));
  };
  fire(value: T): void {
    for (const listener of this.#listeners) listener(value);
  }
}

export class Range {
  readonly lines: readonly number[];
  constructor(...lines: number[]) {
    this.lines = lines;
  }
}

export const Uri = { parse: (text: string) => ({ path: new URL(text).pathname, toString: () => text }) };

export const l10n = {
  t: (text: string, ...args: unknown[]) => text.replaceAll(/\{(\d+)\}/g, (_, n) => String(args[Number(n)])),
};

export interface FakeDocument {
  readonly uri: ReturnType<typeof Uri.parse>;
  readonly languageId: string;
  getText(): string;
}

export function document(uri: string, text: string, languageId = 'yaml'): FakeDocument {
  return { uri: Uri.parse(uri), languageId, getText: () => text };
}

/** What is set by a test. */
export const editor = {
  documents: [] as FakeDocument[],
  settings: {} as Record<string, unknown>,
  diagnostics: {} as Record<string, readonly { source: string }[]>,
  extensions: {} as Record<string, { isActive: boolean; activate(): Promise<unknown> }>,
  installed: new EventEmitter<void>(),
  lists: [] as FakeQuickPick[],
};

export const workspace = {
  get textDocuments() {
    return editor.documents;
  },
  getConfiguration: (section: string) => ({ get: (key: string) => editor.settings[`${section}.${key}`] }),
};

export const languages = {
  getDiagnostics: (uri: { toString(): string }) => editor.diagnostics[uri.toString()] ?? [],
  /** Enough of globs for these tests: a name, or a name below any folder. */
  match: ({ pattern }: { pattern: string }, { uri }: FakeDocument) =>
    new RegExp(
      `^${pattern
        .replaceAll('.', '\\.')
        .replaceAll('**/', '.*/')
        .replaceAll(/(?<!\.)\*/g, '[^/]*')}$`,
    ).test(uri.path)
      ? 10
      : 0,
};

export const extensions = {
  getExtension: (id: string) => editor.extensions[id],
  onDidChange: editor.installed.event,
};

interface Row {
  label: string;
  value?: unknown;
}

/** A list whose screen is worked by the test: nothing is shown or made active by itself. */
export class FakeQuickPick {
  value = '';
  items: readonly Row[] = [];
  activeItems: readonly Row[] = [];
  busy = false;
  readonly accepting = new EventEmitter<void>();
  readonly hiding = new EventEmitter<void>();
  readonly changing = new EventEmitter<string>();
  readonly activating = new EventEmitter<readonly Row[]>();
  onDidAccept = this.accepting.event;
  onDidHide = this.hiding.event;
  onDidChangeValue = this.changing.event;
  onDidChangeActive = this.activating.event;
  show(): void {}
  dispose(): void {}

  type(text: string): void {
    this.value = text;
    this.changing.fire(text);
  }

  /** The screen has caught up, and shows a row as chosen. */
  activate(label: string): void {
    this.activeItems = this.items.filter((item) => item.label === label);
    this.activating.fire(this.activeItems);
  }
}

export const window = {
  createQuickPick: () => {
    const list = new FakeQuickPick();
    editor.lists.push(list);
    return list;
  },
};
