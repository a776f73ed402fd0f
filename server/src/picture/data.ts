import type { Arrow, Group, Picture } from './picture.js';

/** A picture as JSON: the ends of arrows are numbers of nodes, counted through the groups. */
export interface PictureData {
  readonly groups: readonly Group[];
  readonly arrows: readonly ArrowData[];
}

interface ArrowData extends Pick<Arrow, 'both' | 'ports' | 'kind'> {
  readonly from: number;
  readonly to: number;
  readonly every: { readonly from?: string; readonly to?: string };
}

export function dataOf({ groups, arrows }: Picture): PictureData {
  const numbers = new Map(groups.flatMap(({ nodes }) => nodes).map((node, index) => [node, index]));
  return {
    groups,
    arrows: arrows.map(({ from, to, both, every, ports, kind }) => ({
      from: numbers.get(from) ?? -1,
      to: numbers.get(to) ?? -1,
      both,
      every: {
        ...(every.from === undefined ? {} : { from: every.from }),
        ...(every.to === undefined ? {} : { to: every.to }),
      },
      ports,
      kind,
    })),
  };
}

/** The picture that the data are of; arrows whose ends are not there are left out. */
export function pictureFrom({ groups, arrows }: PictureData): Picture {
  const nodes = groups.flatMap((group) => group.nodes);
  return {
    groups,
    arrows: arrows.flatMap(({ from, to, every, ports, ...rest }): readonly Arrow[] => {
      const [source, target] = [nodes[from], nodes[to]];
      if (source === undefined || target === undefined) return [];
      return [{ ...rest, from: source, to: target, ports, lines: ports, every: { from: every.from, to: every.to } }];
    }),
  };
}
