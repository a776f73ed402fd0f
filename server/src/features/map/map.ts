import { type Cluster, clusterOf } from '../../engine/cluster.js';
import { podsName, workloadName } from '../../engine/connection-names.js';
import { groupBy } from '../../engine/group-by.js';
import { subjectsOf } from '../../engine/matching.js';
import { count } from '../../model/print.js';
import { dataOf, type PictureData } from '../../picture/data.js';
import type { Edge } from '../../picture/edge.js';
import { mapPicture } from '../../picture/map-picture.js';
import type { Picture } from '../../picture/picture.js';
import type { Netpol } from '../../service.js';
import { keyOf } from '../../workspace/files.js';
import type { Scope } from '../../workspace/scope.js';
import { cursorAt, membersAt } from '../cursor.js';
import { scopesFor } from '../explain/explain-request.js';
import { type Asked, type DocumentParams, defineFeature, type PlaceParams, placeIn } from '../feature.js';
import { locate } from '../places.js';
import { arrowLines, type MapArrowParams, type MapPlace, unset } from './map-arrow.js';
import { mapEdges, partOf } from './map-edges.js';

/** More workloads than this are not drawn together, nor more connections: a person chooses a namespace. */
const mostWorkloads = 400;
const mostConnections = 300_000;

/** `netpol/map`: one of the scopes of a document, or of those that an answer listed. */
export interface MapParams extends DocumentParams {
  /** The scope that is shown: it is kept as long as the document belongs to it. */
  readonly scope?: string;
  /** It was chosen by hand, and is kept for any document. */
  readonly pinned?: boolean;
  /** Only what begins or ends in these. */
  readonly namespaces?: readonly string[];
}

export interface MapResult {
  /** The scopes to choose from; the document's own come first. */
  readonly scopes: readonly { readonly id: string; readonly title: string }[];
  readonly scope: string;
  readonly namespaces: readonly { readonly name: string; readonly workloads: number }[];
  /** The namespaces that the picture is about; empty: all. */
  readonly shown: readonly string[];
  /** Missing where there is a `problem`. */
  readonly picture?: PictureData;
  /** It takes long to work out: it should not be asked for at every pause of who types. */
  readonly slow?: boolean;
  /** Where the workloads of the picture are written, by their names. */
  readonly places: Readonly<Record<string, readonly MapPlace[]>>;
  /** Why there is no picture, and what to do, in a sentence. */
  readonly problem?: string;
}

export const mapFeature = defineFeature({
  method: 'netpol/map',
  doc: 'The policy map: what may connect to what in a scope, as a picture.',
  afterLoad: true,
  answer: (asked, params: MapParams) => mapOf(asked, params),
});

export const mapCursorFeature = defineFeature({
  method: 'netpol/mapCursor',
  doc: 'The workloads of the map that the cursor is about.',
  afterLoad: true,
  answer: ({ netpol }, params: PlaceParams & { readonly scope: string }) => atCursor(netpol, params),
});

export const mapArrowFeature = defineFeature({
  method: 'netpol/mapArrow',
  doc: 'The lines that decide an arrow of the map.',
  afterLoad: true,
  answer: ({ netpol }, params: MapArrowParams) => arrowLines(netpol, params),
});

/** The picture of a scope; null where the manifests have changed before it was worked out: whoever asked has to ask again. */
export async function mapOf({ netpol, pause }: Asked, params: MapParams): Promise<MapResult | null> {
  const { workspace } = netpol;
  const own = scopesFor(netpol, keyOf(params.textDocument.uri)).filter(hasWorkloads);
  const all = [...new Set([...own, ...[...workspace.index.scopes].filter(hasWorkloads)])];
  const scope = (params.pinned === true ? all : own).find(({ id }) => id === params.scope) ?? all[0];
  const nothing = { scopes: [], scope: '', namespaces: [], shown: [], places: {} };
  if (scope === undefined) {
    return {
      ...nothing,
      problem: 'There are no workloads here, so there is nothing to draw. Open a folder that has some.',
    };
  }
  const { cluster, isCurrent } = clusterIn(netpol, scope);
  const names = groupBy(cluster.pods, podsName);
  const namespaces = namespacesOf(cluster, [...names.keys()]);
  const shown = namespaces.map(({ name }) => name).filter((name) => params.namespaces?.includes(name) === true);
  const answer = {
    scopes: all.map(({ id, title, kind }) => ({ id, title: `${title} (${kind})` })),
    scope: scope.id,
    namespaces,
    shown,
    slow: names.size > mostWorkloads,
    places: {},
  };
  if (names.size > mostWorkloads && shown.length === 0) {
    return { ...answer, problem: `${count(names.size, 'workload')} are too many for one picture. Choose a namespace.` };
  }
  const known = kept.get(netpol);
  const asked = JSON.stringify([scope.id, shown]);
  let picture = known?.cluster === cluster && known.asked === asked ? known.picture : undefined;
  if (picture === undefined) {
    const edges: Edge[] = [];
    for (const more of mapEdges(cluster, shown)) {
      for (const edge of more) edges.push(edge);
      if (edges.length > mostConnections) {
        const problem = 'These are more connections than one picture can show. Choose another namespace.';
        return { ...answer, problem };
      }
      await pause();
      if (!isCurrent()) return null;
    }
    picture = mapPicture(edges, [...names.keys()].filter(partOf(shown)));
    kept.set(netpol, { cluster, settings: netpol.settings, isCurrent, asked, picture });
  }
  const drawn = picture.groups.flatMap(({ nodes }) => nodes.flatMap((node) => node.names));
  const places = drawn.flatMap((name) => {
    const found = (names.get(name) ?? []).flatMap(({ workloads }) =>
      workloads.flatMap(({ value }) => locate(workspace, value.at) ?? []),
    );
    return found.length === 0 ? [] : [[name, found] as const];
  });
  return { ...answer, picture: dataOf(picture), places: Object.fromEntries(places) };
}

/** The last picture of each session: an edit that changes nothing of the scope (a comment, another scope) costs no new one. */
const kept = new WeakMap<Netpol, Kept>();

interface Kept extends StillCluster {
  readonly asked: string;
  readonly picture: Picture;
}

/** A scope's cluster, and whether it would be the same now. */
interface StillCluster {
  readonly cluster: Cluster;
  readonly settings: Netpol['settings'];
  isCurrent(): boolean;
}

function clusterIn(netpol: Netpol, scope: Scope): StillCluster {
  const { settings } = netpol;
  const known = kept.get(netpol);
  const asked = JSON.stringify(scope.id);
  const same = known?.asked.startsWith(`[${asked},`) === true && known.settings === settings;
  if (known !== undefined && same && known.isCurrent()) return known;
  const { answer, isCurrent } = scope.observe(() => clusterOf([scope], { profile: netpol.profileOf(scope), unset }));
  return { cluster: answer, settings, isCurrent: () => netpol.settings === settings && isCurrent() };
}

/** What the cursor is about: a workload, or those that a policy selects. */
export interface MapCursor {
  readonly title: string;
  readonly names: readonly string[];
}

function atCursor(netpol: Netpol, params: PlaceParams & { readonly scope: string }): MapCursor | null {
  const at = placeIn(netpol, params);
  const cursor = at === undefined ? undefined : cursorAt(netpol.workspace, at.uri, at.offset);
  if (cursor === undefined) return null;
  const members = membersAt(netpol.workspace, cursor).filter(({ scope }) => scope.id === params.scope);
  const workloads = members.flatMap(({ workload }) => workload ?? []);
  const policies = members.flatMap(({ policy, scope }) => (policy === undefined ? [] : [{ policy, scope }]));
  const [first] = policies;
  const selected = policies.flatMap(({ policy, scope }) => subjectsOf(scope, policy).sure);
  if (first === undefined && workloads.length === 0) return null;
  const names = [...new Set([...workloads, ...selected].map((each) => workloadName(each, unset)))];
  return { title: first === undefined ? (names[0] ?? '') : `policy ${first.policy.value.name}`, names };
}

function namespacesOf(cluster: Cluster, names: readonly string[]): MapResult['namespaces'] {
  const counts = new Map<string, number>();
  for (const name of names) {
    const namespace = name.split('/', 1)[0] ?? '';
    counts.set(namespace, (counts.get(namespace) ?? 0) + 1);
  }
  return [...cluster.namespaces.keys()]
    .flatMap((name) => (counts.has(name) ? [{ name, workloads: counts.get(name) ?? 0 }] : []))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function hasWorkloads({ workloads }: Scope): boolean {
  return workloads.length > 0;
}
