import type { CreateFile, TextDocumentEdit, TextEdit, WorkspaceEdit } from 'vscode-languageserver-types';
import type { Netpol } from '../../service.js';
import {
  baselineFiles,
  isNamespaceName,
  kustomizationName,
  leftOut,
  otherKustomizationNames,
} from '../../templates/index.js';
import { insertEntry } from '../../text/edits.js';
import { type Change, editOnly } from '../../text/fix.js';
import { valueAt } from '../../text/tree.js';
import { fileName, folderOf, keyOf } from '../../workspace/files.js';
import { isKustomizationFile } from '../../workspace/kustomization.js';
import type { Scope } from '../../workspace/scope.js';
import { cursorAt } from '../cursor.js';
import { isBlank, textEdits } from './edit-shapes.js';

/** A place where the layered baseline of a namespace may go. */
export interface BaselinePlace {
  readonly namespace: string;
  /** The folder, as a URI without a trailing slash. */
  readonly folder: string;
}

/** Where the policies of a namespace go, below the folder that its other manifests are in. */
export function policiesFolder(folder: string, namespace: string): string {
  return `${folder}/network-policies/${namespace}`;
}

/**
 * The edit that writes the baseline as files. What is there is never overwritten: only a kustomization that builds
 * nothing yet gets its list. For a client that creates no files, one stream at the end of the document `uri`.
 * `taken`: files that are in the way.
 */
export function baselineEdit(
  netpol: Netpol,
  { namespace, folder }: BaselinePlace,
  { createsFiles, uri }: { readonly createsFiles: boolean; readonly uri: string | undefined },
): WorkspaceEdit | { readonly taken: readonly string[] } | undefined {
  if (!isNamespaceName(namespace)) return undefined;
  const { workspace } = netpol;
  const scope = scopeWith(netpol, namespace, uri);
  const profile = scope === undefined ? netpol.settings.profile : netpol.profileOf(scope);
  const files = baselineFiles({ namespace, profile, scope });
  if (!createsFiles) {
    if (uri === undefined || workspace.file(uri) === undefined) return undefined;
    const policies = files.filter(({ name }) => name !== kustomizationName).map(({ text }) => text);
    const without = leftOut({ namespace, profile, scope });
    const text = `${without === undefined ? '' : `# ${without}\n`}${policies.join('---\n')}`;
    const edits = textEdits(netpol, [{ kind: 'append', uri, text }]);
    return edits === undefined ? undefined : { changes: Object.fromEntries(edits) };
  }
  const parts: (CreateFile | TextDocumentEdit)[] = [];
  const taken = otherKustomizationNames.filter((name) => workspace.file(keyOf(`${folder}/${name}`)) !== undefined);
  for (const { name, text } of files) {
    const target = keyOf(`${folder}/${name}`);
    if (workspace.file(target) === undefined) {
      parts.push({ kind: 'create', uri: target, options: { overwrite: false, ignoreIfExists: false } });
      parts.push(edited(target, [{ range: start, newText: text }]));
      continue;
    }
    const changes =
      name === kustomizationName ? filled(netpol, target, text, files.slice(0, -1).map(nameOf)) : undefined;
    const edits = changes === undefined ? undefined : textEdits(netpol, changes)?.get(target);
    if (edits === undefined) taken.push(name);
    else parts.push(edited(target, edits));
  }
  return taken.length > 0 ? { taken } : { documentChanges: parts };
}

/**
 * Where the baseline is offered: on a Namespace object whose namespace has no policies, and in a kustomization that builds
 * nothing yet and tells its namespace.
 */
export function baselinePlaceAt(netpol: Netpol, uri: string, offset: number): BaselinePlace | undefined {
  const folder = folderOf(uri);
  if (isKustomizationFile(uri)) {
    const root = rootOf(netpol, uri);
    const namespace = valueAt(root, 'namespace');
    const name = namespace?.kind === 'scalar' ? String(namespace.value) : fileName(folder);
    const known = namespace !== undefined || namespacesOf(netpol).includes(name);
    const empty = isBlank(netpol.workspace.file(uri)?.text ?? '') || (root !== undefined && buildsNothing(root));
    return fileName(uri) === kustomizationName && empty && known && isNamespaceName(name)
      ? { namespace: name, folder }
      : undefined;
  }
  const object = cursorAt(netpol.workspace, uri, offset)?.resource.object;
  if (object?.type !== 'namespace' || !isNamespaceName(object.value.name)) return undefined;
  const { name } = object.value;
  const policies = netpol.workspace.index.scopes.flatMap((scope) =>
    [...scope.namespaces.values()].flatMap((content) => (content.ref.name === name ? content.policies : [])),
  );
  return policies.length > 0 ? undefined : { namespace: name, folder: policiesFolder(folder, name) };
}

/** What a person is asked before the baseline is written: the namespaces that are known, and the one of a document. */
export function baselineChoices(netpol: Netpol, uri: string | undefined) {
  const scope = uri === undefined ? undefined : netpol.workspace.index.scopesOf(uri)[0];
  const own = [...(scope?.namespaces.values() ?? [])].filter(({ policies, workloads, services }) =>
    [...policies, ...workloads, ...services].some((each) => each.uri === uri),
  );
  const here = own.length === 1 ? own[0]?.ref.name : undefined;
  return { namespaces: namespacesOf(netpol), ...(here === undefined ? {} : { here }) };
}

/** By Namespace objects and by what the manifests name, in alphabetical order. */
function namespacesOf(netpol: Netpol): readonly string[] {
  const names = netpol.workspace.index.scopes.flatMap((scope) => [
    ...scope.namespaceObjects.keys(),
    ...[...scope.namespaces.values()].flatMap(({ ref }) => ref.name ?? []),
  ]);
  return [...new Set(names)].filter(isNamespaceName).sort();
}

/** The document's scope if it has objects of the namespace, else the first that has. */
function scopeWith(netpol: Netpol, namespace: string, uri: string | undefined): Scope | undefined {
  const { index } = netpol.workspace;
  const has = (scope: Scope) => [...scope.namespaces.values()].some(({ ref }) => ref.name === namespace);
  return (uri === undefined ? [] : index.scopesOf(uri)).find(has) ?? index.scopes.find(has);
}

/** The list of a kustomization that builds nothing yet. */
function filled(
  netpol: Netpol,
  uri: string,
  text: string,
  resources: readonly string[],
): readonly Change[] | undefined {
  if (isBlank(netpol.workspace.file(uri)?.text ?? '')) return [{ kind: 'append', uri, text }];
  const root = rootOf(netpol, uri);
  return root === undefined || !buildsNothing(root) ? undefined : editOnly(insertEntry(root, 'resources', resources));
}

type Root = NonNullable<ReturnType<typeof rootOf>>;

function rootOf(netpol: Netpol, uri: string) {
  const root = netpol.workspace.file(uri)?.documents[0]?.document.root;
  return root?.kind === 'map' ? root : undefined;
}

function buildsNothing(root: Root): boolean {
  return ['resources', 'bases', 'components', 'helmCharts', 'generators'].every(
    (key) => valueAt(root, key) === undefined,
  );
}

function edited(uri: string, edits: readonly TextEdit[]): TextDocumentEdit {
  return { textDocument: { uri, version: null }, edits: [...edits] };
}

function nameOf({ name }: { readonly name: string }): string {
  return name;
}

const start = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
