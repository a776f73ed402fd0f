import { SourceFile } from '../text/file.js';
import type { FileProvider, UnreadFile } from './files.js';
import { buildScopes, type ScopeIndex } from './scopes.js';

/**
 * The manifests as they are now: open buffers before what is on disk. Invariants: `files` holds one entry for each known
 * manifest; what is derived (the scopes) is built at the first question after a change, and never outlives the next change.
 */
export class Workspace {
  readonly #files = new Map<string, SourceFile>();
  readonly #open = new Set<string>();
  readonly #unread = new Map<string, string>();
  #folders: readonly string[];
  #index: ScopeIndex | undefined;
  #revision = 0;

  constructor(
    private readonly provider: FileProvider,
    folders: readonly string[],
  ) {
    this.#folders = folders;
  }

  /** Grows with every change; equal revisions have equal answers. */
  get revision(): number {
    return this.#revision;
  }

  get folders(): readonly string[] {
    return this.#folders;
  }

  get files(): ReadonlyMap<string, SourceFile> {
    return this.#files;
  }

  get unread(): readonly UnreadFile[] {
    return [...this.#unread].map(([uri, reason]) => ({ uri, reason }));
  }

  isOpen(uri: string): boolean {
    return this.#open.has(uri);
  }

  file(uri: string): SourceFile | undefined {
    return this.#files.get(uri);
  }

  get index(): ScopeIndex {
    this.#index ??= buildScopes(this.#files, this.#folders);
    return this.#index;
  }

  /**
   * Reads every manifest of the folders, some at a time, so that edits and questions are answered in between.
   * `isCancelled` is asked between the batches.
   */
  async load(
    isCancelled: () => boolean = () => false,
    onProgress: (done: number, all: number) => void = () => {},
  ): Promise<void> {
    const uris = new Set<string>();
    for (const folder of this.#folders) for (const uri of await this.provider.list(folder)) uris.add(uri);
    const list = [...uris];
    for (let i = 0; i < list.length; i += batchSize) {
      if (isCancelled()) return;
      await Promise.all(list.slice(i, i + batchSize).map((uri) => this.refresh(uri)));
      onProgress(Math.min(i + batchSize, list.length), list.length);
    }
  }

  /** Folders that were added or removed; `load` reads the new ones. */
  setFolders(folders: readonly string[]): void {
    this.#folders = folders;
    this.#changed();
  }

  /** Reads a manifest again from where it is kept, unless an open buffer stands before it. */
  async refresh(uri: string): Promise<void> {
    if (this.#open.has(uri)) return;
    const content = await this.provider.read(uri);
    // It may have been opened while it was read: then the buffer is the truth.
    if (this.#open.has(uri)) return;
    if ('error' in content) {
      this.#unread.set(uri, content.error);
      if (this.#files.delete(uri)) this.#changed();
      return;
    }
    this.#unread.delete(uri);
    this.#set(uri, content.text, undefined);
  }

  /** A buffer was opened or edited. Only the YAML documents that differ are read again. */
  setBuffer(uri: string, text: string, version: number | undefined): void {
    this.#open.add(uri);
    this.#unread.delete(uri);
    this.#set(uri, text, version);
  }

  /** A buffer was closed: what is on disk counts again. */
  async closeBuffer(uri: string): Promise<void> {
    this.#open.delete(uri);
    await this.refresh(uri);
  }

  remove(uri: string): void {
    if (this.#open.has(uri)) return;
    this.#unread.delete(uri);
    if (this.#files.delete(uri)) this.#changed();
  }

  #set(uri: string, text: string, version: number | undefined): void {
    const known = this.#files.get(uri);
    if (known !== undefined && known.text === text && known.version === version) return;
    this.#files.set(uri, known === undefined ? SourceFile.of(uri, text, version) : known.withText(text, version));
    this.#changed();
  }

  #changed(): void {
    this.#revision++;
    this.#index = undefined;
  }
}

const batchSize = 64;
