import { compositionOf, isEnforced } from '../engine/composition.js';
import { describeNamespace, workloadNames } from '../engine/describe.js';
import { dnsRule } from '../engine/dns-rule.js';
import { policiesSelecting, selects } from '../engine/matching.js';
import { isAll } from '../model/addresses.js';
import type { CniProfile } from '../model/cni.js';
import type { Direction, Policy, Rule } from '../model/policy.js';
import * as ports from '../model/ports.js';
import { count } from '../model/print.js';
import type { ClusterProfile } from '../model/profile.js';
import { isEverything } from '../model/selector.js';
import { any } from '../model/three.js';
import type { Workload } from '../model/workload.js';
import type { Fix } from '../text/fix.js';
import { perList } from '../workspace/per-list.js';
import { contentOf, type NamespaceContent, type Placed, type Scope } from '../workspace/scope.js';
import { appendPolicy, freeName } from './append-policy.js';
import { whatIsOpened } from './dns-fixes.js';
import { isolationPlace } from './policy-nodes.js';
import { definePolicyRule, type Finding, type PolicyContext, type RulePage } from './rule.js';

export const missingDefaultDeny = definePolicyRule({
  id: 'missing-default-deny',
  group: 'Too wide',
  severity: 'info',
  summary: 'Policies isolate most workloads of a namespace, and leave some open.',
  *check(context) {
    const { scope, policy } = context;
    if (policy.value.clusterWide) return;
    for (const direction of policy.value.isolates) {
      const content = contentOf(scope, policy.namespace);
      // Said once for the namespace: at the first policy that isolates in this direction.
      const inForce = enforcedAmong(content.policies, context.profile.cni);
      if (inForce.find(({ value }) => value.isolates.includes(direction)) !== policy) continue;
      const open = openWorkloads(scope, content, inForce, direction);
      if (open.length > 0) yield finding(context, direction, open);
    }
  },
});

export const missingDefaultDenyPage: RulePage = {
  what: `Reports a namespace where policies isolate most of the workloads in a direction, two at least, and others are isolated by none. It stands at the first policy that isolates in that direction, once for the namespace, and names the workloads that are open.

It is information, since to leave some pods open may be meant. It stays silent where policies protect only one or the smaller part of the workloads, where a policy may select the workload (a template, labels that are not known), where the manifests leave the namespace open and lie in a folder of their own, and where a cluster-wide policy denies by default, and in \`kube-system\` and its like. Host-network pods do not count: policies do not apply to them.`,
  why: 'Pods that no policy selects accept connections from everyone, and may connect to everything, also to and from the pods beside them that are well protected. Policies that name one application after the other leave out the one that was added last. A default deny in each namespace turns that around: what nobody allowed is closed.',
  bad: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: api
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: api
  policyTypes: [Ingress]
  ingress:
    - from:
        - podSelector:
            matchLabels:
              app: db
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: web
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: web
  policyTypes: [Ingress]
---
apiVersion: v1
kind: Pod
metadata:
  name: api
  namespace: shop
  labels:
    app: api
---
apiVersion: v1
kind: Pod
metadata:
  name: db
  namespace: shop
  labels:
    app: db
---
apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: shop
  labels:
    app: web
`,
  good: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: default-deny-ingress
  namespace: shop
spec:
  podSelector: {}
  policyTypes: [Ingress]
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
  policyTypes: [Ingress]
  ingress:
    - from:
        - podSelector:
            matchLabels:
              app: db
---
apiVersion: v1
kind: Pod
metadata:
  name: api
  namespace: shop
  labels:
    app: api
---
apiVersion: v1
kind: Pod
metadata:
  name: db
  namespace: shop
  labels:
    app: db
`,
  references: ['https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-policies'],
};

function enforcedAmong(policies: readonly Placed<Policy>[], cni: CniProfile): readonly Placed<Policy>[] {
  const known = enforced(policies).get(cni);
  if (known !== undefined) return known;
  const composed = compositionOf(
    cni,
    policies.map(({ value }) => value),
  );
  const found = policies.filter(({ value }) => isEnforced(value, composed));
  enforced(policies).set(cni, found);
  return found;
}

/** By the network plugin. */
const enforced = perList(
  (_policies: readonly Placed<Policy>[]) => new WeakMap<CniProfile, readonly Placed<Policy>[]>(),
);

/** The workloads of a namespace that surely no policy isolates; none where that cannot be known. */
function openWorkloads(
  scope: Scope,
  { ref, workloads }: NamespaceContent,
  policies: readonly Placed<Policy>[],
  direction: Direction,
): readonly Placed<Workload>[] {
  // In a folder, each command that applies manifests may choose another namespace.
  if (ref.name === undefined && scope.kind === 'folder') return [];
  // To close these is to stop the cluster.
  if (ref.name?.startsWith('kube-') === true) return [];
  if (policies.some(({ value }) => value.uncertain)) return [];
  const candidates = [...policies, ...scope.clusterPolicies, ...inUnsetNamespaces(scope, ref.name)];
  const closing = candidates.filter(({ value }) => value.staged !== true && mayClose(value, direction));
  const own = new Set(closing.filter(({ namespace }) => namespace.key === ref.key));
  const wider = closing.filter((policy) => !own.has(policy));
  const closed = (workload: Placed<Workload>) => {
    const answers = policiesSelecting(scope, workload).flatMap(({ policy, answer }) => (own.has(policy) ? answer : []));
    return answers.includes('yes') ? 'yes' : any([...answers, ...wider.map((each) => selects(scope, each, workload))]);
  };
  const known = workloads.map((workload) => ({ workload, closed: closed(workload) }));
  const open = known.flatMap(({ workload, closed }) =>
    !workload.value.hostNetwork && !workload.value.openLabels && closed === 'no' ? [workload] : [],
  );
  const isolated = known.filter(({ closed }) => closed === 'yes');
  // Who protects one workload of many means that one; who protects most of them has forgotten the others.
  return isolated.length > 1 && isolated.length > open.length ? open : [];
}

/** Policies whose namespace may turn out to be the named one. */
function inUnsetNamespaces(scope: Scope, name: string | undefined): readonly Placed<Policy>[] {
  if (name === undefined) return [];
  return [...scope.namespaces.values()].filter(({ ref }) => ref.name === undefined).flatMap(({ policies }) => policies);
}

function mayClose({ isolates, rules, uncertain }: Policy, direction: Direction): boolean {
  return (
    uncertain ||
    isolates.includes(direction) ||
    rules.some((rule) => rule.action === 'Deny' && rule.direction === direction && isWide(rule))
  );
}

/** It denies all pods, or all addresses, on every port: somebody's default. */
function isWide({ peers, ports: set }: Rule): boolean {
  return (
    ports.isAll(set) &&
    peers.some(
      (peer) =>
        peer.kind === 'anything' ||
        (peer.kind === 'addresses' && (isAll(peer.addresses) || peer.cidr.prefix === 0)) ||
        (peer.kind === 'pods' &&
          isEverything(peer.pods) &&
          !peer.namespaces.own &&
          isEverything(peer.namespaces.selector)),
    )
  );
}

function finding(context: PolicyContext, direction: Direction, open: readonly Placed<Workload>[]): Finding {
  const { policy } = context;
  const who = `${count(open.length, 'workload')} of ${describeNamespace(policy.namespace)} (${workloadNames(open, policy.namespace)})`;
  const [they, them] = open.length === 1 ? ['it', 'it'] : ['they', 'them'];
  const effect =
    direction === 'ingress'
      ? `everyone may connect to ${them}, inside and outside the cluster`
      : `${they} may connect to everything, inside and outside the cluster`;
  return {
    at: isolationPlace(policy, direction),
    message: `No policy isolates ${who} for ${direction}: ${effect}. Most of the others there are isolated. Add a default deny for the namespace, with rules for what ${they} need${they === 'it' ? 's' : ''}, unless ${they} ${they === 'it' ? 'is' : 'are'} open on purpose.`,
    related: open
      .slice(0, 3)
      .map(({ value }) => ({ at: value.at, message: `${value.kind} ${value.name} is open for ${direction}` })),
    fixes: [addDefaultDeny(context, direction, workloadNames(open, policy.namespace))],
  };
}

function addDefaultDeny({ scope, policy, profile }: PolicyContext, direction: Direction, names: string): Fix {
  const name = freeName(scope, policy, `default-deny-${direction}`);
  const fits = policy.value.family !== 'calico' || policy.value.order.tierName === 'default';
  return {
    title:
      direction === 'ingress'
        ? `Add policy ${name} (cuts off all ingress to ${names} that no policy allows)`
        : `Add policy ${name}, which allows DNS only (cuts off all other egress of ${names}; opens ${whatIsOpened(profile, ['UDP', 'TCP'])} to every pod)`,
    // In another tier it would come before what is allowed in later ones.
    changes: () => (fits ? appendPolicy(policy, name, specOf(direction, profile)) : undefined),
  };
}

/** As the templates default-deny-ingress and default-deny-egress; names have to resolve nevertheless. */
function specOf(direction: Direction, profile: ClusterProfile) {
  return direction === 'ingress'
    ? { podSelector: {}, policyTypes: ['Ingress'] }
    : { podSelector: {}, policyTypes: ['Egress'], egress: [dnsRule(profile)] };
}
