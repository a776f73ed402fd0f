import type { Definition, LocationLink } from 'vscode-languageserver-types';
import { subjectsOf } from '../../engine/matching.js';
import type { Netpol } from '../../service.js';
import { pathAt } from '../../text/paths.js';
import { spanOf } from '../../text/tree.js';
import { isKustomizationFile } from '../../workspace/kustomization.js';
import { isTestFile } from '../../workspace/test-file.js';
import { type Cursor, cursorAt, membersAt } from '../cursor.js';
import { defineFeature, type PlaceParams, placeIn } from '../feature.js';
import { isHead } from '../hover/hover.js';
import { namesMeant } from './definition-names.js';
import { portsMeant } from './definition-ports.js';
import { certain, selectorMeans } from './definition-selectors.js';
import { testMeans } from './definition-tests.js';
import { linksTo, type Targets, wordUnder } from './targets.js';

export const definitionFeature = defineFeature({
  method: 'textDocument/definition',
  doc: 'From a selector to the workloads and namespaces it matches, from a port to the container’s, from a name to its object, from a test to the policies that decide it.',
  capability: () => ({ definitionProvider: true }),
  afterLoad: true,
  answer({ netpol, client }, params: PlaceParams): Definition | LocationLink[] | null {
    const at = placeIn(netpol, params);
    if (at === undefined) return null;
    const found = definitionAt(netpol, at.uri, at.offset);
    return found === undefined || found.targets.length === 0 ? null : linksTo(netpol.workspace, at.file, found, client);
  },
});

/** What the word at an offset of a file means elsewhere; undefined where it means nothing that is known. */
export function definitionAt(netpol: Netpol, uri: string, offset: number): Targets | undefined {
  if (isTestFile(uri)) return testMeans(netpol, uri, offset);
  if (isKustomizationFile(uri)) return fileMeant(netpol, uri, offset);
  const cursor = cursorAt(netpol.workspace, uri, offset);
  const placed = netpol.workspace.file(uri)?.documentAt(offset);
  if (cursor === undefined || placed === undefined) return undefined;
  const within = offset - placed.offset;
  for (const meaning of [namesMeant, portsMeant, selectorMeans, subjectMeans]) {
    const found = meaning(netpol, cursor, within);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** An entry of a kustomization: the file, or the kustomization of the folder. */
function fileMeant({ workspace }: Netpol, uri: string, offset: number): Targets | undefined {
  const placed = workspace.file(uri)?.documentAt(offset);
  const location = placed === undefined ? undefined : pathAt(placed.document, offset - placed.offset);
  if (location === undefined || location.node.kind !== 'scalar') return undefined;
  const { byFolder } = workspace.index.kustomizations;
  const own = [...byFolder.values()].find((each) => each.uri === uri);
  if (own === undefined) return undefined;
  const { range } = location.node;
  const patches = [...own.patches, ...own.lastPatches].flatMap(({ source }) =>
    'path' in source ? [{ at: source.path, uri: source.uri }] : [],
  );
  const files = [...own.resources, ...own.components, ...patches];
  const meant = files.find(({ at }) => at.range.start === range.start && at.range.end === range.end)?.uri;
  const target =
    meant === undefined ? undefined : workspace.file(meant) !== undefined ? meant : byFolder.get(meant)?.uri;
  return target === undefined ? undefined : { origin: spanOf(location.node), targets: [{ uri: target }] };
}

/** On the name or kind of a policy: the workloads that it selects. */
function subjectMeans(netpol: Netpol, cursor: Cursor): Targets | undefined {
  if (cursor.resource.object?.type !== 'policy' || !isHead(cursor)) return undefined;
  const members = membersAt(netpol.workspace, cursor);
  const targets = members.flatMap(({ scope, policy }) =>
    policy === undefined ? [] : certain(subjectsOf(scope, policy)).map(({ value }) => value.at),
  );
  return { origin: wordUnder(cursor), targets };
}
