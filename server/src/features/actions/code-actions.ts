import type { CodeAction, Diagnostic, Range, WorkspaceEdit } from 'vscode-languageserver-types';
import { migrateToClusterNetworkPolicy } from '../../kinds/cluster/migrate.js';
import { applicableFixes, type FileFinding } from '../../rules/run.js';
import type { Netpol } from '../../service.js';
import { layers, renderTemplate } from '../../templates/index.js';
import { type Offer, offersFor } from '../../templates/offer.js';
import { documentBehind } from '../../text/document.js';
import { insertCommentAbove } from '../../text/edits.js';
import { type Change, editOnly, type Fix } from '../../text/fix.js';
import type { TextRange } from '../../text/range.js';
import { folderOf } from '../../workspace/files.js';
import type { NamespaceRef, Scope } from '../../workspace/scope.js';
import { cursorAt, policyAt } from '../cursor.js';
import { type DiagnosticSupport, toDiagnostic } from '../diagnostics.js';
import { baselineEdit, baselinePlaceAt } from './baseline.js';
import { conversionsAt } from './convert.js';
import { isBlank, textEdits } from './edit-shapes.js';

/** The kinds of the actions, as the protocol's `CodeActionKind` names them. */
export const quickFixKind = 'quickfix';
export const rewriteKind = 'refactor.rewrite';
export const addPolicyKind = 'refactor.netpol.add';
/** The fixes that keep what the author evidently meant. */
export const fixAllKind = 'source.fixAll.netpol';

/** How an action is found again when the client resolves it: by what it says, in the text as it then is. */
export interface ActionData {
  readonly uri: string;
  readonly title: string;
  readonly range: TextRange;
  readonly source: 'fix' | 'silence' | 'template' | 'baseline' | 'migrate' | 'convert' | 'fix-all';
}

interface Candidate {
  readonly action: CodeAction;
  readonly edit: () => WorkspaceEdit | undefined;
}

export interface ActionRequest {
  readonly uri: string;
  readonly range: TextRange;
  readonly diagnostics: readonly Diagnostic[];
  readonly only: readonly string[] | undefined;
  readonly support: ActionSupport;
}

/** What the client can do with what an action holds. */
export interface ActionSupport extends DiagnosticSupport {
  readonly createsFiles: boolean;
  /** Shows an action that cannot be done, with the reason. */
  readonly disabled: boolean;
}

/** Whether an action of a kind is asked for: kinds are prefixes, cut at dots. */
function wanted(kind: string, only: readonly string[] | undefined): boolean {
  return only === undefined || only.some((each) => kind === each || kind.startsWith(`${each}.`));
}

/** The actions at a range, each without its edit: `editOfAction` works it out when it is chosen. */
export function codeActions(netpol: Netpol, request: ActionRequest): CodeAction[] {
  return candidates(netpol, request).map(({ action }) => action);
}

/** The edit of an action; undefined when the text has moved on so that it no longer applies. */
export function editOfAction(netpol: Netpol, data: ActionData, support: ActionSupport): WorkspaceEdit | undefined {
  const request: ActionRequest = {
    uri: data.uri,
    range: data.range,
    diagnostics: [],
    // Some are offered only where they are asked for by kind.
    only: data.source === 'fix-all' ? [fixAllKind] : data.source === 'template' ? [addPolicyKind] : undefined,
    support,
  };
  const found = candidates(netpol, request).find(
    ({ action }) => action.title === data.title && actionData(action)?.source === data.source,
  );
  return found?.edit();
}

export function actionData(action: CodeAction): ActionData | undefined {
  const data: unknown = action.data;
  if (typeof data !== 'object' || data === null) return undefined;
  const { uri, title, range, source } = data as Partial<ActionData>;
  return uri === undefined || title === undefined || range === undefined || source === undefined
    ? undefined
    : { uri, title, range, source };
}

export function workspaceEdit(netpol: Netpol, changes: readonly Change[]): WorkspaceEdit | undefined {
  const edits = textEdits(netpol, changes);
  return edits === undefined ? undefined : { changes: Object.fromEntries(edits) };
}

function candidates(netpol: Netpol, request: ActionRequest): readonly Candidate[] {
  const findings = netpol
    .findings(request.uri)
    .filter(({ range }) => range.start <= request.range.end && request.range.start <= range.end);
  const list: Candidate[] = [];
  if (wanted(quickFixKind, request.only)) {
    for (const finding of findings) {
      for (const fix of applicableFixes(netpol.workspace, finding))
        list.push(fixCandidate(netpol, request, finding, fix));
    }
    for (const finding of findings) list.push(...silenceCandidates(netpol, request, finding));
  }
  // Who asks about a finding wants it mended: standard policies are not offered beside its fixes, unless they are asked for.
  const mending = request.only === undefined && list.length > 0;
  if (wanted(addPolicyKind, request.only) && !mending) {
    // Beside a policy only the layers, so that its quick fixes are not lost among them; the command lists every template.
    const blank = isBlank(netpol.workspace.file(request.uri)?.text ?? '');
    for (const offer of offersAt(netpol, request.uri, request.range.start, 'on a policy or a blank page')) {
      if (fits(offer, blank) && !offer.present) list.push(templateCandidate(netpol, request, offer));
    }
    list.push(...baselineCandidates(netpol, request));
  }
  if (wanted(rewriteKind, request.only)) {
    list.push(...migrateCandidates(netpol, request));
    for (const { title, changes, refused } of conversionsAt(netpol, request.uri, request.range.start)) {
      const action = actionOf(request, title, rewriteKind, 'convert');
      if (refused === undefined) list.push(candidate(netpol, action, changes));
      else if (request.support.disabled)
        list.push(candidate(netpol, { ...action, disabled: { reason: refused } }, () => undefined));
    }
  }
  if (request.only?.some((each) => each.startsWith('source')) && wanted(fixAllKind, request.only)) {
    const changes = safeChanges(netpol, request.uri);
    if (changes !== undefined) {
      const action = actionOf(request, 'Fix all safe netpol findings', fixAllKind, 'fix-all');
      list.push(candidate(netpol, action, () => changes));
    }
  }
  return list;
}

/** Of a plugin's own kinds those for the layers, where such a policy is here or the plugin is known; its policies by themselves. */
function fits({ template, values, family }: Offer, blank: boolean): boolean {
  if (template.family !== undefined)
    return template.layer !== undefined && [family, values.profile.cni.ownFamily].includes(template.family);
  const ofPlugin = family === 'calico' || family === 'cilium';
  return !ofPlugin && (layers.includes(template.id) || (blank && template.layer !== undefined));
}

function candidate(netpol: Netpol, action: CodeAction, changes: () => readonly Change[] | undefined): Candidate {
  return {
    action,
    edit() {
      const made = changes();
      return made === undefined ? undefined : workspaceEdit(netpol, made);
    },
  };
}

function actionOf(request: ActionRequest, title: string, kind: string, source: ActionData['source']): CodeAction {
  return { title, kind, data: { uri: request.uri, title, range: request.range, source } satisfies ActionData };
}

function fixCandidate(netpol: Netpol, request: ActionRequest, finding: FileFinding, fix: Fix): Candidate {
  const action = {
    ...actionOf(request, fix.title, quickFixKind, 'fix'),
    ...(fix.preferred === true ? { isPreferred: true } : {}),
    diagnostics: matching(netpol, request, finding),
  };
  return candidate(netpol, action, () => fix.changes());
}

/** Anywhere in a policy that has a successor; nothing where the text cannot be rewritten. */
function migrateCandidates(netpol: Netpol, request: ActionRequest): readonly Candidate[] {
  const cursor = cursorAt(netpol.workspace, request.uri, request.range.start);
  const broken = cursor !== undefined && documentBehind(cursor.resource.node.document)?.problems.length !== 0;
  if (cursor === undefined || broken) return [];
  const changes = () => migrateToClusterNetworkPolicy(cursor.resource)?.changes;
  if (changes() === undefined) return [];
  const title = 'Migrate to ClusterNetworkPolicy v1alpha2';
  return [candidate(netpol, actionOf(request, title, rewriteKind, 'migrate'), changes)];
}

/** The client's own diagnostic for a finding, so that it may tie the action to it; else one made anew. */
function matching(netpol: Netpol, request: ActionRequest, finding: FileFinding): Diagnostic[] {
  const own = request.diagnostics.filter(
    (each) => each.source === 'netpol' && each.code === finding.rule.id && each.message === finding.message,
  );
  if (own.length > 0) return own;
  const made = toDiagnostic(netpol, finding, request.support);
  return made === undefined ? [] : [made];
}

function silenceCandidates(netpol: Netpol, request: ActionRequest, finding: FileFinding): readonly Candidate[] {
  const file = netpol.workspace.file(finding.uri);
  const placed = file?.documentAt(finding.range.start);
  // JSON has no comments, and netpol's own findings are not silenced.
  if (file === undefined || placed === undefined || finding.rule.on === 'file' || file.uri.endsWith('.json')) return [];
  const id = finding.rule.id;
  const at = {
    document: placed.document,
    range: { start: finding.range.start - placed.offset, end: finding.range.end - placed.offset },
  };
  const silence = (title: string, changes: () => readonly Change[] | undefined): Candidate => {
    const diagnostics = matching(netpol, request, finding);
    return candidate(netpol, { ...actionOf(request, title, quickFixKind, 'silence'), diagnostics }, changes);
  };
  const first = file.documents[0];
  return [
    silence(`Silence ${id} for this line`, () => editOnly(insertCommentAbove(at, `netpol-disable-next-line ${id}`))),
    ...(first === undefined
      ? []
      : [
          silence(`Silence ${id} for this file`, () => {
            const start = file.text.startsWith('\uFEFF') ? 1 : 0;
            const eol = file.text.includes('\r\n') ? '\r\n' : '\n';
            return editOnly({
              span: { document: first.document, range: { start, end: start } },
              newText: `# netpol-disable ${id}${eol}`,
            });
          }),
        ]),
  ];
}

/** The standard policies as they would be written at a place. */
export function offersAt(
  netpol: Netpol,
  uri: string,
  offset: number,
  where: 'on a policy or a blank page' | 'anywhere',
): readonly Offer[] {
  const file = netpol.workspace.file(uri);
  const cursor = cursorAt(netpol.workspace, uri, offset);
  const scope = cursor?.scopes[0] ?? netpol.workspace.index.scopesOf(uri)[0];
  const profile = scope === undefined ? netpol.settings.profile : netpol.profileOf(scope);
  const found = cursor === undefined || scope === undefined ? undefined : policyAt(cursor, scope);
  // The layers are for a namespace, and a cluster policy has none.
  const policy = found?.value.clusterWide === true ? undefined : found;
  if (where !== 'anywhere' && policy === undefined && !isBlank(file?.text ?? '')) return [];
  // In an empty document the policies fall in the namespace that its folder's objects have, if they agree on one.
  const namespace = policy?.namespace ?? (scope === undefined ? undefined : namespaceAround(scope, uri));
  return offersFor({ profile, scope, policy, namespace });
}

/** The one namespace that the objects of a file have, else the one of its folder; undefined where they have several. */
export function namespaceAround(scope: Scope, uri: string): NamespaceRef | undefined {
  const folder = folderOf(uri);
  const of = (isNear: (other: string) => boolean) => {
    const near = [...scope.namespaces.values()].filter(({ workloads, policies }) =>
      [...workloads, ...policies].some((each) => isNear(each.uri)),
    );
    // What is half typed has no namespace yet.
    const named = near.filter(({ ref }) => ref.name !== undefined);
    return near.length === 1 ? near[0]?.ref : named.length === 1 ? named[0]?.ref : undefined;
  };
  const own = of((other) => other === uri);
  return own?.name === undefined ? (of((other) => folderOf(other) === folder) ?? own) : own;
}

function templateCandidate(netpol: Netpol, request: ActionRequest, offer: Offer): Candidate {
  const action = actionOf(request, `Add ${offer.template.id}: ${offer.template.title}`, addPolicyKind, 'template');
  return candidate(netpol, action, () => templateChanges(netpol, request.uri, offer));
}

/** The whole baseline, on a Namespace object and in a kustomization that builds nothing yet. */
function baselineCandidates(netpol: Netpol, request: ActionRequest): readonly Candidate[] {
  const place = baselinePlaceAt(netpol, request.uri, request.range.start);
  if (place === undefined) return [];
  const edit = () => {
    const made = baselineEdit(netpol, place, { createsFiles: request.support.createsFiles, uri: request.uri });
    return made === undefined || 'taken' in made ? undefined : made;
  };
  if (edit() === undefined) return [];
  const title = `Add the layered baseline for namespace "${place.namespace}"`;
  return [{ action: actionOf(request, title, addPolicyKind, 'baseline'), edit }];
}

/** Appends the policy as a document of its own. */
export function templateChanges(netpol: Netpol, uri: string, offer: Offer): readonly Change[] | undefined {
  const file = netpol.workspace.file(uri);
  if (file === undefined) return undefined;
  const eol = file.text.includes('\r\n') ? '\r\n' : '\n';
  return [{ kind: 'append', uri, text: renderTemplate(offer.template, offer.values, { eol }) }];
}

/** All safe fixes of a file that do not touch each other's text; what remains is found again by the next run. */
export function safeChanges(netpol: Netpol, uri: string): readonly Change[] | undefined {
  const taken: { uri: string; range: TextRange }[] = [];
  const changes: Change[] = [];
  for (const finding of netpol.findings(uri)) {
    const fix = finding.fixes.find((each) => each.safe === true);
    const own = fix?.changes();
    const edits = own === undefined ? undefined : netpol.editsOf(own);
    if (own === undefined || edits === undefined) continue;
    const places = [...edits].flatMap(([file, list]) => list.map(({ range }) => ({ uri: file, range })));
    const clashes = places.some((place) =>
      taken.some(
        (other) =>
          other.uri === place.uri && place.range.start <= other.range.end && other.range.start <= place.range.end,
      ),
    );
    if (clashes) continue;
    taken.push(...places);
    changes.push(...own);
  }
  return changes.length === 0 ? undefined : changes;
}

export function rangeOffsets(netpol: Netpol, uri: string, range: Range): TextRange | undefined {
  const lines = netpol.workspace.file(uri)?.lines;
  return lines === undefined ? undefined : { start: lines.offsetAt(range.start), end: lines.offsetAt(range.end) };
}
