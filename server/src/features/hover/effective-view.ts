import { setsOfPeer } from '../../engine/address-sets.js';
import { describeNamespace, describePeer, policyObjects, workloadName, workloadNames } from '../../engine/describe.js';
import { dnsOf } from '../../engine/dns.js';
import {
  type Allowance,
  type ClusterWidePolicy,
  type DirectionAnswer,
  type Effective,
  effectiveOfPolicy,
  effectiveOfWorkload,
  type PartialPolicy,
  type Turn,
} from '../../engine/effective.js';
import { type MatchedWorkloads, workloadsOfPeer } from '../../engine/matching.js';
import type { NamedAddresses } from '../../model/address-set.js';
import { printAddresses } from '../../model/addresses.js';
import type { Policy, Rule } from '../../model/policy.js';
import { isEmpty, type PortSet, printPorts, resolveNamed } from '../../model/ports.js';
import { count, list, printSelector } from '../../model/print.js';
import type { ClusterProfile } from '../../model/profile.js';
import type { Workload } from '../../model/workload.js';
import type { NamespaceRef, Placed, Scope } from '../../workspace/scope.js';
import { orderedRow, rankOf, viewOfClusterPolicy } from './cluster-policy-view.js';
import type { AllowRow, DirectionView, EffectiveView, LinkedWords, NamedPlace, OrderedRow, Sentence } from './view.js';

export function viewOfPolicy(scope: Scope, profile: ClusterProfile, policy: Placed<Policy>): EffectiveView {
  if (policy.value.clusterWide) return viewOfClusterPolicy(scope, policy);
  const effective = effectiveOfPolicy(scope, policy, profile.cni);
  const selector = printSelector(policy.value.subject.pods);
  const { sure, possible } = effective.workloads;
  const pods = selector === '' ? 'every pod of its namespace' : `pods ${selector}`;
  const named = workloadNames(sure, policy.namespace, 6);
  const subject = policy.value.subject.uncertain
    ? 'selects pods that cannot be told: its selector cannot be read in full'
    : sure.length > 0
      ? `selects ${count(sure.length, 'workload')}: ${named}${selector === '' ? ' (every pod of its namespace)' : ` (${selector})`}`
      : possible.length > 0
        ? `selects ${pods}; perhaps ${workloadNames(possible, policy.namespace)}`
        : `selects ${pods}; no workload of this workspace is among them`;
  const rank = rankOf(policy.value);
  return viewOf(scope, profile, effective, {
    name: policy.value.name,
    kind: policy.value.kind,
    where: `${describeNamespace(policy.namespace)}${rank === '' ? '' : `, ${rank}`}`,
    subject,
    self: policy,
  });
}

export function viewOfWorkload(scope: Scope, profile: ClusterProfile, workload: Placed<Workload>): EffectiveView {
  const effective = effectiveOfWorkload(scope, workload, profile.cni);
  return viewOf(scope, profile, effective, {
    name: workload.value.name,
    kind: workload.value.kind,
    where: describeNamespace(workload.namespace),
    subject: workload.value.hostNetwork
      ? 'uses its node’s network: what policies do to such pods is not defined, and most plugins do nothing'
      : selectedBy(effective),
    self: undefined,
  });
}

/** "selected by 2 policies: api and base, perhaps by edge". */
function selectedBy(effective: Effective): string {
  const { policies, partial } = effective;
  const wide = clusterWideOf(effective);
  const names = (selected: readonly Placed<Policy>[]) =>
    list(
      selected.map(({ value }) => value.name),
      6,
    );
  const sure = policyObjects([...policies, ...wide.sure]);
  const perhaps = policyObjects([...partial.map(({ policy }) => policy), ...wide.perhaps]);
  const by =
    sure.length === 0 ? 'selected by no policy' : `selected by ${count(sure.length, 'policy')}: ${names(sure)}`;
  return perhaps.length === 0 ? by : `${by}${sure.length === 0 ? ' for sure' : ''}, perhaps by ${names(perhaps)}`;
}

/** The cluster-wide policies on the pods: those that select them all, and those that may select some. */
function clusterWideOf({ clusterWide }: Effective): Record<'sure' | 'perhaps', readonly Placed<Policy>[]> {
  const those = (answer: ClusterWidePolicy['selects']) =>
    clusterWide.filter(({ selects }) => selects === answer).map(({ policy }) => policy);
  return { sure: those('yes'), perhaps: those('unknown') };
}

interface Head {
  readonly name: string;
  readonly kind: string;
  readonly where: string;
  readonly subject: string;
  readonly self: Placed<Policy> | undefined;
}

function viewOf(scope: Scope, profile: ClusterProfile, effective: Effective, head: Head): EffectiveView {
  const { self, ...rest } = head;
  return {
    ...rest,
    namespace: effective.namespace.name ?? null,
    selects: () => effective.workloads.sure.map(workloadName),
    directions: [
      directionView(scope, profile, effective, effective.ingress, self),
      directionView(scope, profile, effective, effective.egress, self),
    ],
    others: othersOf(effective, self),
    uncertain: effective.ingress.uncertain || effective.egress.uncertain,
  };
}

function directionView(
  scope: Scope,
  profile: ClusterProfile,
  effective: Effective,
  answer: DirectionAnswer,
  self: Placed<Policy> | undefined,
): DirectionView {
  const inward = answer.direction === 'ingress';
  const tiers = {
    before: answer.turns.flatMap(rowsOfTurn),
    after: answer.isolated ? [] : answer.baseline.map((rule) => orderedRow(rule)),
  };
  if (!answer.isolated) {
    const decided = tiers.before.length + tiers.after.length > 0;
    return {
      direction: answer.direction,
      state: 'open',
      isolatedBy: [],
      ...tiers,
      sentence: [
        decided
          ? 'not isolated by any policy: what no rule here denies is allowed'
          : inward
            ? 'not isolated: everything is allowed, from everyone, on every port'
            : 'not isolated: everything is allowed, to everywhere, on every port',
      ],
      rows: [],
      closing: undefined,
      warnings: inward ? [] : dnsWarning(scope, profile, effective, answer),
    };
  }
  const isolating = policyObjects(answer.isolatedBy);
  const isolatedBy = isolating.map(isolationPlace);
  const [first] = isolatedBy;
  const by =
    first !== undefined && isolating.length === 1 && isolating[0]?.resource.node === self?.resource.node
      ? [{ words: 'this policy', place: first }]
      : linkedList(isolatedBy, 4);
  const nothing = answer.allowances.length === 0;
  const more = tiers.before.some(({ action }) => action === 'allows') ? 'else ' : '';
  return {
    direction: answer.direction,
    state: 'isolated',
    isolatedBy,
    ...tiers,
    sentence: [
      tiers.before.length > 0
        ? 'these rules decide first, the first that matches; for the rest isolated by '
        : 'isolated by ',
      ...by,
      nothing ? `. Nothing ${more}is allowed ${inward ? 'in' : 'out'}.` : '. Allowed:',
    ],
    rows: answer.everything
      ? [
          {
            ports: 'every port',
            who: inward ? 'everyone, inside and outside the cluster' : 'everywhere, inside and outside the cluster',
            workloads: undefined,
            matches: undefined,
            by: rulePlace(everythingBy(answer)),
          },
        ]
      : answer.allowances.map((allowance) => rowOf(scope, effective, allowance)),
    closing: nothing || answer.everything ? undefined : 'everything else is denied',
    warnings: inward ? [] : dnsWarning(scope, profile, effective, answer),
  };
}

/** The rules of a turn, and what it denies in the end where others are asked behind it. */
function rowsOfTurn({ tier, rules, deniedBy }: Turn): readonly OrderedRow[] {
  const rows = rules.map((rule) => orderedRow(rule, tier));
  const [first] = deniedBy;
  if (first === undefined) return rows;
  const end = {
    action: 'denies' as const,
    ports: 'every port',
    who: tier === undefined ? 'everything else' : `everything else, as tier ${tier} ends`,
    tier,
    partly: false,
    by: isolationPlace(first),
  };
  return [...rows, end];
}

function everythingBy(answer: DirectionAnswer): Allowance {
  const found = answer.allowances.find(
    ({ peer, ports }) => peer.kind === 'anything' && !peer.uncertain && printPorts(ports) === 'every port',
  );
  const first = found ?? answer.allowances[0];
  if (first === undefined) throw new Error('an answer that allows everything has an allowance');
  return first;
}

function rowOf(scope: Scope, effective: Effective, allowance: Allowance): AllowRow {
  const { policy, rule, peer, ports } = allowance;
  const matched = peer.kind === 'pods' ? workloadsOfPeer(scope, policy, peer) : undefined;
  const destinations = rule.direction === 'ingress' ? effective.workloads.sure : (matched?.sure ?? []);
  const words = peer.kind === 'addresses' ? portsOfAddresses(ports) : portsInWords(ports, destinations);
  return {
    ports: `${words}${conditionsOf(rule)}`,
    who: `${describePeer(peer, policy.namespace, rule.direction)}${ownEnd(policy, rule)}`,
    workloads:
      matched === undefined
        ? undefined
        : matchedWords(matched, peer.kind === 'pods' ? setsOfPeer(scope, policy, peer) : [], effective.namespace),
    matches: matched === undefined ? undefined : () => matched.sure.map(workloadName),
    by: rulePlace(allowance),
  };
}

/** The workloads that a selector matches, and the sets of addresses that it takes in beside them. */
function matchedWords(
  { sure, possible }: MatchedWorkloads,
  sets: readonly Placed<NamedAddresses>[],
  namespace: NamespaceRef,
): string {
  const workloads =
    sure.length > 0
      ? [`${count(sure.length, 'workload')}: ${workloadNames(sure, namespace)}`]
      : possible.length > 0
        ? [`perhaps ${workloadNames(possible, namespace)}`]
        : [];
  const addresses = sets.map(({ value }) => `${value.kind} ${value.name}: ${printAddresses(value.addresses)}`);
  const words = [...workloads, ...(addresses.length === 0 ? [] : [list(addresses, 3)])];
  return words.length === 0 ? 'no workload of this workspace' : words.join('; ');
}

/** ", HTTP GET /v1/.* only", or nothing. */
function conditionsOf(rule: Rule): string {
  const words = (rule.constraints ?? []).filter(({ limits }) => limits).map((each) => each.words);
  return words.length === 0 ? '' : `, ${words.join(', ')} only`;
}

/** A rule may be about a part of its policy's pods. */
function ownEnd(policy: Placed<Policy>, { own, direction }: Rule): string {
  if (own === undefined) return '';
  return `; only for ${describePeer(own, policy.namespace, direction === 'ingress' ? 'egress' : 'ingress')}`;
}

/** A name resolves on pods alone: towards addresses it opens nothing (FACTS B1). */
function portsOfAddresses(ports: PortSet): string {
  const numbered = { byProtocol: ports.byProtocol, named: [] };
  if (ports.named.length === 0) return printPorts(ports);
  return isEmpty(numbered) ? 'nothing (a named port needs a pod)' : printPorts(numbered);
}

/** Named ports with the numbers they come to on the destination pods. */
function portsInWords(ports: PortSet, destinations: readonly Placed<Workload>[]): string {
  const text = printPorts(ports);
  if (ports.named.length === 0 || destinations.length === 0) return text;
  const numbers = new Set(
    destinations.map((each) =>
      printPorts(resolveNamed({ byProtocol: new Map(), named: ports.named }, each.value.ports)),
    ),
  );
  return `${text} (here ${list([...numbers], 3)})`;
}

function dnsWarning(
  scope: Scope,
  profile: ClusterProfile,
  effective: Effective,
  answer: DirectionAnswer,
): readonly string[] {
  const dns = dnsOf(scope, profile, answer);
  if (dns.udp !== 'no' && dns.tcp !== 'no') return [];
  // A partial policy may bring DNS to some of the pods.
  if (effective.partial.some(({ policy }) => policy.value.isolates.includes('egress'))) return [];
  if (!dns.byPolicies && (dns.udp === 'no' || dns.tcp === 'no')) {
    const { admin, baseline } = answer;
    const whose = [...admin, ...baseline].every(({ policy }) => policy.value.clusterWide)
      ? 'a cluster-wide policy'
      : 'a policy that is asked before others';
    return [`DNS: ${whose} denies port 53, so names will not resolve.`];
  }
  if (dns.udp === 'no' && dns.tcp === 'no')
    return ['DNS: UDP 53 and TCP 53 are blocked, so names will not resolve. Quick fix: add DNS egress.'];
  return dns.udp === 'no'
    ? ['DNS: UDP 53 is blocked, so most names will not resolve. Quick fix: add DNS egress.']
    : ['DNS: TCP 53 is blocked, so long answers fail. Quick fix: add DNS egress.'];
}

function othersOf(effective: Effective, self: Placed<Policy> | undefined): readonly Sentence[] {
  if (self === undefined) return partialSentences(effective, effective.partial);
  const { sure, perhaps } = clusterWideOf(effective);
  const isOther = (policy: Placed<Policy>) => policy.resource.node !== self.resource.node;
  const others = policyObjects([...effective.policies.filter(isOther), ...sure]);
  const some = [
    ...effective.partial.filter(({ policy }) => isOther(policy)),
    ...perhaps.map((policy) => ({ policy, workloads: [] })),
  ];
  return [
    others.length === 0
      ? ['no other policy selects all of these pods']
      : [`with ${count(others.length, 'other policy')} on the same pods: `, ...linkedList(others.map(policyPlace), 6)],
    ...partialSentences(effective, some),
  ];
}

function partialSentences(effective: Effective, partial: readonly PartialPolicy[]): readonly Sentence[] {
  const sentences = partial.slice(0, 8).map(({ policy, workloads }): Sentence => {
    const place = policyPlace(policy);
    return [
      { words: place.label, place },
      workloads.length > 0
        ? ` also selects ${workloads.length} of them: ${workloadNames(workloads, effective.namespace)}`
        : ' may select some of them as well',
    ];
  });
  const more = partial.length - sentences.length;
  return more > 0 ? [...sentences, [`and ${more} more policies select some of them`]] : sentences;
}

/** "a, b and c" with every name linked; "a, b and 7 more" beyond `max`. */
function linkedList(places: readonly NamedPlace[], max: number): Sentence {
  const shown = places.slice(0, max).map((place) => ({ words: place.label, place }));
  const rest = places.length - shown.length;
  const parts: readonly (string | LinkedWords)[] = rest > 0 ? [...shown, `${rest} more`] : shown;
  return parts.flatMap((part, i) => (i === 0 ? [part] : [i === parts.length - 1 ? ' and ' : ', ', part]));
}

function policyPlace(policy: Placed<Policy>): NamedPlace {
  return { label: policy.value.name, at: policy.value.at };
}

function isolationPlace(policy: Placed<Policy>): NamedPlace {
  return { label: policy.value.name, at: policy.value.isolatesAt ?? policy.value.at };
}

function rulePlace({ policy, rule }: Allowance): NamedPlace {
  return { label: policy.value.name, at: rule.at };
}
