import { kinds, mayHoldResources, resourcesOf } from '../kinds/index.js';
import type { Resource } from '../kinds/kind.js';
import type { Problem } from '../kinds/problem.js';
import type { Family } from '../model/policy.js';
import { shortened } from '../model/print.js';
import type { ClusterProfile } from '../model/profile.js';
import { originOf, type YamlDocument } from '../text/document.js';
import type { SourceFile } from '../text/file.js';
import { covers, type TextRange } from '../text/range.js';
import type { Span } from '../text/tree.js';
import { brokenBytesIn } from '../workspace/broken-bytes.js';
import { profileIn } from '../workspace/detect-cni.js';
import type { Member } from '../workspace/members.js';
import { knownOr, perList } from '../workspace/per-list.js';
import type { Scope } from '../workspace/scope.js';
import type { Settings } from '../workspace/settings.js';
import type { Workspace } from '../workspace/workspace.js';
import { profileFor } from './family-words.js';
import { joinScopes, type ScopedFinding } from './in-scopes.js';
import { inTemplates } from './in-templates.js';
import { ruleNamed, rules, yamlSyntax } from './index.js';
import type { Found, Part, RuleMemory } from './memory.js';
import type { FileContext, FileRule, Finding, PolicyRule, RuleDefinition, Severity, WorkloadRule } from './rule.js';
import { summedUp } from './summing-up.js';
import { suppress } from './suppress.js';

/** A finding with its rule, its severity after configuration, and its place in a file. */
export interface FileFinding {
  readonly rule: RuleDefinition;
  readonly severity: Severity;
  readonly message: string;
  readonly uri: string;
  /** Offsets in the file. */
  readonly range: TextRange;
  readonly related: readonly { readonly uri: string; readonly range: TextRange; readonly message: string }[];
  readonly fixes: NonNullable<Finding['fixes']>;
}

/** A rule that threw: a fault of netpol's own. The other rules are not affected. */
export interface RuleCrash {
  readonly rule: string;
  readonly error: unknown;
}

export interface RunOptions {
  readonly settings: Settings;
  /** Of these settings, and of no others. */
  readonly memory: RuleMemory;
  readonly onCrash: (crash: RuleCrash) => void;
}

/**
 * The fixes of a finding that can be applied where it stands: no edit is sound through an alias, and none is offered while
 * the document's syntax is broken, since its structure is guessed.
 */
export function applicableFixes(
  workspace: Workspace,
  finding: FileFinding,
  costly: 'tried' | 'untried' = 'tried',
): FileFinding['fixes'] {
  if (finding.fixes.length === 0) return [];
  const document = workspace.file(finding.uri)?.documentAt(finding.range.start)?.document;
  if (document === undefined || document.problems.length > 0) return [];
  return finding.fixes.filter((fix) => (fix.costly && costly === 'untried') || fix.changes() !== undefined);
}

/** Everything the rules find in one file, after suppression unless `silenced` is kept, in the order of the text. */
export function findingsOf(
  workspace: Workspace,
  uri: string,
  options: RunOptions,
  silenced: 'left out' | 'kept' = 'left out',
): readonly FileFinding[] {
  const file = workspace.file(uri);
  if (file === undefined) return [];
  const collected = new Collector(workspace, file, options);
  for (const { document } of file.documents) checkDocument(document, workspace, options, collected);
  if (!/^\s*\{/.test(file.text) && file.documents.some(({ document }) => isManifest(document))) {
    const isBuilt = workspace.index.scopesOf(uri).some(({ kind }) => kind === 'kustomization');
    for (const { document } of file.documents) checkBytes(document, isBuilt, collected);
  }
  // What a template gives is judged as it is applied.
  for (const scope of workspace.index.scopesOf(uri)) {
    for (const document of scope.renderedFrom(uri)) checkRendered(document, scope, options, collected);
  }
  // What a patch or a kustomization says is judged in the objects that it ends up in.
  for (const scope of workspace.index.scopesWith(uri)) {
    for (const member of scope.membersFrom(uri)) checkScoped(member, scope, options, collected);
  }
  for (const rule of fileRules) {
    if (!rule.looksAt(uri) || options.settings.rules.get(rule.id) === 'off') continue;
    collected.guard(rule.id, () => {
      const { settings, memory } = options;
      const inScope: FileContext['inScope'] = (...asked) => memory.about(...asked);
      for (const finding of rule.check({ file, workspace, settings, rules, inScope })) collected.add(rule, finding);
    });
  }
  const found = collected.findings();
  return summedUp(file, silenced === 'kept' ? found : suppress(file, found, options.settings));
}

function checkDocument(document: YamlDocument, workspace: Workspace, options: RunOptions, out: Collector): void {
  const resources = resourcesOf(document);
  const judged = resources.filter((resource) => resource.kind.check !== undefined);
  if (isManifest(document)) {
    for (const problem of document.problems) {
      out.add(yamlSyntax, { at: { document, range: problem.range }, message: problem.message });
    }
  }
  const patch = workspace.index.isPatch(document.uri);
  for (const resource of judged) checkValidity(resource, document, patch, options, out);
  for (const scope of workspace.index.scopesOf(document.uri)) {
    for (const resource of resources) {
      for (const member of scope.membersOf(resource)) checkScoped(member, scope, options, out);
    }
  }
}

function isManifest(document: YamlDocument): boolean {
  return resourcesOf(document).some(({ kind }) => kind.check !== undefined) || looksLikeManifest(document);
}

/** Of bytes that are no text kubectl takes each for a sign that stands for any; kustomize refuses the file. */
function checkBytes(document: YamlDocument, isBuilt: boolean, out: Collector): void {
  const found = brokenBytesOf(document);
  if (found === undefined) return;
  const { range, bytes, places } = found;
  const inComment = document.comments.some((comment) => covers(comment.range, range));
  const which = bytes.length > 4 ? `${bytes.slice(0, 4).join(' ')} and so on` : bytes.join(' ');
  const more = places > 1 ? `, as at ${places - 1} more ${places > 2 ? 'places' : 'place'} in this document` : '';
  const effect = isBuilt
    ? 'kustomize refuses a file with such bytes, in comments as well'
    : 'kubectl puts the sign \uFFFD in place of each, and kustomize refuses the file';
  out.add(yamlSyntax, {
    at: { document, range },
    message: `Here ${bytes.length > 1 ? 'are bytes that are' : 'is a byte that is'} not UTF-8 (${which})${more}: ${effect}. Save the file as UTF-8.`,
    ...(isBuilt ? {} : { severity: inComment && places === 1 ? 'info' : 'warning' }),
  });
}

/** A document never changes. */
const brokenBytesOf = perList(({ text }: YamlDocument) => brokenBytesIn(text));

function checkRendered(document: YamlDocument, scope: Scope, options: RunOptions, out: Collector): void {
  for (const resource of resourcesOf(document)) {
    if (resource.kind.check !== undefined) checkValidity(resource, document, false, options, out, scope);
    for (const member of scope.membersOf(resource)) checkScoped(member, scope, options, out);
  }
}

function looksLikeManifest(document: YamlDocument): boolean {
  // Asked of every document after each key: most are told apart by the words alone.
  return (
    judgedGroups.some((group) => document.text.includes(group)) &&
    mayHoldResources(document.text) &&
    judgedVersion.test(document.text)
  );
}

/** The groups of the kinds that are judged, as `apiVersion` begins with them. */
const judgedGroups = [
  ...new Set(
    kinds.flatMap(({ check, apiVersions }) =>
      check === undefined ? [] : apiVersions.map((each) => each.slice(0, each.indexOf('/') + 1)),
    ),
  ),
];

const judgedVersion = new RegExp(
  `^\\uFEFF?apiVersion:\\s*["']?(?:${judgedGroups.map((group) => group.replaceAll('.', '\\.')).join('|')})`,
  'm',
);

/** What an unrendered template still shows for certain: a value that is refused wherever it ends up. */
const evenInTemplates: ReadonlySet<Problem['rule']> = new Set([
  'invalid-port',
  'invalid-end-port',
  'invalid-named-port',
  'invalid-protocol',
  'invalid-cidr',
  'invalid-except',
  'invalid-label',
]);

const structural: ReadonlySet<Problem['rule']> = new Set([
  'unknown-field',
  'duplicate-field',
  'wrong-type',
  'missing-field',
]);

/** What a patch alone cannot show: it has only what it changes, and its name is that of another object. */
const notInPatches: ReadonlySet<Problem['rule']> = new Set(['missing-field', 'invalid-name', 'baseline-name']);

function checkValidity(
  resource: Resource,
  document: YamlDocument,
  patch: boolean,
  options: RunOptions,
  out: Collector,
  scope?: Scope,
): void {
  out.guard(`${resource.kind.kind} validity`, () => {
    const { kubernetesVersion } = options.settings.profile;
    const problems = options.memory.problems(
      resource,
      () => resource.kind.check?.(resource.node, { kubernetesVersion }) ?? [],
    );
    // Where the syntax is broken the structure is guessed: what a strict reader says about it would be noise.
    const broken = document.problems[0]?.range.start ?? Number.POSITIVE_INFINITY;
    for (const problem of problems) {
      if (patch && (notInPatches.has(problem.rule) || String(problem.path.at(-1)).startsWith('$'))) continue;
      if (document.templated && !evenInTemplates.has(problem.rule)) continue;
      if (structural.has(problem.rule) && problem.at.range.end >= broken) continue;
      // What is accepted, and only not said here, may be said behind the break.
      if (problem.rule === 'missing-field' && problem.severity !== undefined && document.problems.length > 0) continue;
      const rule = ruleNamed(problem.rule);
      if (rule !== undefined) out.add(rule, problem, scope);
    }
  });
}

const fileRules = rules.filter((rule): rule is FileRule => rule.on === 'file');
const policyRules = rules.filter((rule): rule is PolicyRule => rule.on === 'policy');
const workloadRules = rules.filter((rule): rule is WorkloadRule => rule.on === 'workload');

function isOn({ id }: RuleDefinition, { rules }: Settings): boolean {
  return rules.get(id) !== 'off';
}

/** Settings never change, new ones take their place. */
const rulesOn = perList((settings: Settings) => {
  const on = policyRules.filter((rule) => isOn(rule, settings));
  const about = (family: Family): Readonly<Record<Part, readonly PolicyRule[]>> => {
    const concerned = on.filter(({ families }) => families?.includes(family) ?? true);
    return {
      alone: concerned.filter(({ alone }) => alone === true),
      'with others': concerned.filter(({ alone }) => alone !== true),
    };
  };
  return {
    kubernetes: about('kubernetes'),
    cluster: about('cluster'),
    calico: about('calico'),
    cilium: about('cilium'),
  } satisfies Record<Family, unknown>;
});

const placeOfRule: ReadonlyMap<RuleDefinition, number> = new Map(rules.map((rule, place) => [rule, place]));

function checkScoped(member: Member, scope: Scope, options: RunOptions, out: Collector): void {
  if (member.type !== 'policy' && member.type !== 'workload') return;
  const policy = member.type === 'policy' ? member.placed : undefined;
  const workload = member.type === 'workload' ? member.placed : undefined;
  // Most workloads give no rule anything to look at: nothing is kept for them.
  const concerned = workload === undefined ? [] : workloadRules.filter((rule) => rule.concerns(workload.value));
  const placed = policy ?? (concerned.length > 0 ? workload : undefined);
  if (placed === undefined) return;
  const profile = out.profileOf(scope);
  const check = (part: Part): readonly Found[] => {
    const found: Found[] = [];
    const run = <T>(rule: RuleDefinition & { check(context: T): Iterable<Finding> }, context: T) => {
      try {
        for (const finding of rule.check(context)) found.push({ rule, finding });
      } catch (error) {
        out.crashed(rule.id, error);
      }
    };
    if (policy !== undefined) {
      const context = { scope, profile: profileFor(policy.value, profile), policy };
      for (const rule of rulesOn(options.settings)[policy.value.family][part]) {
        if (!policy.value.uncertain || rule.evenUncertain === true) run(rule, context);
      }
    }
    for (const rule of concerned) {
      if (workload !== undefined && isOn(rule, options.settings)) run(rule, { scope, profile, workload });
    }
    return found;
  };
  const ask = (part: Part) => options.memory.found(part, scope, placed, profile, () => check(part));
  const [alone, withOthers] = [policy === undefined ? [] : ask('alone'), ask('with others')];
  for (const { rule, finding } of inOrderOfRules(alone, withOthers)) {
    out.add(rule, scope.incomplete ? atMostInfo(rule, finding) : finding, scope);
  }
}

/** As the catalogue has them. */
function inOrderOfRules(some: readonly Found[], others: readonly Found[]): readonly Found[] {
  if (some.length === 0) return others;
  if (others.length === 0) return some;
  const place = ({ rule }: Found) => placeOfRule.get(rule) ?? 0;
  return [...some, ...others].sort((a, b) => place(a) - place(b));
}

/** What may be mended by something that is not known is no warning. */
function atMostInfo(rule: RuleDefinition, finding: Finding): Finding {
  const severity = finding.severity ?? rule.severity;
  return severity === 'error' || severity === 'warning' ? { ...finding, severity: 'info' } : finding;
}

/** In characters. A message repeats what the text says, which may be one value of megabytes. */
const longestMessage = 2000;

/** Gathers findings of one file; the same finding from two scopes counts once. */
class Collector {
  readonly #found: ScopedFinding[] = [];
  readonly #profiles = new Map<Scope, ClusterProfile>();

  constructor(
    private readonly workspace: Workspace,
    private readonly file: SourceFile,
    private readonly options: RunOptions,
  ) {}

  guard(rule: string, run: () => void): void {
    try {
      run();
    } catch (error) {
      this.crashed(rule, error);
    }
  }

  crashed(rule: string, error: unknown): void {
    this.options.onCrash({ rule, error });
  }

  /** Asked for each object of the file, in which it is the same. */
  profileOf(scope: Scope): ClusterProfile {
    return knownOr(this.#profiles, scope, () => profileIn(this.options.settings, scope));
  }

  findings(): readonly FileFinding[] {
    const { index } = this.workspace;
    const all = new Set([...index.scopesOf(this.file.uri), ...index.scopesWith(this.file.uri)]);
    return joinScopes(this.#found, all, (uri) => index.scopesOf(uri));
  }

  /** Without a scope: what holds in each. */
  add(rule: RuleDefinition, finding: Finding, scope?: Scope): void {
    const setting = this.options.settings.rules.get(rule.id);
    if (setting === 'off') return;
    const range = this.file.toFile(finding.at);
    if (range === undefined) return;
    const fixes = finding.fixes ?? [];
    const rendered = scope?.kind === 'chart' || originOf(finding.at.document) !== undefined;
    const found: FileFinding = {
      rule,
      severity: setting ?? finding.severity ?? rule.severity,
      message: shortened(finding.message, longestMessage),
      uri: this.file.uri,
      range,
      related: (finding.related ?? []).flatMap(({ at, message }) => this.#related(at, message)),
      fixes: rendered ? fixes.map((fix) => inTemplates(fix, this.workspace)) : fixes,
    };
    this.#found.push({ finding: found, scope });
  }

  #related(at: Span, message: string) {
    const uri = at.document.uri;
    const range = this.workspace.file(uri)?.toFile(at);
    return range === undefined ? [] : [{ uri, range, message }];
  }
}
