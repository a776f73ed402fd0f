import { bundleOf } from './bundle.js';
import { numberOf } from './edge.js';
import type { Arrow, Group, Picture, PictureNode } from './picture.js';

/** More arrows than this are not followed by anyone: namespaces are drawn closed, the largest first. */
const readable = 110;

/** The namespaces to draw closed, so that a picture can be read; none where it can be anyway. */
export function toClose(picture: Picture, most = readable): ReadonlySet<string> {
  const bySize = picture.groups
    .flatMap(({ namespace, frame, nodes }) =>
      namespace === undefined || frame !== undefined ? [] : [{ namespace, size: nodes.length }],
    )
    .filter(({ size }) => size > 1)
    .sort((a, b) => b.size - a.size || (a.namespace < b.namespace ? -1 : 1));
  const names = new Set<string>();
  if (picture.arrows.length <= most) return names;
  // A few that stay open among many closed ones would be taken for something special: few go alone, else all.
  for (const { namespace } of bySize.slice(0, 3)) {
    names.add(namespace);
    if (closed(picture, names).arrows.length <= most) return names;
  }
  return new Set(bySize.map(({ namespace }) => namespace));
}

/** The picture with each of these namespaces as one node, and what it is connected with as few arrows; what is inside is not shown. */
export function closed(picture: Picture, names: ReadonlySet<string>): Picture {
  if (names.size === 0) return picture;
  const namespaceOf = new Map(picture.groups.flatMap(({ namespace, nodes }) => nodes.map((node) => [node, namespace])));
  const stands = new Map<PictureNode, PictureNode>();
  const boxes = new Map<string, PictureNode>();
  const groups = picture.groups.map((group) => {
    const { namespace, nodes } = group;
    if (namespace === undefined || !names.has(namespace)) return group;
    const box = closedNode(namespace, nodes);
    boxes.set(namespace, box);
    for (const node of nodes) stands.set(node, box);
    return { namespace, nodes: [box] };
  });
  const merged = new Map<string, Arrow>();
  for (const arrow of picture.arrows) {
    const from = stands.get(arrow.from) ?? arrow.from;
    const to = stands.get(arrow.to) ?? arrow.to;
    if (from === to && boxes.get(namespaceOf.get(arrow.from) ?? '') === from) continue;
    const every = {
      from: boxes.has(arrow.every.from ?? '') ? undefined : arrow.every.from,
      to: boxes.has(arrow.every.to ?? '') ? undefined : arrow.every.to,
    };
    const ends = [
      [from, to, every] as const,
      ...(arrow.both ? [[to, from, { from: every.to, to: every.from }] as const] : []),
    ];
    for (const [a, b, all] of ends) {
      const key = JSON.stringify([a.id, b.id, all, arrow.kind]);
      const known = merged.get(key);
      const ports = [...new Set([...(known?.ports ?? []), ...arrow.ports])];
      merged.set(key, { ...arrow, from: a, to: b, both: false, every: all, ports, lines: ports });
    }
  }
  const joined = { groups: framedClosed(groups), arrows: joinedWays(merged) };
  const frame = joined.groups.find((group) => group.frame === 'namespaces');
  return frame === undefined ? joined : { ...joined, arrows: bundled(frame, joined.arrows, 'namespace') };
}

/** Addresses that connections lead to stand in a frame of their own; what leads to each of them alike leads to the frame. */
export function outsideFramed({ groups, arrows }: Picture): Picture {
  const isTarget = ({ id, role }: PictureNode) => role === 'outside' && id.startsWith('to ');
  const start = ({ names: [first = ''] }: PictureNode) => numberOf(first.split(/[-[]/)[0] ?? '') || 0;
  const nodes = groups.flatMap((group) => group.nodes.filter(isTarget)).sort((a, b) => start(a) - start(b));
  if (nodes.length < 2) return { groups, arrows };
  const frame: Group = { namespace: 'addresses outside', frame: 'outside', nodes };
  const rest = groups.map((group) => ({ ...group, nodes: group.nodes.filter((node) => !isTarget(node)) }));
  return {
    groups: [...rest.filter((group) => group.nodes.length > 0), frame],
    arrows: bundled(frame, arrows, 'outside'),
  };
}

function bundled(frame: Group, arrows: readonly Arrow[], role: PictureNode['role']): readonly Arrow[] {
  const bySource = bundleOf(frame, arrows, 'from', { role, enough: 2 });
  return bundleOf(frame, bySource, 'to', { role, enough: 2 });
}

/** Several closed namespaces stand in a frame, so that what all of them have is drawn once. */
function framedClosed(groups: readonly Group[]): readonly Group[] {
  const isClosed = ({ nodes }: Group) => nodes.length === 1 && nodes[0]?.role === 'namespace';
  const nodes = groups.filter(isClosed).flatMap((group) => group.nodes);
  if (nodes.length < 3) return groups;
  const frame: Group = { namespace: `${nodes.length} namespaces`, frame: 'namespaces', nodes };
  return [...groups.filter((group) => !isClosed(group)), frame];
}

/** What is allowed alike both ways is one arrow. */
function joinedWays(merged: ReadonlyMap<string, Arrow>): readonly Arrow[] {
  const gone = new Set<string>();
  return [...merged].flatMap(([key, arrow]) => {
    if (gone.has(key)) return [];
    const { from, to, every, kind, ports } = arrow;
    const back = JSON.stringify([to.id, from.id, { from: every.to, to: every.from }, kind]);
    const other = back === key ? undefined : merged.get(back);
    if (other === undefined || [...other.ports].sort().join() !== [...ports].sort().join()) return [arrow];
    gone.add(back);
    return [{ ...arrow, both: true }];
  });
}

function closedNode(namespace: string, nodes: readonly PictureNode[]): PictureNode {
  const names = nodes.flatMap((node) => node.names);
  const below = names.length === 1 ? '1 workload' : `${names.length} workloads`;
  return {
    id: `namespace ${namespace}`,
    role: 'namespace',
    lines: [namespace, below],
    names,
    heading: namespace,
    below,
  };
}
