import { clusterOf } from '../engine/cluster.js';
import { describePeer } from '../engine/describe.js';
import { type DirectionAnswer, effectiveOfPolicy, effectiveOfWorkload } from '../engine/effective.js';
import { selects, workloadsOfPeer, workloadsWhere } from '../engine/matching.js';
import { Neighbourhood } from '../engine/neighbours.js';
import { type AddressSet, isAll as isEveryAddress, printAddresses, union } from '../model/addresses.js';
import type { Direction, Policy } from '../model/policy.js';
import {
  isEmpty,
  isSubset,
  union as joinPorts,
  namedPort,
  noPorts,
  type PortSet,
  ports,
  printPorts,
} from '../model/ports.js';
import { count, list } from '../model/print.js';
import type { ClusterProfile } from '../model/profile.js';
import type { Workload } from '../model/workload.js';
import type { Netpol } from '../service.js';
import type { Placed, Scope } from '../workspace/scope.js';

/** In larger scopes what one end's policies allow is said in place of what both ends allow together. */
const pictured = 300;

/** "selects 3 workloads, ingress from 2 workloads, egress DNS only, with 2 other policies". */
export function policyWords(scope: Scope, profile: ClusterProfile, policy: Placed<Policy>): string {
  const { value } = policy;
  const staged = value.staged ? 'staged, not enforced: ' : '';
  if (value.clusterWide) return `${staged}${clusterPolicyWords(scope, policy)}`;
  const { workloads, policies, partial, ingress, egress } = effectiveOfPolicy(scope, policy, profile.cni);
  const all = policies.filter((each) => each !== policy).length;
  const others =
    all > 0
      ? `with ${count(all, 'other policy')}`
      : partial.length > 0
        ? `with ${count(partial.length, 'other policy')} on some of them`
        : '';
  const parts = [
    subjectWords(value, workloads.sure.length, workloads.possible.length),
    ...(value.staged ? [] : [directionWords(scope, profile, ingress), directionWords(scope, profile, egress), others]),
  ].filter((each) => each !== '');
  const unclear = ingress.uncertain || egress.uncertain ? '; part of this is not known' : '';
  return `${staged}${parts.join(', ')}${unclear}`;
}

function clusterPolicyWords(scope: Scope, policy: Placed<Policy>): string {
  const { value } = policy;
  const { sure, possible } = workloadsWhere(scope.workloads, (workload) => selects(scope, policy, workload));
  const subject =
    value.subject.nodes === undefined ? subjectWords(value, sure.length, possible.length) : 'selects nodes, not pods';
  const rules = (['ingress', 'egress'] as const).flatMap((direction) => {
    const own = value.rules.filter((rule) => rule.direction === direction).length;
    if (own > 0) return [count(own, `${direction} rule`)];
    return value.isolates.includes(direction) ? [`no ${direction}`] : [];
  });
  const tier =
    value.order.tier === 'baseline'
      ? ', asked after network policies'
      : value.order.tier === 'admin'
        ? ', asked before network policies'
        : '';
  return `${subject}, ${rules.length === 0 ? 'without rules' : list(rules)}${tier}`;
}

function subjectWords({ subject }: Policy, sure: number, possible: number): string {
  if (subject.uncertain) return 'selects pods that cannot be told';
  if (sure > 0) return `selects ${count(sure, 'workload')}`;
  return possible > 0 ? `may select ${count(possible, 'workload')}` : 'selects no workload here';
}

/** "selected by 2 policies". */
export function selectedWords(scope: Scope, profile: ClusterProfile, workload: Placed<Workload>): string {
  if (workload.value.hostNetwork) return 'on its node’s network, where policies hardly apply';
  const { policies, partial, clusterWide } = effectiveOfWorkload(scope, workload, profile.cni);
  const sure = policies.length + clusterWide.filter((each) => each.selects === 'yes').length;
  const perhaps = partial.length + clusterWide.filter((each) => each.selects === 'unknown').length;
  const by = sure === 0 ? 'selected by no policy' : `selected by ${count(sure, 'policy')}`;
  return perhaps === 0 ? by : `${by}, perhaps by ${perhaps}${sure === 0 ? '' : ' more'}`;
}

/** "may be reached by 3 workloads and from outside", "may reach 2 workloads and DNS". */
export function neighbourWords(netpol: Netpol, scope: Scope, workload: Placed<Workload>, direction: Direction): string {
  const profile = netpol.profileOf(scope);
  if (scope.workloads.length > pictured || scope.policies.length > pictured) {
    return directionWords(scope, profile, effectiveOfWorkload(scope, workload, profile.cni)[direction]);
  }
  const near = neighbourhoodOf(netpol, scope);
  const name = nameIn(near, workload);
  const inward = direction === 'ingress';
  const verb = inward ? 'may be reached by' : 'may reach';
  if (name === undefined) return `${verb} no workload here`;
  const { pods, outside, controller } = near.of(name, direction);
  const dns = inward ? noPorts : dnsPorts(profile);
  const lookups = pods.filter((each) => isSubset(each.ports, dns)).length;
  const others = pods.length - lookups;
  const beyond = outside.some((each) => !isSubset(each.ports, dns));
  const every = others > 1 && others === near.names.size - 1;
  const parts = [
    ...(every ? ['every other workload'] : others > 0 ? [count(others, 'workload')] : []),
    ...(isEmpty(controller) ? [] : ['ingress controllers']),
    ...(lookups > 0 || outside.some((each) => isSubset(each.ports, dns)) ? ['DNS'] : []),
    ...(beyond ? [inward ? 'from outside' : 'the outside'] : []),
  ];
  if (parts.length === 0) return `${verb} no workload here`;
  // "by from outside" is no English.
  return `${inward && parts[0] === 'from outside' ? 'may be reached' : verb} ${list(parts)}`;
}

/** The pods of a scope and who may connect to whom, for as long as the scope is as it is. */
export function neighbourhoodOf(netpol: Netpol, scope: Scope): Neighbourhood {
  return netpol.kept('neighbours', scope, scope, () => {
    return new Neighbourhood(clusterOf([scope], { profile: netpol.profileOf(scope), unset: 'default' }));
  });
}

/** The name of a workload's pods. */
export function nameIn({ names }: Neighbourhood, workload: Placed<Workload>): string | undefined {
  return [...names].find(([, pods]) => pods.some(({ workloads }) => workloads.includes(workload)))?.[0];
}

/** "ingress from 2 workloads", "egress DNS only", "no ingress": what the policies on one end allow. */
function directionWords(scope: Scope, profile: ClusterProfile, answer: DirectionAnswer): string {
  const { direction, isolated, allowances, everything, admin, baseline } = answer;
  const inward = direction === 'ingress';
  if (!isolated) {
    const rules = admin.length + baseline.length;
    return rules === 0 ? `${direction} open` : `${direction} open but for ${count(rules, 'rule')}`;
  }
  const before = admin.length === 0 ? '' : ` after ${count(admin.length, 'rule')}`;
  if (everything) return `${direction} ${inward ? 'from everyone' : 'to everywhere'}${before}`;
  if (allowances.length === 0)
    return admin.length === 0 ? `no ${direction}` : `${direction} by ${count(admin.length, 'rule')} alone`;
  const dns = inward ? noPorts : dnsPorts(profile);
  const others = allowances.filter((each) => !isSubset(each.ports, dns));
  if (others.length === 0) return `${direction} DNS only${before}`;
  const known = new Set<Placed<Workload>>();
  const blocks: AddressSet[] = [];
  const named = new Set<string>();
  for (const { policy, peer, ports: opened } of others) {
    const matched = peer.kind === 'pods' && !peer.uncertain ? workloadsOfPeer(scope, policy, peer).sure : [];
    for (const workload of matched) known.add(workload);
    if (peer.kind === 'addresses' && !peer.uncertain) blocks.push(peer.addresses);
    else if (peer.kind === 'anything' && !peer.uncertain)
      named.add(`${inward ? 'everyone' : 'everywhere'} on ${printPorts(opened)}`);
    else if (matched.length === 0) named.add(describePeer(peer, policy.namespace, direction));
  }
  const parts = [
    ...(known.size === 0 ? [] : [count(known.size, 'workload')]),
    ...(blocks.length === 0 ? [] : [blockWords(blocks)]),
    ...[...named].map((words) => (words.length <= longest ? words : inward ? 'other sources' : 'other destinations')),
    ...(others.length < allowances.length ? ['DNS'] : []),
  ];
  return `${direction} ${inward ? 'from' : 'to'} ${list([...new Set(parts)], 3)}${before}`;
}

/** A peer in more characters than this is not told in a lens. */
const longest = 48;

function blockWords(blocks: readonly AddressSet[]): string {
  const all = blocks.reduce(union);
  if (isEveryAddress(all)) return 'any address';
  const text = printAddresses(all);
  return text.length <= longest / 2 ? text : 'some addresses';
}

function dnsPorts({ dns }: ClusterProfile): PortSet {
  return dns
    .flatMap(({ port, portNames }) => [
      ports('UDP', 53),
      ports('TCP', 53),
      ports('UDP', port),
      ports('TCP', port),
      namedPort('UDP', portNames.udp),
      namedPort('TCP', portNames.tcp),
    ])
    .reduce(joinPorts, noPorts);
}
