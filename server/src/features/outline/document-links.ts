import type { DocumentLink } from 'vscode-languageserver-types';
import { scopesTested } from '../../engine/test-runs.js';
import { ruleNamed } from '../../rules/index.js';
import type { Netpol } from '../../service.js';
import type { SourceFile } from '../../text/file.js';
import type { TextRange } from '../../text/range.js';
import { suppressionsOf } from '../../text/suppressions.js';
import { isScalar, keyText, stringOf, valueAt, type YamlNode, type YamlScalar } from '../../text/tree.js';
import { folderOf, joinPath, keyOf } from '../../workspace/files.js';
import { readKustomization } from '../../workspace/kustomization.js';
import { referencesOf } from '../../workspace/kustomize/build.js';
import { isSettingsFile } from '../../workspace/settings-file.js';
import { isTestFile, readTests } from '../../workspace/test-file.js';
import type { Workspace } from '../../workspace/workspace.js';
import { rulePagesUrl } from '../diagnostics.js';
import { type DocumentParams, defineFeature } from '../feature.js';
import { toLspRange } from '../places.js';

export const documentLinkFeature = defineFeature({
  method: 'textDocument/documentLink',
  doc: 'Links: from a kustomization to its files, from a rule’s name to its page, from a test file to what it tests.',
  capability: () => ({ documentLinkProvider: {} }),
  answer({ netpol, client }, { textDocument }: DocumentParams): readonly DocumentLink[] | null {
    const file = netpol.workspace.file(keyOf(textDocument.uri));
    if (file === undefined) return null;
    return linksIn(netpol, file).map(({ range, target, tooltip }) => ({
      range: toLspRange(file, range),
      target,
      ...(client.linkTooltips ? { tooltip } : {}),
    }));
  },
});

interface Link {
  /** In the file. */
  readonly range: TextRange;
  readonly target: string;
  readonly tooltip: string;
}

/** The links of a file, in its order. Only what is there is linked: a finding tells of what is missing. */
function linksIn(netpol: Netpol, file: SourceFile): readonly Link[] {
  const links = [
    ...silencedRules(file),
    ...builtFiles(netpol.workspace, file),
    ...(isTestFile(file.uri) ? testedScopes(netpol.workspace, file) : []),
    ...(isSettingsFile(file.uri) ? settingsLinks(netpol.workspace, file) : []),
  ];
  return links.sort((a, b) => a.range.start - b.range.start);
}

function silencedRules(file: SourceFile): readonly Link[] {
  return suppressionsOf(file).flatMap(({ codeSpans }) =>
    codeSpans.flatMap(({ code, range }) => (ruleNamed(code) === undefined ? [] : [ruleLink(code, range)])),
  );
}

function ruleLink(id: string, range: TextRange): Link {
  return { range, target: `${rulePagesUrl}/${id}.md`, tooltip: `Read what ${id} finds, and why` };
}

/** What a kustomization names: files, and the kustomizations of folders. */
function builtFiles({ index, files }: Workspace, file: SourceFile): readonly Link[] {
  const kustomization = readKustomization(file);
  if (kustomization === undefined) return [];
  const patches = [...kustomization.patches, ...kustomization.lastPatches].flatMap(({ source }) =>
    'inline' in source ? [] : [{ at: source.path, uri: source.uri }],
  );
  return [...referencesOf(kustomization), ...patches].flatMap(({ at, uri }) => {
    if (uri === undefined) return [];
    const target = files.has(uri) ? uri : index.kustomizations.byFolder.get(uri)?.uri;
    return linkFrom(file, at, target, target === uri ? 'Open the file' : 'Open the kustomization of this folder');
  });
}

function testedScopes(workspace: Workspace, file: SourceFile): readonly Link[] {
  return file.documents.flatMap(({ document }) => {
    const at = valueAt(document.root, 'scope');
    const found = scopesTested(workspace, readTests(document));
    if ('problem' in found || found.scopes.length !== 1) return [];
    const id = found.scopes[0]?.id ?? '';
    const target = [id, `${id}/Chart.yaml`].find((uri) => workspace.file(uri) !== undefined);
    return linkFrom(file, at, target, 'Open what is tested');
  });
}

/** In `.netpol.yaml`: the names of rules, and the files of values by which charts are rendered. */
function settingsLinks(workspace: Workspace, file: SourceFile): readonly Link[] {
  const root = file.documents[0]?.document.root;
  const rules = valueAt(root, 'rules');
  const values = valueAt(valueAt(root, 'helm'), 'values');
  const named = (rules?.kind === 'map' ? rules.entries : []).flatMap(({ key, merged }) => {
    const range = merged ? undefined : placeOf(file, key);
    const id = String(key.value);
    return range === undefined || ruleNamed(id) === undefined ? [] : [ruleLink(id, range)];
  });
  const charts = (values?.kind === 'map' ? values.entries : []).flatMap((entry) => {
    const chart = joinPath(folderOf(file.uri), keyText(entry));
    return chart === undefined
      ? []
      : [...scalarsIn(entry.value)].flatMap((at) => valuesLink(workspace, file, chart, at));
  });
  return [...named, ...charts];
}

function valuesLink(workspace: Workspace, file: SourceFile, chart: string, at: YamlScalar): readonly Link[] {
  const uri = joinPath(chart, stringOf(at) ?? '');
  return linkFrom(
    file,
    at,
    uri !== undefined && workspace.file(uri) !== undefined ? uri : undefined,
    'Open the values',
  );
}

function* scalarsIn(node: YamlNode): Generator<YamlScalar> {
  if (node.kind === 'scalar') yield node;
  if (node.kind === 'sequence') for (const { value } of node.items) yield* scalarsIn(value);
}

function linkFrom(
  file: SourceFile,
  at: YamlNode | undefined,
  target: string | undefined,
  tooltip: string,
): readonly Link[] {
  const range = at !== undefined && isScalar(at) ? placeOf(file, at) : undefined;
  return range === undefined || target === undefined ? [] : [{ range, target, tooltip }];
}

/** Where a text stands in the file, without its quotes. */
function placeOf(file: SourceFile, { document, range, style, alias }: YamlScalar): TextRange | undefined {
  if (alias || style === 'absent' || style === 'block') return undefined;
  const quoted = style === 'plain' ? 0 : 1;
  return file.toFile({ document, range: { start: range.start + quoted, end: range.end - quoted } });
}
