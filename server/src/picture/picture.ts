import { bundle } from './bundle.js';
import { type Edge, type NodeName, nodeName, outsideWords, protocolsOf, shortly } from './edge.js';

/** What a picture shows, whatever draws it. */
export interface Picture {
  /** Namespaces by name, each with its nodes; the nodes of none of them come last, under undefined. */
  readonly groups: readonly Group[];
  readonly arrows: readonly Arrow[];
}

export interface Group {
  readonly namespace: string | undefined;
  /** No namespace, but a frame around what is alike, whose title stands in `namespace`: closed namespaces, or addresses. */
  readonly frame?: 'namespaces' | 'outside';
  readonly nodes: readonly PictureNode[];
}

export interface PictureNode {
  /** The names it stands for; also its identity. */
  readonly id: string;
  readonly role: NodeName['role'] | 'namespace';
  readonly lines: readonly string[];
  /** The names it stands for, as edges give them; of a namespace that is drawn closed: those of all its nodes. */
  readonly names: readonly string[];
  /** In short: "api", "api, web and 3 more"; and below it, smaller: "Deployment", "5 workloads". */
  readonly heading: string;
  readonly below: string;
}

export interface Arrow {
  readonly from: PictureNode;
  readonly to: PictureNode;
  /** The same in the other direction. */
  readonly both: boolean;
  /** The namespaces whose every workload it begins or ends at; `from` and `to` are then one of these. */
  readonly every: { readonly from: string | undefined; readonly to: string | undefined };
  /** One for each protocol, after words on whom it is about. */
  readonly lines: readonly string[];
  /** One for each protocol. */
  readonly ports: readonly string[];
  readonly kind: ArrowKind;
}

export type ArrowKind = 'allowed' | 'one-sided';

/** How many names a node lists; the others are counted. */
const listed = 8;

/**
 * The connections as a picture that people can follow. What lies outside of the namespaces is one node as a source and
 * another as a destination, so that arrows lead one way; ranges of addresses with the same connections are one node, and
 * what is allowed alike in both directions is one arrow. With more than `crowded` arrows, workloads of a namespace that
 * nothing tells apart are one node, and then arrows are bundled. No connection is left out, and none is added. `others` are
 * drawn also where nothing connects them.
 */
export function pictureOf(edges: readonly Edge[], crowded = 80, others: readonly string[] = []): Picture {
  const ends = endsOf(edges, others);
  const apart = draw(
    ends,
    twins(ends, ({ name }) => name.role === 'outside'),
  );
  if (apart.arrows.length <= crowded) return apart;
  const { groups, arrows } = draw(
    ends,
    twins(ends, ({ name }) => name.role === 'outside' || name.role === 'pods'),
  );
  return { groups, arrows: arrows.length <= crowded ? arrows : bundle(groups, arrows) };
}

/** One end of connections. What is outside of the namespaces has two: one that sends and one that receives. */
interface End {
  readonly key: string;
  readonly text: string;
  readonly name: NodeName;
  /** What it sends to and receives from, by the other end's key. */
  readonly sends: Map<string, string>;
  readonly receives: Map<string, string>;
}

function endsOf(edges: readonly Edge[], others: readonly string[]): ReadonlyMap<string, End> {
  const ends = new Map<string, End>();
  const end = (text: string, side: 'from' | 'to'): End => {
    const name = nodeName(text);
    const key = name.namespace === undefined ? `${side} ${text}` : text;
    const known = ends.get(key);
    if (known !== undefined) return known;
    const made = { key, text, name, sends: new Map(), receives: new Map() };
    ends.set(key, made);
    return made;
  };
  const sorted = [...edges].sort((a, b) => order(a.src, b.src) || order(a.dst, b.dst) || order(a.conn, b.conn));
  for (const { src, dst, conn, kind } of sorted) {
    const from = end(src, 'from');
    const to = end(dst, 'to');
    const parts = protocolsOf(conn).map((part) => (kind === undefined ? part : `${denied}${part}`));
    const lines = new Set([...(from.sends.get(to.key)?.split('\n') ?? []), ...parts]);
    const label = [...lines].join('\n');
    from.sends.set(to.key, label);
    to.receives.set(from.key, label);
  }
  for (const name of others) end(name, 'from');
  return ends;
}

/** Marks a line of what is one-sided, in the labels by which ends are compared; no connection's text begins so. */
const denied = '\u0000';

/**
 * Ends that could change places without changing the picture, each with the first of its kind. Either nothing is allowed
 * among them, or the same between any two.
 */
function twins(ends: ReadonlyMap<string, End>, mayBeOne: (end: End) => boolean): ReadonlyMap<End, End> {
  const groups = new Map<string, End[]>();
  for (const end of ends.values()) {
    if (!mayBeOne(end)) continue;
    const among = new Set([...end.sends].flatMap(([key, conn]) => (end.receives.get(key) === conn ? [conn] : [])));
    for (const conn of [undefined, ...among]) {
      const key = likeness(end, conn);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [end]);
      else group.push(end);
    }
  }
  const firsts = new Map<End, End>([...ends.values()].map((end) => [end, end]));
  for (const group of groups.values()) {
    const [first] = group;
    if (first === undefined || group.length === 1) continue;
    for (const end of group) firsts.set(end, first);
  }
  return firsts;
}

/** Equal for twins: with `conn` between any two of them, an end is taken to have it with itself as well. */
function likeness({ key, name, sends, receives }: End, conn: string | undefined): string {
  const row = (peers: ReadonlyMap<string, string>) =>
    [...peers, ...(conn === undefined ? [] : [[key, conn]])].map((pair) => pair.join('\r')).sort();
  const side = name.namespace === undefined ? key.split(' ', 1) : name.namespace;
  return JSON.stringify([side, name.role, conn, row(sends), row(receives)]);
}

function draw(ends: ReadonlyMap<string, End>, firsts: ReadonlyMap<End, End>): Picture {
  const members = new Map<End, End[]>();
  for (const [end, first] of firsts) members.set(first, [...(members.get(first) ?? []), end]);
  const nodes = new Map([...members].map(([first, group]) => [first, nodeOf(first, group)]));
  const arrows: Arrow[] = [];
  const drawn = new Set<string>();
  for (const [first, from] of nodes) {
    for (const [key, label] of first.sends) {
      const other = ends.get(key);
      const target = other === undefined ? undefined : firsts.get(other);
      const to = target === undefined ? undefined : nodes.get(target);
      if (target === undefined || to === undefined || drawn.has(`${first.key}\n${target.key}`)) continue;
      const both = from !== to && first.receives.get(key) === label;
      drawn.add(`${first.key}\n${target.key}`);
      if (both) drawn.add(`${target.key}\n${first.key}`);
      const all = label.split('\n');
      for (const kind of ['allowed', 'one-sided'] as const) {
        const mark = kind === 'allowed' ? '' : denied;
        const ports = all
          .filter((line) => line.startsWith(denied) === (mark !== ''))
          .map((line) => line.slice(mark.length));
        if (ports.length === 0) continue;
        const lines = from === to ? ['each to the others:', ...ports] : ports;
        arrows.push({ from, to, both, every: { from: undefined, to: undefined }, lines, ports, kind });
      }
    }
  }
  const namespaces = [...new Set([...nodes.keys()].map(({ name }) => name.namespace))];
  const groups = namespaces
    .sort((a, b) => order(a ?? '\uffff', b ?? '\uffff'))
    .map((namespace) => ({
      namespace,
      nodes: [...nodes]
        .filter(([first]) => first.name.namespace === namespace)
        .map(([, node]) => node)
        .sort((a, b) => order(a.id, b.id)),
    }));
  return { groups, arrows };
}

function nodeOf(first: End, members: readonly End[]): PictureNode {
  const { role } = first.name;
  const names = members.map(({ text }) => text);
  const prefix = first.key === first.text ? '' : `${first.key.split(' ', 1)[0]} `;
  const node = { id: `${prefix}${names.join(', ')}`, role, names };
  const [heading = '', below = ''] = first.name.lines;
  if (members.length === 1)
    return { ...node, lines: first.name.lines, heading: role === 'outside' ? outsideWords(names) : heading, below };
  const all = members.map(({ name }) => name.lines.join(' '));
  const more = all.length - listed;
  const kinds = new Set(members.map(({ name }) => name.lines[1] ?? ''));
  return {
    ...node,
    // One more line costs no more room than saying that there is one more.
    lines: more > 1 ? [...all.slice(0, listed), `and ${more} more`] : all,
    heading: role === 'outside' ? outsideWords(names) : shortly(members.map(({ name }) => name.lines[0] ?? '')),
    below: `${members.length} ${role === 'outside' ? 'ranges' : kinds.size === 1 && below !== '' ? `${below}s` : 'workloads'}`,
  };
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
