/** One direction's verdict where Cilium enforces the policies: FACTS B5 with A4.2 to A4.4. */
import { cidrContains } from './addresses.js';
import { isEndpoint, isEntity, isSubject, type Place, placeOf } from './cilium-identity.js';
import { isGiven, trafficMatch } from './cilium-ports.js';
import { tierVerdict } from './clusterpolicy.js';
import type { AddressesMatchPods, Connection, Direction, End } from './connection.js';
import { certainly, type Decision, type DirectionVerdict, nameOf, undecided } from './decision.js';
import { allOf, type Match } from './match.js';
import { isAbout, isolates, ruleMatches } from './networkpolicy.js';
import { type Cluster, namespaceOf, type Pod, type Service } from './objects.js';
import type { CidrRule, CiliumEntry, CiliumPolicy, CiliumRule, ServiceRule } from './objects-cilium.js';
import { selectorMatches } from './select.js';
import { dnsService, isBehind, isKnown } from './service.js';

/** The entries of all policies about a pod in one direction; a decision for each. */
interface United {
  readonly isolating: Decision[];
  readonly denying: Decision[];
  readonly allowing: Decision[];
  /** Those that allow it on conditions. */
  readonly perhaps: Decision[];
}

/** FACTS B2: Cilium's policies are in the tier of the network policies. */
export function ciliumVerdict(
  cluster: Cluster,
  own: Pod,
  other: End,
  direction: Direction,
  connection: Connection,
  addressesMatchPods: AddressesMatchPods,
): DirectionVerdict {
  const tier = (name: 'admin' | 'baseline') => {
    const found = tierVerdict(cluster, name, own, other, direction, connection, addressesMatchPods);
    if (found === undefined || found.action === 'pass') return undefined;
    const { kind, metadata } = found.policy;
    const policy = nameOf({ kind, namespace: undefined, name: metadata.name });
    return certainly(found.action === 'allow', [{ tier: name, policy, rule: found.rule }]);
  };
  return (
    tier('admin') ??
    unitedVerdict(united(cluster, own, other, direction, connection, addressesMatchPods)) ??
    tier('baseline') ??
    undecided
  );
}

/** FACTS B5: what denies comes first, then what allows; then it is denied where any policy isolates the pod. */
function unitedVerdict({ isolating, denying, allowing, perhaps }: United): DirectionVerdict | undefined {
  if (denying.length > 0) return certainly(false, denying);
  if (allowing.length > 0) return certainly(true, allowing);
  if (isolating.length === 0) return undefined;
  return { allowed: false, possible: perhaps.length > 0, decidedBy: perhaps.length > 0 ? perhaps : isolating };
}

function united(
  cluster: Cluster,
  own: Pod,
  other: End,
  direction: Direction,
  connection: Connection,
  addressesMatchPods: AddressesMatchPods,
): United {
  const found: United = { isolating: [], denying: [], allowing: [], perhaps: [] };
  for (const policy of cluster.networkPolicies) {
    const rules = policy.spec?.[direction] ?? [];
    // Rules count also where policyTypes leaves out their direction; it is asked only where there are none.
    const counts = isAbout(policy, own) && (rules.length > 0 || isolates(policy, own, direction));
    if (!counts) continue;
    const namespace = namespaceOf(policy);
    const decide = decisionOf('NetworkPolicy', namespace, policy.metadata.name);
    found.isolating.push(decide(undefined));
    for (const [index, rule] of rules.entries()) {
      const matches = ruleMatches(cluster, namespace, rule ?? {}, other, connection, addressesMatchPods);
      if (matches) found.allowing.push(decide(index));
    }
  }
  const place = placeOf(other, own);
  for (const policy of cluster.cilium.policies) {
    const namespace = policy.kind === 'CiliumNetworkPolicy' ? namespaceOf(policy) : undefined;
    const decide = decisionOf(policy.kind, namespace, policy.metadata.name);
    for (const rule of rulesOf(policy)) {
      if (rule.endpointSelector === undefined || !isSubject(cluster, namespace, rule.endpointSelector, own)) continue;
      const deny = (direction === 'ingress' ? rule.ingressDeny : rule.egressDeny) ?? [];
      const allow = rule[direction] ?? [];
      if (deny.length === 0 && allow.length === 0) continue;
      const isIsolating = rule.enableDefaultDeny?.[direction] ?? true;
      if (isIsolating) found.isolating.push(decide(undefined));
      const match = (entry: CiliumEntry) => entryMatch(cluster, namespace, entry, other, place, connection);
      for (const [index, entry] of deny.entries()) {
        if (match(entry) === 'yes') found.denying.push(decide(index));
      }
      for (const [index, entry] of allow.entries()) {
        const matches = match(entry);
        if (matches === 'no') continue;
        // Where a rule denies nothing by default, its conditions keep nothing out (since about 1.18).
        if (matches === 'yes' || !isIsolating) found.allowing.push(decide(index));
        else found.perhaps.push(decide(index));
      }
    }
  }
  // A pod's own node is let in where it would be denied for want of a rule, not where a rule denies it.
  if (direction === 'ingress' && place === 'host' && found.isolating.length > 0)
    found.allowing.push(...found.isolating);
  return found;
}

function decisionOf(kind: string, namespace: string | undefined, name: string) {
  const policy = nameOf({ kind, namespace, name });
  return (rule: number | undefined): Decision => ({ tier: 'namespaced', policy, rule });
}

/** `spec`, and each of `specs`, are rules of their own. Those about nodes are for the host alone: pods are not their subject. */
function rulesOf({ spec, specs }: CiliumPolicy): readonly CiliumRule[] {
  return [...(spec ? [spec] : []), ...(specs ?? [])];
}

function entryMatch(
  cluster: Cluster,
  namespace: string | undefined,
  entry: CiliumEntry,
  other: End,
  place: Place,
  connection: Connection,
): Match {
  const mode = entry.authentication?.mode ?? 'disabled';
  return allOf([
    isPeer(cluster, namespace, entry, other, place) ||
      (mayBeService(cluster, namespace, entry, other, place) ? 'maybe' : false),
    trafficMatch(entry, connection),
    mode === 'disabled' ? true : 'maybe',
  ]);
}

/** FACTS B5, the table on the shape of an entry. */
function isPeer(
  cluster: Cluster,
  namespace: string | undefined,
  entry: CiliumEntry,
  other: End,
  place: Place,
): boolean {
  const endpoints = entry.fromEndpoints ?? entry.toEndpoints;
  const entities = entry.fromEntities ?? entry.toEntities;
  const nodes = entry.fromNodes ?? entry.toNodes;
  const cidrs = entry.fromCIDR ?? entry.toCIDR;
  const cidrRules = entry.fromCIDRSet ?? entry.toCIDRSet;
  const groups = entry.fromGroups ?? entry.toGroups;
  const { toServices, toFQDNs } = entry;
  // An empty list is nobody; without any list it is anybody, if ports or messages are listed.
  const lists = [endpoints, entities, nodes, cidrs, cidrRules].filter((list) => list !== undefined && list !== null);
  if (lists.length === 0 && ![toServices, toFQDNs, groups].some(isGiven)) {
    return isGiven(entry.toPorts) || isGiven(entry.icmps);
  }
  const { nodeLabels } = other;
  return (
    (endpoints ?? []).some((selector) => isEndpoint(cluster, namespace, selector, other, place)) ||
    (entities ?? []).some((entity) => isEntity(entity, place)) ||
    // The own node is not among them.
    (place === 'remote-node' &&
      nodeLabels !== undefined &&
      (nodes ?? []).some((each) => selectorMatches(each, nodeLabels))) ||
    (place === 'world' &&
      (cidrs ?? []).some((cidr) => other.addresses.some((address) => cidrContains(cidr, address)))) ||
    (place === 'world' && (cidrRules ?? []).some((rule) => isInCidrRule(cluster, rule, other))) ||
    (toServices ?? []).some((rule) => place === 'pod' && isBehindService(cluster, namespace, rule, other.pod))
    // Of toFQDNs and toGroups no manifest tells the addresses: nobody that is known here.
  );
}

function isInCidrRule(cluster: Cluster, rule: CidrRule, { addresses }: End): boolean {
  const { cidr, cidrGroupRef, cidrGroupSelector, except } = rule;
  const groups = cluster.cilium.groups.filter(
    ({ metadata }) =>
      metadata.name === cidrGroupRef ||
      (cidrGroupSelector !== undefined && selectorMatches(cidrGroupSelector, metadata.labels ?? {})),
  );
  const cidrs = cidr === undefined ? groups.flatMap(({ spec }) => spec?.externalCIDRs ?? []) : [cidr];
  return addresses.some(
    (address) =>
      cidrs.some((each) => cidrContains(each, address)) && !(except ?? []).some((each) => cidrContains(each, address)),
  );
}

/** FACTS B5: of a service that is not known the pods are its namespace's, and other endpoints are addresses outside. */
function mayBeService(
  cluster: Cluster,
  namespace: string | undefined,
  { toServices }: CiliumEntry,
  { pod }: End,
  place: Place,
): boolean {
  return (toServices ?? []).some((rule) => {
    if (isKnown(servicesMeant(cluster, namespace, rule))) return false;
    const where = (rule.k8sService ?? rule.k8sServiceSelector)?.namespace;
    return place === 'world' || (place === 'pod' && (where === undefined || where === pod?.namespace));
  });
}

/** A service is meant by name, or by its labels; without a namespace, the policy's own, or any for a policy without one. */
function isBehindService(
  cluster: Cluster,
  namespace: string | undefined,
  rule: ServiceRule,
  pod: Pod | undefined,
): boolean {
  return servicesMeant(cluster, namespace, rule).some((service) => pod !== undefined && isBehind(service, pod));
}

function servicesMeant(
  cluster: Cluster,
  namespace: string | undefined,
  { k8sService, k8sServiceSelector }: ServiceRule,
): readonly Service[] {
  const where = (k8sService ?? k8sServiceSelector)?.namespace ?? namespace;
  const found = cluster.services.filter(
    (service) =>
      (where === undefined || namespaceOf(service) === where) &&
      (k8sService === undefined || service.metadata.name === k8sService.serviceName) &&
      (k8sServiceSelector === undefined || selectorMatches(k8sServiceSelector.selector, service.metadata.labels ?? {})),
  );
  const isDns = k8sService?.serviceName === dnsService.metadata.name && where === dnsService.metadata.namespace;
  return found.length === 0 && isDns ? [dnsService] : found;
}
