import type { ConnectionChange } from '../../engine/diff.js';
import type { Policy } from '../../model/policy.js';
import { isEmpty, subtract } from '../../model/ports.js';
import type { Netpol } from '../../service.js';
import { SourceFile } from '../../text/file.js';
import { fileName, isBelow } from '../../workspace/files.js';
import { isKustomizationFile } from '../../workspace/kustomization.js';
import { leftOut } from '../../workspace/patterns.js';
import type { NoRevision, Revisions } from '../../workspace/revisions.js';
import type { Placed, Scope } from '../../workspace/scope.js';
import { buildScopes, type ScopeIndex } from '../../workspace/scopes.js';
import { type ComparedState, pairSteps, pairsOf, pairTitle, type ScopeDiff, type States } from './diff-scopes.js';

/** What differs between the workspace as it is in the editor and a revision of it. */
export interface Comparison {
  readonly states: States;
  readonly diffs: readonly ScopeDiff[];
  /** What the policies of files that differ do to connections; those that mean the same count as well. */
  readonly policies: readonly PolicyDifference[];
  /** What was left out, a sentence each. */
  readonly notes: readonly string[];
}

export interface PolicyDifference {
  readonly uri: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string | undefined;
  /** 'same': written otherwise, and meaning what it did. */
  readonly change: 'added' | 'removed' | 'changed' | 'same';
  /** How many connections it opens, at least in part, and how many it cuts. */
  readonly opens: number;
  readonly cuts: number;
  /** How many pass on the same ports under other conditions. */
  readonly alters: number;
  /** Not all that it changes can be told from the manifests. */
  readonly undecided: boolean;
}

/** By folder. */
type Trees = ReadonlyMap<string, { readonly tree: string } | NoRevision>;

/** What a comparison was made of: equal for what gives the same again. */
interface About {
  readonly revision: number;
  readonly settings: unknown;
  readonly trees: string;
}

function isSame(a: About, b: About): boolean {
  return a.revision === b.revision && a.settings === b.settings && a.trees === b.trees;
}

/** Where a person waits for nothing, no more is compared than is done within a moment: the others are asked for. */
const unasked = { files: 2000, workloads: 600 };

export interface ChangesEvents {
  /** There is another answer about HEAD. */
  changed(): void;
  /** Lets messages be answered that have come meanwhile. */
  pause(): Promise<void>;
}

/**
 * Compares a workspace with its repository's revisions. What differs from HEAD is kept, and worked out anew after each
 * edit, in steps between which the next edit has its turn and ends what it makes stale.
 */
export class Changes {
  #head: { readonly about: About; readonly comparison: Comparison | NoRevision } | undefined;
  #trees: Promise<Trees> | undefined;
  #running: Promise<void> | undefined;
  #again = false;

  constructor(
    private readonly netpol: Netpol,
    private readonly revisions: Revisions,
    private readonly events: ChangesEvents,
  ) {}

  /** What was last known of the difference against HEAD. */
  get head(): Comparison | undefined {
    const known = this.#head?.comparison;
    return known !== undefined && 'diffs' in known ? known : undefined;
  }

  /** Why nothing is known of it. */
  get notCompared(): string | undefined {
    const known = this.#head?.comparison;
    return known !== undefined && 'problem' in known ? known.problem : undefined;
  }

  /** Git is asked again what HEAD is: a commit may have been made, or another branch be checked out. */
  headMayHaveMoved(): void {
    this.#trees = undefined;
  }

  /** Compares with HEAD again, where anything is other than before. Ends when all is as it is kept. */
  update(): Promise<void> {
    this.#again = true;
    this.#running ??= this.#work().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #work(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      this.#trees ??= this.#treesOf('HEAD');
      const trees = await this.#trees;
      const about = this.#now(trees);
      if (this.#head !== undefined && isSame(this.#head.about, about)) continue;
      const comparison = await this.#compare('HEAD', trees, unasked);
      // Whoever has edited meanwhile asks again when it is quiet.
      if (comparison === undefined) continue;
      this.#head = { about, comparison };
      this.events.changed();
    }
  }

  #now(trees: Trees): About {
    const { workspace, settings } = this.netpol;
    return { revision: workspace.revision, settings, trees: JSON.stringify([...trees]) };
  }

  /** The whole difference against a revision, or against where the work has parted from it (`main...`). */
  async against(revision: string): Promise<Comparison | NoRevision> {
    for (;;) {
      const found = await this.#compare(revision, await this.#treesOf(revision), undefined);
      if (found !== undefined) return found;
    }
  }

  /** Branches and tags to compare with. */
  async names(): Promise<readonly string[]> {
    const all = await Promise.all(this.netpol.workspace.folders.map((folder) => this.revisions.names(folder)));
    return [...new Set(all.flat())];
  }

  async #treesOf(revision: string): Promise<Trees> {
    const { folders } = this.netpol.workspace;
    return new Map(
      await Promise.all(
        folders.map(async (folder) => [folder, await this.revisions.treeOf(folder, revision)] as const),
      ),
    );
  }

  /** Undefined where an edit has come meanwhile. */
  async #compare(
    title: string,
    trees: Trees,
    limit: typeof unasked | undefined,
  ): Promise<Comparison | NoRevision | undefined> {
    const { workspace, settings } = this.netpol;
    const { revision } = workspace;
    const isStale = () => workspace.revision !== revision || this.netpol.settings !== settings;
    const problems = [...trees.values()].flatMap((found) => ('problem' in found ? [found.problem] : []));
    if (problems.length === trees.size) return { problem: problems[0] ?? 'no folder is open' };
    const files = new Map(workspace.files);
    const differing = new Map<string, string | undefined>();
    for (const [folder, found] of trees) {
      if ('problem' in found) continue;
      const texts = new Map([...files].flatMap(([uri, { text }]) => (isBelow(uri, folder) ? [[uri, text]] : [])));
      const texted = await this.revisions.differing(folder, found.tree, texts, leftOut(settings));
      if ('problem' in texted) return texted;
      for (const [uri, text] of texted) differing.set(uri, text);
    }
    if (isStale()) return undefined;
    const cut = cutOf(this.netpol, files, differing);
    const large = limit !== undefined && (cut.files.size > limit.files || cut.workloads > limit.workloads);
    if (large) return { problem: 'what differs is part of too many manifests to be compared at each edit' };
    const past = new Map(cut.files);
    for (const [uri, text] of differing) {
      if (text === undefined) past.delete(uri);
      else past.set(uri, SourceFile.of(uri, text));
    }
    const before = buildScopes(inOrder(past), workspace.folders, settings.scopes);
    await this.events.pause();
    if (isStale()) return undefined;
    const stateOf = (
      own: ReadonlyMap<string, SourceFile>,
      index: ScopeIndex,
      name: string,
      past: boolean,
    ): ComparedState => ({
      title: name,
      revision: past ? name : undefined,
      scopes: index.scopes.filter((scope) => index !== cut.now || cut.isIn(scope)),
      profileOf: (scope) => (scope === undefined ? settings.profile : this.netpol.profileOf(scope)),
      fileOf: (uri) => own.get(uri),
      bases: workspace.folders,
      show: (uri) => shown(uri, workspace.folders),
    });
    const states: States = [
      stateOf(past, before, title, true),
      stateOf(files, cut.now, 'the files as they are in the editor', false),
    ];
    const pairs = pairsOf(states).filter(
      (pair) => touches(before, pair.before, differing) || touches(cut.now, pair.after, differing),
    );
    const diffs: ScopeDiff[] = [];
    const policies: PolicyDifference[] = [];
    for (const pair of pairs) {
      const steps = pairSteps(states, pair, 'default');
      for (;;) {
        const step = steps.next();
        if (step.done === true) {
          const scoped = { scope: pairTitle(pair, pairs), diff: step.value };
          diffs.push(scoped);
          policies.push(...policiesOf(scoped, pair.before, pair.after, differing));
          break;
        }
        await this.events.pause();
        if (isStale()) return undefined;
      }
    }
    return {
      states,
      diffs,
      policies: eachOnce(policies),
      notes: problems.map((problem) => `A folder was left out: ${problem}.`),
    };
  }
}

/** The part of a workspace that has to do with files that differ. */
function cutOf(
  { workspace, settings }: Netpol,
  files: ReadonlyMap<string, SourceFile>,
  differing: ReadonlyMap<string, unknown>,
) {
  const { index, folders } = workspace;
  // Where a file comes or goes, or says what belongs together, anything may be in another scope.
  const recut = [...differing].some(
    ([uri, text]) =>
      text === undefined || !files.has(uri) || isKustomizationFile(uri) || fileName(uri) === 'Chart.yaml',
  );
  const touched = new Set([...differing.keys()].flatMap((uri) => scopesOf(index, uri)));
  const own = recut
    ? files
    : new Map([...files].filter(([uri]) => scopesOf(index, uri).some((scope) => touched.has(scope))));
  // A revision's charts are read as they are written, and so they are compared.
  const rendered = recut ? index.charts.length > 0 : [...touched].some(({ kind }) => kind === 'chart');
  const now = rendered ? buildScopes(inOrder(own), folders, settings.scopes) : index;
  return {
    files: own,
    now,
    workloads: (recut ? index.scopes : [...touched]).reduce((sum, scope) => sum + scope.workloads.length, 0),
    /** Whether a scope of `now` has its files among these. */
    isIn: (scope: Scope) => now !== index || recut || touched.has(scope),
  };
}

/** Whether files that differ have a part in a scope. */
function touches(index: ScopeIndex, scope: Scope | undefined, differing: ReadonlyMap<string, unknown>): boolean {
  return scope !== undefined && [...differing.keys()].some((uri) => scopesOf(index, uri).includes(scope));
}

function scopesOf(index: ScopeIndex, uri: string): readonly Scope[] {
  return [...index.scopesOf(uri), ...index.scopesWith(uri)];
}

function inOrder(files: ReadonlyMap<string, SourceFile>): ReadonlyMap<string, SourceFile> {
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A path from its workspace folder. */
function shown(uri: string, folders: readonly string[]): string {
  const home = folders.find((folder) => isBelow(uri, folder));
  return decodeURIComponent(home === undefined ? fileName(uri) : uri.slice(home.length + 1));
}

function policiesOf(
  { diff }: ScopeDiff,
  before: Scope | undefined,
  after: Scope | undefined,
  differing: ReadonlyMap<string, unknown>,
): readonly PolicyDifference[] {
  const meant = diff.policies.flatMap(({ change, before, after }): readonly PolicyDifference[] => {
    const placed = (after ?? before)?.placed;
    if (placed === undefined) return [];
    const own = diff.changes.filter(({ because }) =>
      because.some((cause) => cause.kind === 'policy' && (cause.policy === before || cause.policy === after)),
    );
    const opens = own.filter((each) => !isEmpty(subtract(each.after, each.before))).length;
    const cuts = own.filter(cutsAny).length;
    const alters = own.filter((each) => isEmpty(subtract(each.after, each.before)) && !cutsAny(each)).length;
    const undecided = diff.undecided.some((each) => each.change.before === before && each.change.after === after);
    return [{ ...identity(placed), change, opens, cuts, alters, undecided }];
  });
  const known = new Set(meant.map(keyOf));
  const past = new Map((before?.policies ?? []).map((placed) => [keyOf(identity(placed)), placed]));
  const same = (after?.policies ?? [])
    .filter(({ uri }) => differing.has(uri))
    .flatMap((placed): readonly PolicyDifference[] => {
      const key = keyOf(identity(placed));
      const other = past.get(key);
      if (known.has(key) || other === undefined || textOf(other) === textOf(placed)) return [];
      return [{ ...identity(placed), change: 'same', opens: 0, cuts: 0, alters: 0, undecided: false }];
    });
  return [...meant, ...same];
}

function cutsAny({ before, after }: ConnectionChange): boolean {
  return !isEmpty(subtract(before, after));
}

function eachOnce(all: readonly PolicyDifference[]): readonly PolicyDifference[] {
  const found = new Map<string, PolicyDifference>();
  for (const each of all) {
    const known = found.get(keyOf(each));
    found.set(keyOf(each), known === undefined ? each : joined(known, each));
  }
  return [...found.values()];
}

/** A policy of several scopes does to connections what it does in each. */
export function joined(a: PolicyDifference, b: PolicyDifference): PolicyDifference {
  return {
    ...a,
    change: a.change === 'same' ? b.change : a.change,
    opens: a.opens + b.opens,
    cuts: a.cuts + b.cuts,
    alters: a.alters + b.alters,
    undecided: a.undecided || b.undecided,
  };
}

/** What a policy is known by. */
export function identity({ uri, namespace, value }: Placed<Policy>) {
  return { uri, kind: value.kind, name: value.name, namespace: namespace.name };
}

export function keyOf({ uri, kind, name, namespace }: ReturnType<typeof identity>): string {
  return JSON.stringify([uri, kind, name, namespace]);
}

function textOf({ resource: { node } }: Placed<Policy>): string {
  return node.document.text.slice(node.range.start, node.range.end).trim();
}
