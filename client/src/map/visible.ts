import { closed } from 'netpol-language-server/out/picture/closed.js';
import type { Arrow, Group, Picture, PictureNode } from 'netpol-language-server/out/picture/picture.js';

/** What of a picture is drawn. */
export interface Shown {
  /** Namespaces that are drawn as one node. */
  readonly closed: ReadonlySet<string>;
  /** Only this node and what it is connected with. */
  readonly around: string | undefined;
}

/** The part of a picture that a person has asked for. */
export function visiblePicture(picture: Picture, { closed: names, around }: Shown): Picture {
  const whole = closed(picture, names);
  const middle = around === undefined ? undefined : nodesOf(whole).find(({ id }) => id === around);
  if (middle === undefined) return whole;
  const near = whole.arrows.filter((arrow) => isEnd(whole, arrow, 'from', middle) || isEnd(whole, arrow, 'to', middle));
  // Of a box that the node is in, only the node itself.
  const others = (arrow: Arrow, side: 'from' | 'to') => {
    const ends = endsOf(whole, arrow, side);
    return ends.includes(middle) ? [] : ends;
  };
  const kept = new Set([middle, ...near.flatMap((arrow) => [...others(arrow, 'from'), ...others(arrow, 'to')])]);
  const groups = whole.groups.flatMap((group): readonly Group[] => {
    const nodes = group.nodes.filter((node) => kept.has(node));
    return nodes.length === 0 ? [] : [{ ...group, nodes }];
  });
  const end = (arrow: Arrow, side: 'from' | 'to') =>
    endsOf(whole, arrow, side).includes(middle) ? middle : arrow[side];
  return { groups, arrows: near.map((arrow) => ({ ...arrow, from: end(arrow, 'from'), to: end(arrow, 'to') })) };
}

export function nodesOf({ groups }: Picture): readonly PictureNode[] {
  return groups.flatMap(({ nodes }) => nodes);
}

/** The node that stands for a name: a workload, or the namespace that it is in, where that is closed. */
export function nodeNamed(picture: Picture, name: string): PictureNode | undefined {
  return nodesOf(picture).find(({ names }) => names.includes(name));
}

/** The nodes at one end of an arrow: several where it is that of a whole box. */
export function endsOf({ groups }: Picture, arrow: Arrow, side: 'from' | 'to'): readonly PictureNode[] {
  const namespace = arrow.every[side];
  const group = namespace === undefined ? undefined : groups.find((each) => each.namespace === namespace);
  return group === undefined ? [arrow[side]] : group.nodes.filter(({ role }) => role === arrow[side].role);
}

/** Whether an arrow begins or ends at a node; one that leads both ways does so at both. */
export function isEnd(picture: Picture, arrow: Arrow, side: 'from' | 'to', node: PictureNode): boolean {
  if (endsOf(picture, arrow, side).includes(node)) return true;
  return arrow.both && endsOf(picture, arrow, side === 'from' ? 'to' : 'from').includes(node);
}

/** What a node is connected with. */
export interface Neighbours {
  readonly sends: readonly Arrow[];
  readonly receives: readonly Arrow[];
  /** The pods and closed namespaces that it may reach on no port; what lies outside is not listed. */
  readonly denied: readonly PictureNode[];
}

export function neighboursOf(picture: Picture, node: PictureNode): Neighbours {
  const sends = picture.arrows.filter((arrow) => isEnd(picture, arrow, 'from', node));
  const receives = picture.arrows.filter((arrow) => isEnd(picture, arrow, 'to', node));
  const reached = new Set(
    sends
      .filter(({ kind }) => kind === 'allowed')
      .flatMap((arrow) => {
        const forth = endsOf(picture, arrow, 'from').includes(node) ? endsOf(picture, arrow, 'to') : [];
        const back = arrow.both && endsOf(picture, arrow, 'to').includes(node) ? endsOf(picture, arrow, 'from') : [];
        return [...forth, ...back];
      }),
  );
  const isPods = ({ role }: PictureNode) => role === 'pods' || role === 'namespace';
  const denied = isPods(node)
    ? nodesOf(picture).filter((each) => each !== node && isPods(each) && !reached.has(each))
    : [];
  return { sends, receives, denied };
}

export interface Searched {
  readonly nodes: ReadonlySet<PictureNode>;
  readonly arrows: ReadonlySet<Arrow>;
}

/** The nodes and arrows that a search finds: by names, namespaces, addresses and ports. Undefined for an empty one. */
export function foundBy(picture: Picture, query: string): Searched | undefined {
  const wanted = query.trim().toLowerCase();
  if (wanted === '') return undefined;
  const has = (text: string) => text.toLowerCase().includes(wanted);
  const nodes = new Set(nodesOf(picture).filter(({ heading, names }) => has(heading) || names.some(has)));
  const byPorts = picture.arrows.filter(({ ports }) => ports.some(has));
  const arrows = new Set(byPorts);
  for (const arrow of byPorts)
    for (const side of ['from', 'to'] as const) for (const node of endsOf(picture, arrow, side)) nodes.add(node);
  return { nodes, arrows };
}

/** What tells an arrow from all others, also in the next picture. */
export function arrowKey({ from, to, every, kind }: Arrow): string {
  return JSON.stringify([every.from ?? from.id, every.to ?? to.id, kind]);
}
