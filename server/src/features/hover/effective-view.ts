import {
  describeEnds,
  describeNamespace,
  describeNamespaces,
  describeNodes,
  describePeer,
  describePods,
  describePorts,
  workloadName,
  workloadNames,
} from '../../engine/describe.js';
import { dnsOf } from '../../engine/dns.js';
import {
  type Allowance,
  type DirectionAnswer,
  type Effective,
  effectiveOfPolicy,
  effectiveOfWorkload,
  type OrderedRule,
} from '../../engine/effective.js';
import { selects, workloadsOfPeer, workloadsWhere } from '../../engine/matching.js';
import type { Direction, Policy, Rule } from '../../model/policy.js';
import { isEmpty, type PortSet, printPorts, resolveNamed } from '../../model/ports.js';
import { count, list, printSelector } from '../../model/print.js';
import type { ClusterProfile } from '../../model/profile.js';
import type { Place, Workload } from '../../model/workload.js';
import type { Placed, Scope } from '../../workspace/scope.js';

/** The effective allow set in words, ready to be laid out as Markdown or as text. */
export interface EffectiveView {
  readonly name: string;
  readonly kind: string;
  /** The namespace's name; null where the manifests leave it open. */
  readonly namespace: string | null;
  readonly where: string;
  /** Which pods it is about: "selects 2 workloads: api and web". */
  readonly subject: string;
  /** The workloads it is about, as namespace/name; there may be thousands, so only who wants them works them out. */
  readonly selects: () => readonly string[];
  readonly directions: readonly DirectionView[];
  /** What else bears on the same pods, a sentence each. */
  readonly others: readonly Sentence[];
  readonly uncertain: boolean;
}

export interface DirectionView {
  readonly direction: Direction;
  readonly state: 'open' | 'isolated';
  readonly sentence: Sentence;
  readonly isolatedBy: readonly NamedPlace[];
  /** Cluster-wide rules that are asked before the network policies, in their order. */
  readonly before: readonly OrderedRow[];
  readonly rows: readonly AllowRow[];
  /** What is left out, after the rows. */
  readonly closing: string | undefined;
  /** Cluster-wide rules that are asked where no network policy isolates the pods. */
  readonly after: readonly OrderedRow[];
  readonly warnings: readonly string[];
}

/** Words, some of which name a place that a layout may link to. */
export type Sentence = readonly (string | LinkedWords)[];

export interface LinkedWords {
  readonly words: string;
  readonly place: NamedPlace;
}

/** The sentence as plain text. */
export function wordsOf(sentence: Sentence): string {
  return sentence.map((part) => (typeof part === 'string' ? part : part.words)).join('');
}

export function placesOf(sentence: Sentence): readonly NamedPlace[] {
  return sentence.flatMap((part) => (typeof part === 'string' ? [] : [part.place]));
}

export interface NamedPlace {
  readonly label: string;
  readonly at: Place;
}

/** One part of what is allowed. */
export interface AllowRow {
  readonly ports: string;
  readonly who: string;
  /** The workloads it comes to, or undefined where that cannot be said. */
  readonly workloads: string | undefined;
  /** The workloads that surely match, as namespace/name, worked out when they are asked for; undefined where the peer is no selector of pods. */
  readonly matches: (() => readonly string[]) | undefined;
  readonly by: NamedPlace;
}

/** One cluster-wide rule: the first that matches decides. */
export interface OrderedRow {
  readonly action: 'allows' | 'denies' | 'passes on' | 'logs';
  readonly ports: string;
  readonly who: string;
  /** Its policy selects only some of the pods, or may select them. */
  readonly partly: boolean;
  readonly by: NamedPlace;
}

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

/** A cluster-wide policy by itself: what it decides hangs on the pod, so its rules are shown and not their union. */
function viewOfClusterPolicy(scope: Scope, policy: Placed<Policy>): EffectiveView {
  const { value } = policy;
  const { sure, possible } = workloadsWhere(scope.workloads, (workload) => selects(scope, policy, workload));
  const { namespaces, pods, nodes } = value.subject;
  const who =
    nodes === undefined
      ? `${describePods(pods)} ${describeNamespaces(namespaces, policy.namespace)}`
      : `${describeNodes(nodes)}, not pods`;
  const found =
    sure.length > 0
      ? `${count(sure.length, 'workload')}: ${workloadNames(sure, undefined, 6)}`
      : possible.length > 0
        ? `perhaps ${workloadNames(possible, undefined)}`
        : 'no workload of this workspace';
  return {
    name: value.name,
    kind: value.kind,
    namespace: null,
    where: rankOf(value),
    subject: `selects ${who} (${found})`,
    selects: () => sure.map(workloadName),
    directions: (['ingress', 'egress'] as const).map((direction) => {
      const rows = value.rules
        .filter((rule) => rule.direction === direction)
        .map((rule) => orderedRow({ policy, rule, selects: 'yes' }));
      return {
        direction,
        state: 'open',
        isolatedBy: [],
        sentence: [ownSentence(value, direction, rows.length)],
        before: value.order.tier === 'baseline' ? [] : rows,
        rows: [],
        closing: rows.length === 0 ? undefined : otherwise(value, direction),
        after: value.order.tier === 'baseline' ? rows : [],
        warnings: [],
      };
    }),
    others: [],
    uncertain: value.uncertain,
  };
}

/** Where a policy stands among the others. */
function rankOf({ order, family, clusterWide, staged }: Policy): string {
  const scope = clusterWide ? 'cluster-wide' : '';
  const parts = [
    scope,
    order.tier === 'tiered' ? `tier ${order.tierName}` : '',
    order.tier === 'tiered' && Number.isFinite(order.priority) ? `order ${order.priority}` : '',
    order.tier === 'tiered' && !Number.isFinite(order.priority) ? 'no order, so after the others' : '',
    order.tier === 'admin' ? `asked before network policies, priority ${order.priority}` : '',
    order.tier === 'baseline' ? 'asked after network policies' : '',
    family === 'cilium' ? 'with all other policies on the same pods' : '',
    staged ? 'staged: nothing of it is enforced' : '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function ownSentence(policy: Policy, direction: Direction, rules: number): string {
  if (policy.family === 'cluster') {
    return rules === 0 ? 'no rule: nothing is decided here' : 'the first rule that matches decides:';
  }
  const isolates = policy.isolates.includes(direction);
  if (rules === 0) {
    return isolates
      ? 'isolated by this policy, which allows nothing itself'
      : 'not isolated by this policy, and it has no rule';
  }
  if (policy.family === 'cilium') return 'what any rule denies is denied, of the rest what any rule allows is allowed:';
  return 'the first rule that matches decides:';
}

function otherwise(policy: Policy, direction: Direction): string {
  const { order, family, isolates } = policy;
  if (family === 'cluster' && order.tier === 'admin')
    return 'everything else is decided by other cluster-wide policies, then by network policies';
  if (family === 'cluster')
    return 'everything else is allowed, and all of this counts only where no network policy isolates the pods';
  return isolates.includes(direction)
    ? 'everything else is denied, unless another policy on the same pods allows it'
    : 'everything else is left to other policies';
}

function orderedRow({ policy, rule, selects }: OrderedRule): OrderedRow {
  const actions = { Allow: 'allows', Deny: 'denies', Pass: 'passes on', Log: 'logs' } as const;
  return {
    action: actions[rule.action],
    ports: describePorts(rule.ports, rule),
    who: describeEnds(rule, policy.namespace),
    partly: selects !== 'yes',
    by: { label: policy.value.name, at: rule.at },
  };
}

export function viewOfWorkload(scope: Scope, profile: ClusterProfile, workload: Placed<Workload>): EffectiveView {
  const effective = effectiveOfWorkload(scope, workload, profile.cni);
  return viewOf(scope, profile, effective, {
    name: workload.value.name,
    kind: workload.value.kind,
    where: describeNamespace(workload.namespace),
    subject: workload.value.hostNetwork
      ? 'uses its node’s network: what policies do to such pods is not defined, and most plugins do nothing'
      : effective.policies.length === 0
        ? 'selected by no policy'
        : `selected by ${count(effective.policies.length, 'policy')}: ${list(
            effective.policies.map((each) => each.value.name),
            6,
          )}`,
    self: undefined,
  });
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
    before: answer.admin.map(orderedRow),
    after: answer.isolated ? [] : answer.baseline.map(orderedRow),
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
  const isolatedBy = answer.isolatedBy.map((policy) => isolationPlace(policy));
  const [first] = isolatedBy;
  const by =
    first !== undefined && answer.isolatedBy.length === 1 && answer.isolatedBy[0] === self
      ? [{ words: 'this policy', place: first }]
      : linkedList(isolatedBy, 4);
  const nothing = answer.allowances.length === 0;
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
      nothing ? `. Nothing is allowed ${inward ? 'in' : 'out'}.` : '. Allowed:',
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
        : matched.sure.length > 0
          ? `${count(matched.sure.length, 'workload')}: ${workloadNames(matched.sure, effective.namespace)}`
          : matched.possible.length > 0
            ? `perhaps ${workloadNames(matched.possible, effective.namespace)}`
            : 'no workload of this workspace',
    matches: matched === undefined ? undefined : () => matched.sure.map(workloadName),
    by: rulePlace(allowance),
  };
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
    return ['DNS: a cluster-wide policy denies port 53, so names will not resolve.'];
  }
  if (dns.udp === 'no' && dns.tcp === 'no')
    return ['DNS: UDP 53 and TCP 53 are blocked, so names will not resolve. Quick fix: add DNS egress.'];
  return dns.udp === 'no'
    ? ['DNS: UDP 53 is blocked, so most names will not resolve. Quick fix: add DNS egress.']
    : ['DNS: TCP 53 is blocked, so long answers fail. Quick fix: add DNS egress.'];
}

function othersOf(effective: Effective, self: Placed<Policy> | undefined): readonly Sentence[] {
  const sentences: Sentence[] = [];
  const others = effective.policies.filter((policy) => policy !== self);
  if (self !== undefined) {
    sentences.push(
      others.length === 0
        ? ['no other policy selects all of these pods']
        : [
            `with ${count(others.length, 'other policy')} on the same pods: `,
            ...linkedList(others.map(policyPlace), 6),
          ],
    );
  }
  for (const { policy, workloads } of effective.partial.slice(0, 8)) {
    const place = policyPlace(policy);
    sentences.push([
      { words: place.label, place },
      workloads.length > 0
        ? ` also selects ${workloads.length} of them: ${workloadNames(workloads, effective.namespace)}`
        : ' may select some of them as well',
    ]);
  }
  if (effective.partial.length > 8) {
    sentences.push([`and ${effective.partial.length - 8} more policies select some of them`]);
  }
  return sentences;
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
