import { clusterOf } from '../../engine/cluster.js';
import { describePeer, policyObjects } from '../../engine/describe.js';
import {
  type DirectionAnswer,
  effectiveOfPolicy,
  effectiveOfWorkload,
  type OrderedRule,
} from '../../engine/effective.js';
import { selects, workloadsOfPeer, workloadsWhere } from '../../engine/matching.js';
import { Neighbourhood } from '../../engine/neighbours.js';
import { type AddressSet, isAll as isEveryAddress, printAddresses, union } from '../../model/addresses.js';
import type { Direction, Policy, Rule } from '../../model/policy.js';
import {
  isAll,
  isEmpty,
  isSubset,
  union as joinPorts,
  namedPort,
  noPorts,
  type PortSet,
  ports,
  printPorts,
} from '../../model/ports.js';
import { count, list } from '../../model/print.js';
import type { ClusterProfile } from '../../model/profile.js';
import type { Workload } from '../../model/workload.js';
import type { Netpol } from '../../service.js';
import type { Placed, Scope } from '../../workspace/scope.js';

/** In larger scopes what one end's policies allow is said in place of what both ends allow together. */
const pictured = 300;

/** "selects 3 workloads, ingress from 2 workloads, egress DNS only, with 2 other policies". */
export function policyWords(scope: Scope, profile: ClusterProfile, policy: Placed<Policy>): string {
  const { value } = policy;
  const staged = value.staged ? 'staged, not enforced: ' : '';
  if (value.clusterWide) return `${staged}${clusterPolicyWords(scope, policy)}`;
  const { workloads, policies, partial, clusterWide, ingress, egress } = effectiveOfPolicy(scope, policy, profile.cni);
  const wide = clusterWide.filter(({ selects }) => selects === 'yes').map((each) => each.policy);
  const all = policyObjects([...policies, ...wide]).filter(
    (each) => each.resource.node !== policy.resource.node,
  ).length;
  // Of pods that are not here, nobody knows whom another policy shares.
  const known = workloads.sure.length + workloads.possible.length > 0;
  const others =
    all > 0
      ? `with ${count(all, 'other policy')}`
      : known && partial.length > 0
        ? `with ${count(partial.length, 'other policy')} on some of them`
        : '';
  // Open for those of them that nothing else isolates, which "open" alone would say of all.
  const words = (answer: DirectionAnswer) =>
    !answer.isolated && partial.some((each) => each.policy.value.isolates.includes(answer.direction)) && known
      ? `${answer.direction} as other policies say`
      : directionWords(scope, profile, answer);
  const parts = [
    subjectWords(value, workloads.sure.length, workloads.possible.length),
    ...(value.staged ? [] : [words(ingress), words(egress), others]),
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
    const own = value.rules.filter((rule) => rule.direction === direction);
    if (own.length > 0) return verbs(own).map(([verb, rules]) => `${verb} ${direction} by ${count(rules, 'rule')}`);
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

/** What rules do, and how many of them, in the order in which each comes first. */
function verbs(rules: readonly Rule[]): readonly (readonly [verb: string, rules: number])[] {
  const counts = new Map<string, number>();
  for (const { action } of rules) {
    if (action === 'Log') continue;
    const verb = action === 'Allow' ? 'allows' : action === 'Deny' ? 'denies' : 'passes on';
    counts.set(verb, (counts.get(verb) ?? 0) + 1);
  }
  return [...counts];
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
  const wide = (answer: 'yes' | 'unknown') =>
    clusterWide.filter(({ selects }) => selects === answer).map(({ policy }) => policy);
  const sure = policyObjects([...policies, ...wide('yes')]).length;
  const perhaps = policyObjects([...partial.map(({ policy }) => policy), ...wide('unknown')]).length;
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
  const lookups = pods.filter((each) => isWithin(each.ports, dns)).length;
  const others = pods.length - lookups;
  const beyond = outside.some((each) => !isWithin(each.ports, dns));
  const every = others > 1 && others === near.names.size - 1;
  const parts = [
    ...(every ? ['every other workload'] : others > 0 ? [count(others, 'workload')] : []),
    ...(isEmpty(controller) ? [] : ['ingress controllers']),
    ...(lookups > 0 || outside.some((each) => isWithin(each.ports, dns)) ? ['DNS'] : []),
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
  const first = deciding(isolated ? admin : [...admin, ...baseline]);
  const denials = first.every(({ rule }) => rule.action === 'Deny');
  const most = first.every(({ selects }) => selects === 'yes') ? '' : 'at most ';
  const less = ` but for ${most}${count(first.length, denials ? 'denial' : 'rule')}`;
  if (!isolated) return `${direction} open${first.some(({ rule }) => rule.action === 'Deny') ? less : ''}`;
  if (allowances.length === 0 && !everything) {
    if (denials) return `no ${direction}`;
    return `${direction} by ${most}${count(first.length, 'rule')}${first.length > 1 ? ' in order' : ''}`;
  }
  const before = first.length === 0 ? '' : denials ? less : ` after ${most}${count(first.length, 'rule')} asked first`;
  if (everything) return `${direction} ${inward ? 'from everyone' : 'to everywhere'}${before}`;
  const dns = inward ? noPorts : dnsPorts(profile);
  const others = allowances.filter((each) => !isWithin(each.ports, dns));
  if (others.length === 0) return `${direction} DNS only${before}`;
  const known = new Set<Placed<Workload>>();
  const blocks: AddressSet[] = [];
  const named = new Set<string>();
  const other = inward ? 'other sources' : 'other destinations';
  for (const { policy, peer, ports: opened } of others) {
    const matched = peer.kind === 'pods' && !peer.uncertain ? workloadsOfPeer(scope, policy, peer).sure : [];
    for (const workload of matched) known.add(workload);
    if (peer.kind === 'addresses' && !peer.uncertain) blocks.push(peer.addresses);
    else if (peer.kind === 'anything' && !peer.uncertain)
      named.add(`${inward ? 'everyone' : 'everywhere'}${portWords(opened)}`);
    else if (matched.length === 0) named.add(peer.uncertain ? other : describePeer(peer, policy.namespace, direction));
  }
  const parts = [
    ...(known.size === 0 ? [] : [count(known.size, 'workload')]),
    ...(blocks.length === 0 ? [] : [blockWords(blocks)]),
    ...[...named].map((words) => (words.length <= longest ? words : other)),
    ...(others.length < allowances.length ? ['DNS'] : []),
  ];
  return `${direction} ${inward ? 'from' : 'to'} ${list([...new Set(parts)], 3)}${before}`;
}

/** Without those that only write a log. */
function deciding(rules: readonly OrderedRule[]): readonly OrderedRule[] {
  return rules.filter(({ rule }) => rule.action !== 'Log');
}

function portWords(opened: PortSet): string {
  if (isAll(opened)) return '';
  return isEmpty(opened) ? ' on some ports' : ` on ${printPorts(opened)}`;
}

/** Ports that a template leaves unknown are no ports, and within nothing. */
function isWithin(opened: PortSet, dns: PortSet): boolean {
  return !isEmpty(opened) && isSubset(opened, dns);
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
