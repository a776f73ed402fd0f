import { SourceFile } from '../text/file.js';
import { type FileContent, type FileProvider, folderOf, isBelow, type UnreadFile } from './files.js';
import { type RenderedCharts, type Rendering, variantOf } from './rendering.js';
import type { Scope } from './scope.js';
import { buildScopes, type ScopeIndex } from './scopes.js';
import type { NamedScope } from './settings.js';

/**
 * The manifests as they are now: open buffers before what is on disk. Invariants: `files` holds one entry for each known
 * manifest; what is derived (the scopes) is brought up to date at the first question after a change; of several readings of
 * one file the one that was asked for last counts, in whatever order they end, and the others have ended when it has.
 */
export class Workspace {
  readonly #files = new Map<string, SourceFile>();
  readonly #open = new Set<string>();
  readonly #unread = new Map<string, string>();
  /** What the folders hold, without what is ignored. An open buffer need not be in it. */
  #listed = new Set<string>();
  /** The listing that was begun last. */
  #listing: Promise<void> | undefined;
  /** Of each file that is being read, the reading that was asked for last. */
  readonly #readings = new Map<string, Promise<void>>();
  #folders: readonly string[];
  #index: ScopeIndex | undefined;
  /** The scopes as they were last cut. */
  #before: readonly Scope[] = [];
  /** Files that have another text than the index has seen. */
  readonly #edited = new Set<string>();
  #revision = 0;
  #renderings: RenderedCharts = new Map();
  #isPartial = false;

  constructor(
    private readonly provider: FileProvider,
    folders: readonly string[],
    private readonly exclude: () => readonly string[] = () => [],
    private readonly named: () => readonly NamedScope[] = () => [],
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

  /** Files and folders that could not be read. */
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
    if (this.#index !== undefined && !this.#bringUpToDate(this.#index)) this.#index = undefined;
    this.#edited.clear();
    this.#index ??= buildScopes(
      this.#files,
      this.#folders,
      this.named(),
      this.#renderings,
      this.#isPartial,
      this.#before,
    );
    this.#before = this.#index.scopes;
    return this.#index;
  }

  /**
   * Reads every manifest of the folders, some at a time, so that edits and questions are answered in between, and lets go
   * of those that are no longer there. `isCancelled` is asked between the batches: what was not read then is not known, and
   * every scope counts as incomplete. What is near to an open buffer is read first.
   */
  async load(
    isCancelled: () => boolean = () => false,
    onProgress: (done: number, all: number) => void = () => {},
  ): Promise<void> {
    await this.#list();
    const complete = await this.#readAll(this.#nearestFirst([...this.#listed]), isCancelled, onProgress);
    if (this.#isPartial === complete) {
      this.#isPartial = !complete;
      this.#changed();
    }
  }

  #nearestFirst(uris: readonly string[]): readonly string[] {
    const near = [...this.#open].map(folderOf);
    const [first, then] = [uris.filter((uri) => near.some((folder) => isBelow(uri, folder))), new Set(uris)];
    for (const uri of first) then.delete(uri);
    return [...first, ...then];
  }

  /** The reading was stopped before its end: other files may say what these do not. */
  get isPartial(): boolean {
    return this.#isPartial;
  }

  /** Looks for manifests that have come or gone, and reads the new ones only. */
  async discover(): Promise<void> {
    await this.#list();
    await this.#readAll([...this.#listed].filter((uri) => !this.#files.has(uri)));
  }

  /** Folders that were added or removed; `load` reads the new ones and lets go of the others. */
  setFolders(folders: readonly string[]): void {
    for (const folder of this.#folders) this.#unread.delete(folder);
    this.#folders = folders;
    this.#changed();
  }

  /** One of the manifests that the folders were found to hold. False for what is ignored, and for what is new. */
  isListed(uri: string): boolean {
    return this.#listed.has(uri);
  }

  /**
   * Reads a manifest again from where it is kept, unless an open buffer stands before it. Has ended when the manifest is
   * known, if by another reading that was asked for meanwhile.
   */
  refresh(uri: string): Promise<void> {
    return this.#read(uri, (content) => {
      if ('error' in content) {
        this.#unread.set(uri, content.error);
        if (this.#files.delete(uri)) this.#changed();
      } else this.#setRead(uri, content.text);
    });
  }

  /** Reads a file that may well not be there, such as the configuration, before the rest is known. */
  readIfThere(uri: string): Promise<void> {
    return this.#read(uri, (content) => {
      if ('text' in content) this.#setRead(uri, content.text);
    });
  }

  async #read(uri: string, take: (content: FileContent) => void): Promise<void> {
    if (this.#open.has(uri)) return;
    const reading: Promise<void> = this.provider.read(uri).then((content) => {
      const last = this.#readings.get(uri);
      if (last !== reading) return last;
      this.#readings.delete(uri);
      take(content);
    });
    this.#readings.set(uri, reading);
    await reading;
  }

  #setRead(uri: string, text: string): void {
    this.#unread.delete(uri);
    this.#set(uri, text, undefined);
  }

  /** A buffer was opened or edited. Only the YAML documents that differ are read again. */
  setBuffer(uri: string, text: string, version: number | undefined): void {
    this.#readings.delete(uri);
    this.#open.add(uri);
    this.#unread.delete(uri);
    this.#set(uri, text, version);
  }

  /** A buffer was closed: what is on disk counts again, if it belongs to the workspace at all. */
  async closeBuffer(uri: string): Promise<void> {
    this.#open.delete(uri);
    // A file that was new when it was opened may have been saved since.
    if (!this.#listed.has(uri) && this.#folders.some((folder) => isBelow(uri, folder))) await this.#list();
    if (this.#listed.has(uri)) await this.refresh(uri);
    else this.#forget(uri);
  }

  /** A file or a folder is gone from the disk. */
  remove(uri: string): void {
    if (this.#listed.has(uri) || this.#files.has(uri)) {
      this.#forget(uri);
      return;
    }
    for (const below of [...this.#listed]) if (isBelow(below, uri)) this.#forget(below);
  }

  /** Has ended when it is known what the folders hold, if by another listing that was begun meanwhile. */
  #list(): Promise<void> {
    const folders = this.#folders;
    const listing: Promise<void> = this.#inFolders(folders).then((listed) => {
      if (this.#listing !== listing) return this.#listing;
      // The folders may have changed meanwhile: whoever changed them lists them anew.
      if (folders !== this.#folders) return;
      const before = [...this.#listed, ...this.#files.keys()];
      this.#listed = new Set(listed);
      for (const uri of before) if (!this.#listed.has(uri)) this.#forget(uri);
    });
    this.#listing = listing;
    return listing;
  }

  /** A folder that cannot be read is reported, and keeps what was found in it before. */
  async #inFolders(folders: readonly string[]): Promise<readonly string[]> {
    const lists = await Promise.all(
      folders.map(async (folder) => {
        try {
          const list = await this.provider.list(folder, this.exclude());
          this.#unread.delete(folder);
          return list;
        } catch (error) {
          this.#unread.set(folder, error instanceof Error ? error.message : String(error));
          return [...this.#listed].filter((uri) => isBelow(uri, folder));
        }
      }),
    );
    return lists.flat();
  }

  async #readAll(
    uris: readonly string[],
    isCancelled: () => boolean = () => false,
    onProgress: (done: number, all: number) => void = () => {},
  ): Promise<boolean> {
    let done = 0;
    for (let i = 0; i < uris.length; i += batchSize) {
      if (isCancelled()) break;
      await Promise.all(uris.slice(i, i + batchSize).map((uri) => this.refresh(uri)));
      done = Math.min(i + batchSize, uris.length);
      onProgress(done, uris.length);
    }
    this.#order();
    return done === uris.length;
  }

  /** Answers list policies and workloads in the order of the files: it must not depend on which reading ended first. */
  #order(): void {
    const uris = [...this.#files.keys()];
    if (uris.every((uri, i) => i === 0 || (uris[i - 1] ?? '') < uri)) return;
    const entries = [...this.#files].sort(([a], [b]) => (a < b ? -1 : 1));
    this.#files.clear();
    for (const [uri, file] of entries) this.#files.set(uri, file);
    this.#changed();
  }

  /** Lets go of a file; an open buffer stays. */
  #forget(uri: string): void {
    this.#listed.delete(uri);
    if (this.#open.has(uri)) return;
    this.#readings.delete(uri);
    this.#unread.delete(uri);
    if (this.#files.delete(uri)) this.#changed();
  }

  #set(uri: string, text: string, version: number | undefined): void {
    const known = this.#files.get(uri);
    if (known !== undefined && known.text === text && known.version === version) return;
    this.#files.set(uri, known === undefined ? SourceFile.of(uri, text, version) : known.withText(text, version));
    if (known === undefined) this.#changed();
    else {
      this.#revision++;
      this.#edited.add(uri);
    }
  }

  #bringUpToDate(index: ScopeIndex): boolean {
    for (const uri of this.#edited) {
      const file = this.#files.get(uri);
      if (file === undefined || !index.update(file)) return false;
    }
    return true;
  }

  /** What a chart gives now, with each set of values; nothing where its templates are to be read as they are. */
  setRenderings(chart: string, renderings: readonly Rendering[]): void {
    const known = this.#renderings.get(chart);
    if (known === undefined && renderings.length === 0) return;
    const others = [...this.#renderings].filter(([each]) => each !== chart);
    this.#renderings = new Map(renderings.length === 0 ? others : [...others, [chart, renderings.map(variantOf)]]);
    this.#changed();
  }

  /** Cuts the scopes anew: other ones are named. */
  recut(): void {
    this.#changed();
  }

  /** There are other files than before, or other folders. */
  #changed(): void {
    this.#revision++;
    this.#index = undefined;
  }
}

const batchSize = 64;
