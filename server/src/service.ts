import { runTests, type TestRun } from './engine/test-runs.js';
import type { ClusterProfile } from './model/profile.js';
import { RuleMemory } from './rules/memory.js';
import { type FileFinding, findingsOf, type RuleCrash, type RunOptions } from './rules/run.js';
import { appendDocument, applyEdits } from './text/edits.js';
import type { Change } from './text/fix.js';
import type { TextRange } from './text/range.js';
import { profileIn } from './workspace/detect-cni.js';
import type { FileProvider } from './workspace/files.js';
import { leftOut } from './workspace/patterns.js';
import type { Scope } from './workspace/scope.js';
import { defaultSettings, type Settings } from './workspace/settings.js';
import type { TestDocument } from './workspace/test-file.js';
import { Workspace } from './workspace/workspace.js';

/** An edit at offsets of a file. */
export interface FileEdit {
  readonly range: TextRange;
  readonly newText: string;
}

/**
 * The core's one public door: a workspace, its settings, and the answers about it. Editor, command line and tests ask
 * here. No I/O of its own; findings are kept until something changes.
 */
export class Netpol {
  readonly workspace: Workspace;
  #settings: Settings;
  #crashes: RuleCrash[] = [];
  #findings = new Map<string, readonly FileFinding[]>();
  #memory = new RuleMemory();
  /** What features keep, by what is asked. */
  #kept = new Map<string, RuleMemory>();
  #revision = -1;

  constructor(provider: FileProvider, folders: readonly string[], settings: Settings = defaultSettings) {
    this.#settings = settings;
    this.workspace = new Workspace(
      provider,
      folders,
      () => leftOut(this.#settings),
      () => this.#settings.scopes,
    );
  }

  /** A service whose workspace is already read. */
  static async open(
    provider: FileProvider,
    folders: readonly string[],
    settings: Settings = defaultSettings,
  ): Promise<Netpol> {
    const netpol = new Netpol(provider, folders, settings);
    await netpol.workspace.load();
    return netpol;
  }

  get settings(): Settings {
    return this.#settings;
  }

  set settings(settings: Settings) {
    const recut = JSON.stringify(settings.scopes) !== JSON.stringify(this.#settings.scopes);
    this.#settings = settings;
    if (recut) this.workspace.recut();
    this.#findings.clear();
    this.#memory = new RuleMemory();
    this.#kept.clear();
  }

  /** What is known of the cluster that a scope is for: as configured, and where no plugin is, as its manifests show. */
  profileOf(scope: Scope): ClusterProfile {
    return profileIn(this.#settings, scope);
  }

  /**
   * What is worked out about an object of a scope (or the scope itself), kept for as long as all that it was read from is
   * as it was. One `question` has answers of one type.
   */
  kept<T>(question: string, subject: object, scope: Scope, ask: () => T): T {
    const memory = this.#kept.get(question) ?? new RuleMemory();
    this.#kept.set(question, memory);
    return memory.about(subject, scope, this.profileOf(scope), ask);
  }

  /** What became of the tests of a document in a scope, worked out once for rules and features. */
  testRun(scope: Scope, tests: TestDocument): TestRun {
    const profile = this.profileOf(scope);
    return this.#memory.about(tests.document, scope, profile, () => runTests(scope, profile, tests));
  }

  /** Rules that threw, each once: faults of netpol's own, which cost that rule's findings and nothing else. */
  get crashes(): readonly RuleCrash[] {
    return this.#crashes;
  }

  /** What the rules find in a file, in the order of the text. Empty for a file that is not known. */
  findings(uri: string): readonly FileFinding[] {
    if (this.#revision !== this.workspace.revision) {
      this.#findings.clear();
      this.#revision = this.workspace.revision;
    }
    const known = this.#findings.get(uri);
    if (known !== undefined) return known;
    const found = findingsOf(this.workspace, uri, this.#runOptions());
    this.#findings.set(uri, found);
    return found;
  }

  /** The same with those that comments silence, in no order. */
  findingsWithSilenced(uri: string): readonly FileFinding[] {
    return findingsOf(this.workspace, uri, this.#runOptions(), 'kept');
  }

  #runOptions(): RunOptions {
    return {
      settings: this.#settings,
      memory: this.#memory,
      onCrash: (crash) => {
        if (!this.#crashes.some((other) => other.rule === crash.rule)) this.#crashes.push(crash);
      },
    };
  }

  /** Changes as edits at offsets, by file; undefined when a place is no longer there. */
  editsOf(changes: readonly Change[]): ReadonlyMap<string, readonly FileEdit[]> | undefined {
    const edits = new Map<string, FileEdit[]>();
    const add = (uri: string, edit: FileEdit) => {
      const list = edits.get(uri);
      if (list === undefined) edits.set(uri, [edit]);
      else list.push(edit);
    };
    for (const change of changes) {
      const uri = change.kind === 'edit' ? change.edit.span.document.uri : change.uri;
      const file = this.workspace.file(uri);
      if (file === undefined) return undefined;
      const edit = change.kind === 'edit' ? change.edit : appendDocument(file, change.text);
      const range = edit === undefined ? undefined : file.toFile(edit.span);
      if (edit === undefined || range === undefined) return undefined;
      add(uri, { range, newText: edit.newText });
    }
    return edits;
  }

  /** The texts of the files after some changes; undefined when they cannot be applied. */
  applyChanges(changes: readonly Change[]): ReadonlyMap<string, string> | undefined {
    const edits = this.editsOf(changes);
    if (edits === undefined) return undefined;
    return new Map(
      [...edits].map(([uri, list]) => [uri, applyEdits(this.workspace.file(uri)?.text ?? '', list)] as const),
    );
  }
}
