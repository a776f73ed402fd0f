import { type ClusterPart, clusterOf } from '../../engine/cluster.js';
import { describeNamespaces, describePods } from '../../engine/describe.js';
import { type DirectionAnswer, effectiveOfWorkload } from '../../engine/effective.js';
import { type Exposure, exposureOf, type SomePods } from '../../engine/exposure.js';
import { namespaceMatches, podsSelected } from '../../engine/matching.js';
import { Judge } from '../../engine/verdict.js';
import { type AddressSet, isAll, printAddresses, union } from '../../model/addresses.js';
import type { Policy } from '../../model/policy.js';
import { isEmpty, type PortSet, printPorts } from '../../model/ports.js';
import type { ClusterProfile } from '../../model/profile.js';
import { isEverything, type Selector } from '../../model/selector.js';
import type { Workload } from '../../model/workload.js';
import { clusterWide, type Placed, type Scope } from '../../workspace/scope.js';

/** How many parts a sentence names, and how long one may be that lists addresses. */
const shownParts = 4;
const shownAddresses = 60;

/**
 * Whom a workload could be reached by, and whom it could reach, beyond the workloads of the manifests: a sentence for each
 * direction where the table of rules leaves it to the reader. That is where cluster-wide rules decide, the first that
 * matches, and where a row names workloads of the manifests although others match as well.
 */
export function exposureSentences(
  scope: Scope,
  profile: ClusterProfile,
  workload: Placed<Workload>,
): readonly string[] {
  const { ingress, egress } = effectiveOfWorkload(scope, workload, profile.cni);
  const found = exposureAlone(scope, profile, workload);
  if (found === undefined) return [];
  const [into, outOf] = found.exposure;
  return [sentence(into, ingress, found.known), sentence(outOf, egress, found.known)].filter((text) => text !== '');
}

/**
 * The exposure of a workload, worked out on the part of its scope that has a part in it: the policies on it, and a workload
 * for each selector of theirs that has one. A large scope's whole cluster would cost too much for a hover. Undefined where
 * no policy is on it.
 */
export function exposureAlone(scope: Scope, profile: ClusterProfile, workload: Placed<Workload>) {
  const { policies } = effectiveOfWorkload(scope, workload, profile.cni);
  const applied = [...policies, ...scope.clusterPolicies];
  if (applied.length === 0) return undefined;
  const known = firstMatches(scope, applied);
  const part: ClusterPart = {
    namespaceObjects: scope.namespaceObjects,
    namespaces: new Map(),
    nodes: scope.nodes,
    tiers: scope.tiers,
    addressSets: scope.addressSets,
    serviceAccounts: scope.serviceAccounts,
    entries: [],
    policies: applied,
    workloads: [...new Set([workload, ...known.values()])],
  };
  const judge = new Judge(clusterOf([part], { profile, unset: 'default' }));
  const pods = judge.cluster.pods.find((each) => each.workloads.includes(workload));
  return pods && { exposure: exposureOf(judge, pods), known };
}

/** For each selector of pods in the policies' peers, the first workload that it surely chooses. */
function firstMatches(scope: Scope, policies: readonly Placed<Policy>[]): ReadonlyMap<Selector, Placed<Workload>> {
  const found = new Map<Selector, Placed<Workload>>();
  for (const policy of policies) {
    for (const peer of policy.value.rules.flatMap(({ peers }) => peers)) {
      if (peer.kind !== 'pods' || peer.uncertain) continue;
      const places = [...scope.namespaces.values()].filter(
        ({ ref }) => namespaceMatches(scope, peer.namespaces, policy.namespace, ref) === 'yes',
      );
      const first = places
        .flatMap(({ workloads }) => workloads)
        .find(({ value }) => podsSelected(peer.pods, value) === 'yes');
      if (first !== undefined) found.set(peer.pods, first);
    }
  }
  return found;
}

/** '' where the table says it all. */
function sentence(exposure: Exposure, answer: DirectionAnswer, known: ReadonlyMap<Selector, unknown>): string {
  const ordered = answer.admin.length + answer.baseline.length > 0;
  const all = ordered ? partsOf(exposure) : otherPods(exposure, answer, known);
  if (all.length === 0 && !ordered) return '';
  const inward = exposure.direction === 'ingress';
  const parts = all.map(([who, ports], i) => {
    const on = isEmpty(ports) ? 'no port' : printPorts(ports);
    if (i === 0) return inward ? `${who} may connect on ${on}` : `it may connect to ${who} on ${on}`;
    return `${isEmpty(ports) ? 'but ' : ''}${inward ? '' : 'to '}${who} on ${on}`;
  });
  if (parts.length === 0) parts.push(inward ? 'nobody may connect' : 'it may connect to nobody');
  const more = parts.length - shownParts;
  return `Beyond these manifests, ${[...parts.slice(0, shownParts), ...(more > 0 ? [`and ${more} more`] : [])].join('; ')}.`;
}

type Part = readonly [who: string, ports: PortSet];

/**
 * Of rules in whose row known workloads stand, as if they were all: the pods that match besides. A selector that lists
 * values means the workloads with these values.
 */
function otherPods(
  { some, entireCluster }: Exposure,
  answer: DirectionAnswer,
  known: ReadonlyMap<Selector, unknown>,
): readonly Part[] {
  const everywhere = answer.allowances.some(
    ({ peer }) =>
      peer.kind === 'pods' && !peer.namespaces.own && isEverything(peer.namespaces.selector) && isEverything(peer.pods),
  );
  return [
    ...some
      .filter(({ peer, ports }) => known.has(peer.pods) && !listsValues(peer.pods) && !isEmpty(ports))
      .map(({ peer, ports }): Part => {
        const who = isEverything(peer.pods) ? 'any other pod' : `other ${describePods(peer.pods)}`;
        return [`${who} ${placeOf(peer)}`, ports];
      }),
    ...(everywhere && known.size > 0 && !answer.everything && !isEmpty(entireCluster)
      ? [['any other pod of the cluster', entireCluster] as const]
      : []),
  ];
}

function listsValues(selector: Selector): boolean {
  return selector.op === 'And' ? selector.terms.every(listsValues) : selector.op === 'In';
}

function placeOf(peer: SomePods): string {
  return describeNamespaces({ own: false, selector: peer.namespaces }, clusterWide);
}

/** All of it: what comes of rules of which the first that matches decides is in no row. */
function partsOf({ some, entireCluster, outside }: Exposure): readonly Part[] {
  const described = some.map(({ peer, ports }): Part => [`${describePods(peer.pods)} ${placeOf(peer)}`, ports]);
  const passing = described.filter(([, ports]) => !isEmpty(ports));
  const byPorts = new Map<string, { readonly addresses: AddressSet; readonly ports: PortSet }>();
  for (const { addresses, ports } of outside) {
    const same = byPorts.get(printPorts(ports))?.addresses;
    byPorts.set(printPorts(ports), { addresses: same === undefined ? addresses : union(same, addresses), ports });
  }
  const every: Part = [`any ${passing.length > 0 ? 'other ' : ''}pod of the cluster`, entireCluster];
  return [
    ...passing,
    ...(isEmpty(entireCluster) ? [] : [every]),
    ...[...byPorts.values()].map(({ addresses, ports }): Part => [addressWords(addresses), ports]),
    // Pods that may not connect are worth a word where every other pod may.
    ...(isEmpty(entireCluster) ? [] : described.filter(([, ports]) => isEmpty(ports))),
  ];
}

function addressWords(addresses: AddressSet): string {
  if (isAll(addresses)) return 'any address outside';
  const text = printAddresses(addresses);
  if (text.length > shownAddresses) return 'some addresses outside';
  return text.startsWith('every ') ? `${text} outside` : `addresses ${text}`;
}
