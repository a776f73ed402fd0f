import * as vscode from 'vscode';

/** Files by their paths below a folder: `dist/sample.json`, which the build makes from examples/shop. */
type Sample = Readonly<Record<string, string>>;

const SCHEME = 'netpol-sample';
const FOLDER = 'shop';
/** What is opened first: a policy with OR where AND was meant. */
const FIRST = 'policies/api.yaml';
const OPENED = 'netpol.sampleOpened';

/**
 * Opens a small shop with faulty policies to try netpol on. On a disk it is a folder of its own that keeps edits; in a
 * browser a folder in memory, which begins anew each time.
 */
export async function openSample(context: vscode.ExtensionContext): Promise<void> {
  const onDisk = context.globalStorageUri.scheme === 'file';
  const folder = onDisk
    ? vscode.Uri.joinPath(context.globalStorageUri, 'sample', FOLDER)
    : vscode.Uri.from({ scheme: SCHEME, path: `/${FOLDER}` });
  if (onDisk && !(await writeSample(context, folder))) return;
  // The window that opens it may be another one.
  await context.globalState.update(OPENED, folder.toString());
  const isEmpty = vscode.workspace.workspaceFolders === undefined;
  await vscode.commands.executeCommand('vscode.openFolder', folder, { forceNewWindow: onDisk && !isEmpty });
}

/** In the window that has just opened the sample: shows the first file. */
export async function greetInSample(context: vscode.ExtensionContext): Promise<void> {
  const opened = context.globalState.get<string>(OPENED);
  const folder = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.toString() === opened);
  if (folder === undefined) return;
  await context.globalState.update(OPENED, undefined);
  await vscode.window.showTextDocument(vscode.Uri.joinPath(folder.uri, FIRST));
}

/** The sample as a folder in memory, for windows without a disk. */
export function provideSample(context: vscode.ExtensionContext): vscode.Disposable {
  return vscode.workspace.registerFileSystemProvider(SCHEME, new SampleFiles(() => readSample(context)), {
    isCaseSensitive: true,
  });
}

async function readSample({ extensionUri }: vscode.ExtensionContext): Promise<Sample> {
  const bytes = await vscode.workspace.fs.readFile(vscode.Uri.joinPath(extensionUri, 'dist/sample.json'));
  return JSON.parse(new TextDecoder().decode(bytes));
}

/** False when a person wants none. What they have edited in it before is theirs. */
async function writeSample(context: vscode.ExtensionContext, folder: vscode.Uri): Promise<boolean> {
  const sample = await readSample(context);
  const files = Object.entries(sample).map(([path, text]) => ({ uri: vscode.Uri.joinPath(folder, path), text }));
  if (await isEdited(files)) {
    const again = vscode.l10n.t('Begin Anew');
    const keep = vscode.l10n.t('Open as It Is');
    const chosen = await vscode.window.showInformationMessage(
      vscode.l10n.t('You have edited the sample workspace before.'),
      { modal: true, detail: vscode.l10n.t('To begin anew discards these edits.') },
      again,
      keep,
    );
    if (chosen !== again) return chosen === keep;
    await vscode.workspace.fs.delete(folder, { recursive: true });
  }
  for (const { uri, text } of files) await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  return true;
}

async function isEdited(files: readonly { uri: vscode.Uri; text: string }[]): Promise<boolean> {
  const same = await Promise.all(
    files.map(async ({ uri, text }) => {
      try {
        return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri)) === text ? 'same' : 'edited';
      } catch {
        return 'missing';
      }
    }),
  );
  return same.includes('edited') || (same.includes('same') && same.includes('missing'));
}

/** A file system of the sample's files, in memory. Files can be edited; folders are those of the sample. */
class SampleFiles implements vscode.FileSystemProvider {
  readonly #changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.#changed.event;
  readonly #read: () => Promise<Sample>;
  #files: Promise<Map<string, Uint8Array>> | undefined;

  constructor(read: () => Promise<Sample>) {
    this.#read = read;
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => {});
  }

  async stat({ path }: vscode.Uri): Promise<vscode.FileStat> {
    const contents = (await this.#all()).get(path);
    if (contents !== undefined)
      return { type: vscode.FileType.File, ctime: 0, mtime: this.#mtime, size: contents.length };
    if ((await this.#entries(path)).length === 0) throw vscode.FileSystemError.FileNotFound(path);
    return { type: vscode.FileType.Directory, ctime: 0, mtime: 0, size: 0 };
  }

  async readDirectory({ path }: vscode.Uri): Promise<[string, vscode.FileType][]> {
    return this.#entries(path);
  }

  async readFile({ path }: vscode.Uri): Promise<Uint8Array> {
    const contents = (await this.#all()).get(path);
    if (contents === undefined) throw vscode.FileSystemError.FileNotFound(path);
    return contents;
  }

  async writeFile(uri: vscode.Uri, contents: Uint8Array): Promise<void> {
    const files = await this.#all();
    const type = files.has(uri.path) ? vscode.FileChangeType.Changed : vscode.FileChangeType.Created;
    files.set(uri.path, contents);
    this.#mtime += 1;
    this.#changed.fire([{ type, uri }]);
  }

  async delete(uri: vscode.Uri): Promise<void> {
    const files = await this.#all();
    for (const path of [...files.keys()]) if (isWithin(path, uri.path)) files.delete(path);
    this.#changed.fire([{ type: vscode.FileChangeType.Deleted, uri }]);
  }

  async rename(from: vscode.Uri, to: vscode.Uri): Promise<void> {
    await this.writeFile(to, await this.readFile(from));
    await this.delete(from);
  }

  /** A folder is there as soon as a file is in it. */
  createDirectory(): void {}

  /** Grows with each edit, so that the editor sees that a file has changed. */
  #mtime = 1;

  #all(): Promise<Map<string, Uint8Array>> {
    this.#files ??= this.#read().then(
      (sample) =>
        new Map(Object.entries(sample).map(([path, text]) => [`/${FOLDER}/${path}`, new TextEncoder().encode(text)])),
    );
    return this.#files;
  }

  async #entries(folder: string): Promise<[string, vscode.FileType][]> {
    const above = folder.endsWith('/') ? folder : `${folder}/`;
    const entries = new Map<string, vscode.FileType>();
    for (const path of (await this.#all()).keys()) {
      if (!path.startsWith(above)) continue;
      const [name = '', ...rest] = path.slice(above.length).split('/');
      entries.set(name, rest.length === 0 ? vscode.FileType.File : vscode.FileType.Directory);
    }
    return [...entries];
  }
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
