import type { Range } from 'vscode-languageserver-types';
import { type Cluster, clusterOf } from '../../engine/cluster.js';
import { podsName } from '../../engine/connection-names.js';
import { endNamed } from '../../engine/endpoints.js';
import { explain, type Part } from '../../engine/explain.js';
import { ingressControllerName, unknownPod } from '../../engine/ingress-controller.js';
import { ruleName, titleOf } from '../../engine/policy-title.js';
import type { Endpoint } from '../../engine/stages.js';
import type { ArrowKind } from '../../picture/picture.js';
import type { Netpol } from '../../service.js';
import { locate } from '../places.js';

/** The namespace of objects that name none, as kubectl has it. */
export const unset = 'default';

export interface MapPlace {
  readonly uri: string;
  readonly range: Range;
}

/** `netpol/mapArrow`: two names at the ends of an arrow. */
export interface MapArrowParams {
  readonly scope: string;
  readonly from: string;
  readonly to: string;
  readonly kind?: ArrowKind;
}

/** A line that decides, in words: "allows: shop/api, ingress rule 1". */
export interface MapLine extends MapPlace {
  readonly words: string;
}

/** Why what an arrow stands for is allowed or not, for two of the names at its ends: first what allows, then what blocks. */
export function arrowLines(netpol: Netpol, { scope: id, from, to, kind }: MapArrowParams): readonly MapLine[] {
  const scope = [...netpol.workspace.index.scopes].find((each) => each.id === id);
  if (scope === undefined) return [];
  const cluster = clusterOf([scope], { profile: netpol.profileOf(scope), unset });
  const [source, target] = [endOf(cluster, from), endOf(cluster, to)];
  if (source === undefined || target === undefined) return [];
  const parts = explain(cluster, source, target);
  // Of all ports, those that the arrow is about: on others the same two ends may be decided otherwise.
  const about = parts.filter(({ allowed, egress, ingress }) =>
    kind === 'one-sided' ? !allowed && (egress.allowed || ingress.allowed) : allowed,
  );
  const lines = (about.length > 0 ? about : parts).flatMap((part) => linesOf(netpol, part));
  return [...new Map(lines.map((line) => [`${line.words} ${line.uri} ${line.range.start.line}`, line])).values()];
}

function linesOf(netpol: Netpol, { egress, ingress }: Part): readonly MapLine[] {
  return [egress, ingress].flatMap((side) =>
    side.layers.flatMap(({ because }) =>
      because.flatMap(({ policy, rule, effect }) => {
        const at = locate(netpol.workspace, rule?.at ?? policy.placed.value.at);
        const name = rule === undefined ? `${titleOf(policy)}, no ${side.direction} rule` : ruleName({ policy, rule });
        return at === undefined ? [] : [{ ...at, words: `${effectWords[effect]}: ${name}` }];
      }),
    ),
  );
}

const effectWords = { allows: 'allows', denies: 'blocks', passes: 'passes on' } as const;

/** The end that an edge names. Addresses of a range meet the same rules, so the first of them stands for it. */
function endOf(cluster: Cluster, name: string): Endpoint | undefined {
  if (name === ingressControllerName) return unknownPod;
  const pods = cluster.pods.find((each) => podsName(each) === name);
  if (pods !== undefined) return { kind: 'pods', pods };
  const [first = ''] = name.replace('[External]', '').split(/-|,/);
  const found = endNamed(cluster, first);
  return 'problem' in found ? undefined : found.ends[0];
}
