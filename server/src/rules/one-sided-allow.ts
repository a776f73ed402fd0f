import { boundsOf } from '../engine/certainty.js';
import { workloadNames } from '../engine/describe.js';
import {
  peerMatches,
  podsSelected,
  policiesSelecting,
  workloadsChosen,
  workloadsOfPeer,
  workloadsSelected,
} from '../engine/matching.js';
import { type NearMiss, nearMisses, type Reason } from '../engine/near-misses.js';
import { type Pair, pairOf } from '../engine/pair.js';
import { beyond, repairs } from '../engine/repair.js';
import { portsOn } from '../engine/stages.js';
import type { PodPeer } from '../model/peer.js';
import type { Direction, Policy, Rule } from '../model/policy.js';
import { intersect, isEmpty, overlaps, type PortSet, printPorts } from '../model/ports.js';
import { list, printSelector } from '../model/print.js';
import { isEverything } from '../model/selector.js';
import type { Workload } from '../model/workload.js';
import type { Fix } from '../text/fix.js';
import { perList } from '../workspace/per-list.js';
import { contentOf, type Placed, type Scope } from '../workspace/scope.js';
import { mayBeAppliedTogether } from './applied-together.js';
import { perhapsInNamespaceOf } from './isolation.js';
import { isolationPlace } from './policy-nodes.js';
import { definePolicyRule, type Finding, type PolicyContext, type RulePage } from './rule.js';

/** A selector of more workloads than this is about a group: that not all of them take part is normal. */
const fewWorkloads = 3;
const mostFixes = 3;

export const oneSidedAllow = definePolicyRule({
  id: 'one-sided-allow',
  group: 'Needed traffic',
  severity: 'warning',
  summary: 'A rule allows a connection to or from a workload whose own policies deny it.',
  *check(context) {
    const { scope, policy } = context;
    if (policy.value.family === 'cluster' || policy.value.clusterWide || policy.value.staged) return;
    let own: readonly Placed<Workload>[] | undefined;
    for (const rule of policy.value.rules) {
      if (rule.uncertain || rule.action !== 'Allow' || !policy.value.isolates.includes(rule.direction)) continue;
      for (const peer of rule.peers) {
        // A whole namespace is named for the sake of some of its pods, as for DNS: that others are closed is normal.
        if (peer.kind !== 'pods' || peer.uncertain || isEverything(peer.pods)) continue;
        own ??= workloadsSelected(scope, policy).sure;
        if (own.length === 0) return;
        const found = findingOf(context, rule, peer, own);
        if (found !== undefined) yield found;
      }
    }
  },
});

export const oneSidedAllowPage: RulePage = {
  what: `Reports a rule that names a workload of the manifests at the other end, while that workload's own policies surely deny the connection, on every port of the rule.

A connection needs both ends: the policies on the source's egress and those on the destination's ingress. The finding stands at the peer of the rule that allows it; the quick fix opens the other end to exactly these pods and ports.

It stays silent where the peer chooses a whole namespace, or many workloads of which some take part; where the other end lets in other pods of the same policy, or some of the ports; and where a template, an unknown namespace label or a policy that cannot be read might allow it. Where the other end's policies allow nothing at all it is information: it may be closed on purpose.`,
  why: 'Whoever wrote the rule expects the connection to work. It does not, and the rule that is read first says that it should: the search begins at the wrong end.',
  bad: /* @__PURE__ */ example('role: web'),
  good: /* @__PURE__ */ example('app: frontend'),
  references: [
    'https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation',
    'https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/',
  ],
};

/** A workload at the other end that denies what the rule allows. */
interface Denied {
  readonly workload: Placed<Workload>;
  readonly ports: PortSet;
  readonly isolatedBy: readonly Placed<Policy>[];
  /** With the first of the policy's own workloads. */
  readonly pair: Pair;
}

function findingOf(
  context: PolicyContext,
  rule: Rule,
  peer: PodPeer,
  own: readonly Placed<Workload>[],
): Finding | undefined {
  const { scope, policy } = context;
  const { sure, possible } = workloadsOf(scope, policy, peer);
  if (sure.length === 0 || sure.length + own.length > 60) return undefined;
  const group = sure.length > fewWorkloads;
  if (group && possible.length > 0) return undefined;
  const others = sure.filter((other) => own.length > 1 || other !== own[0]);
  const denied: Denied[] = [];
  for (const other of others) {
    const found = deniedAt(context, rule, own, other);
    if (found !== undefined) denied.push(found);
    else if (group) return undefined;
  }
  const [first] = denied;
  return first === undefined ? undefined : finding(context, rule, peer, own, [first, ...denied.slice(1)]);
}

function workloadsOf(scope: Scope, policy: Placed<Policy>, peer: PodPeer) {
  if (!peer.namespaces.own) return workloadsOfPeer(scope, policy, peer);
  return { sure: workloadsChosen(scope, contentOf(scope, policy.namespace), peer.pods).sure, possible: [] };
}

/** Whether all that the rule allows with one workload is denied at its end, to each of the policy's own pods. */
function deniedAt(
  { scope, policy, profile }: PolicyContext,
  rule: Rule,
  own: readonly Placed<Workload>[],
  other: Placed<Workload>,
): Denied | undefined {
  const direction: Direction = rule.direction === 'ingress' ? 'egress' : 'ingress';
  const { key, name } = other.namespace;
  // Of two namespaces one of which is not known, it is not known whether they are the same.
  if (key !== policy.namespace.key && (name === undefined || policy.namespace.name === undefined)) return undefined;
  const selecting = policiesSelecting(scope, other);
  const { allowing, isolatingAll } = bearingOn(selecting)[direction];
  // Most rules find the other end open to them: that is quickly seen.
  const open = allowing.some((each) => own.some((workload) => letsIn(scope, each, direction, workload, rule)));
  if (open) return undefined;
  const isolatedBy = isolatingAll.filter((each) => mayBeAppliedTogether(scope, policy, each));
  const [isolating] = isolatedBy;
  if (isolating === undefined) return undefined;
  const elsewhere = perhapsInNamespaceOf(scope, isolating);
  if (elsewhere.some(({ value }) => podsSelected(value.subject.pods, other.value) !== 'no')) return undefined;
  let denied: Denied | undefined;
  for (const each of own) {
    if (each === other) continue;
    const ends = rule.direction === 'egress' ? ([each, other] as const) : ([other, each] as const);
    const pair = pairOf(scope, profile, ends, 'pair');
    if (pair === undefined) return undefined;
    const { judge, from, to } = pair;
    const { table } = judge;
    const passed = table.setOf(boundsOf(judge, rule.direction, from, to).least);
    const opened = intersect(portsOn(rule.ports, to.pods.ports), passed);
    if (isEmpty(opened)) return undefined;
    if (overlaps(opened, table.setOf(boundsOf(judge, direction, from, to).most))) return undefined;
    denied ??= { workload: other, ports: opened, isolatedBy, pair };
  }
  return denied;
}

/** Of the policies that may select some pods, those that allow something in a direction, and those that surely isolate. */
const bearingOn = perList((selecting: ReturnType<typeof policiesSelecting>) => {
  const inDirection = (direction: Direction) => ({
    allowing: selecting.flatMap(({ policy }) =>
      policy.value.rules.some((rule) => rule.direction === direction && rule.action === 'Allow') ? [policy] : [],
    ),
    isolatingAll: selecting.flatMap(({ policy, answer }) =>
      answer === 'yes' && !policy.value.staged && policy.value.isolates.includes(direction) ? [policy] : [],
    ),
  });
  return { ingress: inDirection('ingress'), egress: inDirection('egress') };
});

/** Whether a rule of the policy surely takes the workload in on some of the wanted ports, by their numbers. */
function letsIn(
  scope: Scope,
  policy: Placed<Policy>,
  direction: Direction,
  workload: Placed<Workload>,
  wanted: Rule,
): boolean {
  return policy.value.rules.some(
    (rule) =>
      rule.direction === direction &&
      rule.action === 'Allow' &&
      overlaps(numbered(rule.ports), numbered(wanted.ports)) &&
      rule.peers.some((peer) => peerMatches(scope, policy, peer, workload) === 'yes'),
  );
}

/** Without the names, which are only known on the pods. */
function numbered({ byProtocol }: PortSet): PortSet {
  return { byProtocol, named: [] };
}

function finding(
  context: PolicyContext,
  rule: Rule,
  peer: PodPeer,
  own: readonly Placed<Workload>[],
  denied: readonly [Denied, ...Denied[]],
): Finding | undefined {
  const { policy } = context;
  const [first] = denied;
  const direction = rule.direction === 'ingress' ? 'egress' : 'ingress';
  const near = workloadNames(own, policy.namespace);
  const far = workloadNames(
    denied.map(({ workload }) => workload),
    policy.namespace,
  );
  const isolating = [...new Set(denied.flatMap(({ isolatedBy }) => isolatedBy))];
  const closed = !isolating.some(({ value }) => value.rules.some((each) => each.direction === direction));
  const [miss] = nearMisses(first.pair.judge.cluster, direction, first.pair.from, first.pair.to, first.ports).filter(
    ({ reasons }) => reasons.length <= 2,
  );
  // Both ends speak of each other, and a service may explain why by different ports: service-port-not-target-port tells.
  const destination = rule.direction === 'egress' ? first.workload.namespace : policy.namespace;
  const translated = contentOf(context.scope, destination).services.some(({ value }) =>
    value.ports.some(({ port, targetPort }) => port !== targetPort),
  );
  if (translated && miss?.reasons.every(({ kind }) => kind === 'ports') === true) return undefined;
  const nearest =
    miss === undefined ? `no rule there is about ${near}` : `the nearest rule, ${ruleWords(miss)}, ${reasonsOf(miss)}`;
  const allows = rule.direction === 'egress' ? `${near} may send to ${far}` : `${near} may receive from ${far}`;
  return {
    at: peer.at,
    message: `${allows} on ${printPorts(first.ports)} by this rule, but the ${direction} policies of ${far} do not let it ${direction === 'ingress' ? 'in' : 'out'}: ${closed ? 'they allow nothing at all' : nearest}. A connection needs both ends: allow it there as well, or take this peer out.`,
    ...(closed ? { severity: 'info' } : {}),
    related: [
      ...(miss === undefined || closed
        ? []
        : [
            {
              at: miss.peer.kind === 'anything' ? miss.rule.rule.at : miss.peer.at,
              message: 'This rule comes nearest.',
            },
          ]),
      ...isolating.slice(0, 4).map((each) => ({
        at: isolationPlace(each, direction),
        message: `${each.value.name} isolates ${far} for ${direction}.`,
      })),
    ],
    fixes:
      own.length > 1 ? [] : denied.slice(0, mostFixes).map((each) => openTheOther(context, each, denied.length === 1)),
  };
}

/**
 * What opens the other end for this connection and nothing else. Only when it is asked for is it worked out, since it has to
 * be tried to be known.
 */
function openTheOther({ scope, profile, policy }: PolicyContext, denied: Denied, preferred: boolean): Fix {
  const { pair, ports } = denied;
  const [from, to] = [pair.from, pair.to].map(({ pods }) => pods.workloads[0]);
  const [own, other] = from === denied.workload ? [to, from] : [from, to];
  const words = (each: typeof own) => (each === undefined ? '' : workloadNames([each], policy.namespace));
  const [direction, preposition] = other === to ? ['ingress', 'from'] : ['egress', 'to'];
  return {
    title: `Allow ${direction} of ${words(other)} ${preposition} ${words(own)} on ${printPorts(ports)} at the other end`,
    preferred,
    costly: true,
    changes() {
      const whole = from && to && pairOf(scope, profile, [from, to], 'namespaces');
      if (whole === undefined) return undefined;
      const asked = { from: whole.from, to: whole.to, ports };
      return repairs(whole.judge, whole.from, whole.to, ports).repairs.find(
        ({ opens }) => beyond(opens, asked).length === 0,
      )?.changes;
    },
  };
}

function ruleWords({ rule: { policy, rule } }: NearMiss): string {
  return `${rule.direction} rule ${rule.index + 1} of policy ${policy.placed.value.name}`;
}

function reasonsOf({ reasons }: NearMiss): string {
  return list(
    reasons.map((reason) => reasonOf(reason)),
    2,
  );
}

function reasonOf(reason: Reason): string {
  switch (reason.kind) {
    case 'label':
      return `${reason.on === 'peer' ? 'asks for' : 'is about'} ${reason.of === 'pods' ? 'pods' : 'namespaces'} with ${printSelector(reason.wanted)}`;
    case 'other namespace':
      return `means pods of its own namespace, ${reason.own}`;
    case 'ports':
      return `opens ${printPorts(reason.opens)}`;
    case 'direction not listed':
      return 'has no effect, since the policy does not list its direction';
    case 'address':
    case 'peer kind':
      return 'is for other peers than pods';
    case 'not known':
      return 'cannot be told from these manifests';
  }
}

function example(label: string): string {
  return `apiVersion: v1
kind: Pod
metadata:
  name: frontend
  namespace: shop
  labels:
    app: frontend
spec:
  containers:
    - name: frontend
      image: frontend
---
apiVersion: v1
kind: Pod
metadata:
  name: api
  namespace: shop
  labels:
    app: api
spec:
  containers:
    - name: api
      image: api
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: frontend
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: frontend
  policyTypes:
    - Egress
  egress:
    - to:
        - podSelector:
            matchLabels:
              app: api
      ports:
        - protocol: TCP
          port: 8080
    - to:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: kube-system
          podSelector:
            matchLabels:
              k8s-app: kube-dns
      ports:
        - protocol: UDP
          port: 53
        - protocol: TCP
          port: 53
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: api
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: api
  policyTypes:
    - Ingress
  ingress:
    - from:
        - podSelector:
            matchLabels:
              ${label}
      ports:
        - protocol: TCP
          port: 8080
`;
}
