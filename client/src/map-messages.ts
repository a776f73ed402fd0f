import type { Range } from 'vscode-languageclient';

/** Client to server: the picture of a scope; null where the manifests changed before it was worked out. */
export const MAP = 'netpol/map';
export interface MapParams {
  textDocument: { uri: string };
  scope?: string;
  /** The scope was chosen by hand: it is kept even where the document belongs to others. */
  pinned?: boolean;
  namespaces?: readonly string[];
}

/** `P` is a picture as the server sends it; only the page looks into it. */
export interface MapResult<P = unknown> {
  scopes: readonly { id: string; title: string }[];
  scope: string;
  namespaces: readonly { name: string; workloads: number }[];
  shown: readonly string[];
  picture?: P;
  slow?: boolean;
  places: Readonly<Record<string, readonly MapPlace[]>>;
  problem?: string;
}

export interface MapPlace {
  uri: string;
  range: Range;
}

/** Client to server: the workloads that the cursor is about. */
export const MAP_CURSOR = 'netpol/mapCursor';
export interface MapCursor {
  title: string;
  names: readonly string[];
}

/** Client to server: the lines that decide an arrow. */
export const MAP_ARROW = 'netpol/mapArrow';
export interface MapLine extends MapPlace {
  words: string;
}

/** The texts that the page shows, in the language of the editor. */
export type MapWords = Readonly<Record<MapWord, string>>;
export type MapWord =
  | 'title'
  | 'search'
  | 'scope'
  | 'namespace'
  | 'allNamespaces'
  | 'fit'
  | 'zoomIn'
  | 'zoomOut'
  | 'neighbours'
  | 'neighboursHelp'
  | 'denied'
  | 'deniedHelp'
  | 'closeAll'
  | 'openAll'
  | 'save'
  | 'list'
  | 'listHelp'
  | 'loading'
  | 'nothingFound'
  | 'found'
  | 'here'
  | 'mayReach'
  | 'reachedBy'
  | 'mayNotReach'
  | 'reachesNothing'
  | 'reachedByNothing'
  | 'oneSided'
  | 'openNamespace'
  | 'closeNamespace'
  | 'explain'
  | 'decidedBy'
  | 'everything'
  | 'help'
  | 'legendAllowed'
  | 'legendOneSided'
  | 'legendDenied'
  | 'legendHere'
  | 'legendEvery';

/** What the extension tells the page. */
export type ToPage<P = unknown> =
  | { type: 'map'; result: MapResult<P>; words: MapWords }
  | { type: 'cursor'; cursor: MapCursor | null }
  | { type: 'lines'; key: string; lines: readonly MapLine[] };

/** What the page asks of the extension. */
export type FromPage =
  | { type: 'ready' }
  | { type: 'choose'; scope?: string; namespaces?: readonly string[] }
  | { type: 'open'; place: MapPlace }
  | { type: 'arrow'; key: string; from: string; to: string; kind: 'allowed' | 'one-sided' }
  | { type: 'explain'; from: string; to: string }
  | { type: 'save'; svg: string };
