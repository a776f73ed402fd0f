import type { Arrow, Group, PictureNode } from './picture.js';

/** Below this number of workloads single arrows are as clear. */
const enoughPods = 3;

/**
 * The same connections in fewer arrows: where every workload drawn of a namespace has the same arrow to (or from) something
 * outside of that namespace, such as the cluster's DNS, it becomes one arrow of the namespace's box. It says so.
 */
export function bundle(groups: readonly Group[], arrows: readonly Arrow[]): readonly Arrow[] {
  const bySource = groups.reduce((rest, group) => bundleOf(group, rest, 'from'), arrows);
  return groups.reduce((rest, group) => bundleOf(group, rest, 'to'), bySource).map(worded);
}

/** As `bundle`, for one group, whose members are the nodes of a role, and for arrows that begin or end there. */
export function bundleOf(
  { namespace, nodes }: Group,
  arrows: readonly Arrow[],
  side: 'from' | 'to',
  { role, enough }: { readonly role: PictureNode['role']; readonly enough: number } = {
    role: 'pods',
    enough: enoughPods,
  },
): readonly Arrow[] {
  const own = new Set(nodes);
  const members = new Set(nodes.filter((node) => node.role === role));
  const middle = [...members][members.size >> 1];
  if (namespace === undefined || middle === undefined || members.size < enough) return arrows;
  const other = side === 'from' ? 'to' : 'from';
  const alike = new Map<string, { readonly given: Arrow; readonly arrow: Arrow }[]>();
  for (const given of arrows) {
    const arrow = given.both && members.has(given[other]) ? flipped(given) : given;
    if (!members.has(arrow[side]) || own.has(arrow[other]) || arrow.every[side]) continue;
    const key = JSON.stringify([arrow[other].id, arrow.every[other], arrow.both, arrow.kind, arrow.lines]);
    const known = alike.get(key);
    if (known === undefined) alike.set(key, [{ given, arrow }]);
    else known.push({ given, arrow });
  }
  const complete = [...alike.values()].filter(({ length }) => length === members.size);
  const gone = new Set(complete.flat().map(({ given }) => given));
  const made = complete.flatMap(([first]) =>
    first === undefined ? [] : { ...first.arrow, [side]: middle, every: { ...first.arrow.every, [side]: namespace } },
  );
  return [...arrows.filter((arrow) => !gone.has(arrow)), ...made];
}

function flipped(arrow: Arrow): Arrow {
  return { ...arrow, from: arrow.to, to: arrow.from, every: { from: arrow.every.to, to: arrow.every.from } };
}

function worded(arrow: Arrow): Arrow {
  const { from, to } = arrow.every;
  if (from === undefined && to === undefined) return arrow;
  const source = from === undefined ? [] : [`from every workload of ${from}`];
  const words = [...source, ...(to === undefined ? [] : [`to every workload of ${to}`])];
  return { ...arrow, lines: [...words.map((word, i) => (i === words.length - 1 ? `${word}:` : word)), ...arrow.lines] };
}
