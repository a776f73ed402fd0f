import { allIPv4, allIPv6, isEmpty, isSubset, overlaps } from '../model/addresses.js';
import type { AddressPeer, NamespaceMatch, Peer } from '../model/peer.js';
import { namespaceOfName } from '../model/pod-facts.js';
import type { Policy, Rule } from '../model/policy.js';
import * as ports from '../model/ports.js';
import { disjoint, everything, implies, type Labels, plainTerms, type Selector } from '../model/selector.js';
import type { NamespaceRef, Placed, Scope } from '../workspace/scope.js';
import { namespaceSelected } from './matching.js';

/** One peer of one rule, on the rule's ports: the smallest part of a policy that says what passes. */
export interface Part {
  readonly policy: Placed<Policy>;
  readonly rule: Rule;
  readonly peer: Peer;
}

/**
 * Whether every connection that `inner` is about is one that `outer` is about, for the same pods, by their ends and ports: what a
 * rule asks besides is not looked at. False where that is not
 * certain: names of ports are compared as names, and addresses never hold pods, since plugins differ there.
 */
export function contains(scope: Scope, outer: Part, inner: Part): boolean {
  return (
    peerContains(scope, outer, inner) &&
    (outer.rule === inner.rule || ports.isSubset(inner.rule.ports, outer.rule.ports))
  );
}

function peerContains(scope: Scope, outer: Part, inner: Part): boolean {
  const [a, b] = [outer.peer, inner.peer];
  if (a.uncertain || b.uncertain || outer.rule.uncertain || inner.rule.uncertain) return false;
  // A rule about a part of its pods holds another's whole only if it is that rule.
  if (outer.rule !== inner.rule && outer.rule.own !== undefined) return false;
  if (a.kind === 'pods' && a.onlyNamespacedSets !== (b.kind === 'pods' ? b.onlyNamespacedSets : undefined))
    return a === b;
  if (isEveryone(a)) return true;
  switch (b.kind) {
    case 'anything':
      return false;
    case 'pods':
      return (
        a.kind === 'pods' &&
        holds(a.pods, b.pods) &&
        namespacesContain(scope, a.namespaces, outer.policy.namespace, b.namespaces, inner.policy.namespace) &&
        canMatch(b.pods)
      );
    case 'addresses':
      // Long lists of blocks are usual: most pairs are told apart by their ends. IPv4 in IPv6 form is either to programs.
      return (
        a.kind === 'addresses' &&
        a.cidr.family === b.cidr.family &&
        a.cidr.ipv4Mapped === b.cidr.ipv4Mapped &&
        a.cidr.first <= b.cidr.last &&
        b.cidr.first <= a.cidr.last &&
        isSubset(b.addresses, a.addresses) &&
        !isEmpty(b.addresses)
      );
    case 'nodes':
      return a.kind === 'nodes' && holds(a.nodes, b.nodes);
    case 'domains':
      return a.kind === 'domains' && b.patterns.every((each) => a.patterns.includes(each));
    case 'entity':
      return a.kind === 'entity' && (a.entity === b.entity || a.entity === 'all');
    case 'service':
      return (
        a.kind === 'service' &&
        b.name !== undefined &&
        a.name === b.name &&
        a.namespace === b.namespace &&
        !a.portsCount
      );
    case 'address set':
    case 'all of':
      return a === b;
  }
}

/** Cilium's entity `all` takes in whatever no peer at all does (FACTS B5). */
function isEveryone(peer: Peer): boolean {
  return peer.kind === 'anything' || (peer.kind === 'entity' && peer.entity === 'all');
}

/** Whether every pod that `inner` is about is one that `outer` is about; false where that is not certain. */
export function subjectContains(scope: Scope, outer: Placed<Policy>, inner: Placed<Policy>): boolean {
  const [a, b] = [outer.value.subject, inner.value.subject];
  return (
    !a.uncertain &&
    !b.uncertain &&
    namespacesContain(scope, a.namespaces, outer.namespace, b.namespaces, inner.namespace) &&
    holds(a.pods, b.pods)
  );
}

/** Whether `inner` implies `outer`, with a short way for lists of labels, which most selectors are. */
function holds(outer: Selector, inner: Selector): boolean {
  if (outer.op === 'All') return true;
  if (outer.op === 'And') return outer.terms.every((term) => holds(term, inner));
  const asked = plainTerms(inner);
  if (outer.op !== 'In' || asked === undefined) return implies(inner, outer) === 'yes';
  return asked.get(outer.key)?.every((value) => outer.values.includes(value)) === true;
}

/**
 * The labels that a selector asks for, each with the one value; undefined where it asks for anything but `key in (values)`,
 * each of another key.
 */
export function labelsAsked(selector: Selector): Labels | undefined {
  if (selector.op === 'All') return noLabels;
  const found = plainTerms(selector);
  if (found === undefined) return undefined;
  const known = asked.get(selector);
  if (known !== undefined) return known;
  const labels = new Map<string, string>();
  for (const [key, [value, ...others]] of found)
    if (value !== undefined && others.every((other) => other === value)) labels.set(key, value);
  asked.set(selector, labels);
  return labels;
}

const noLabels: Labels = new Map();

/** A pure function's memory: each selector is compared with many. */
const asked = new WeakMap<Selector, Labels>();

function namespacesContain(
  scope: Scope,
  outer: NamespaceMatch,
  outerOwn: NamespaceRef,
  inner: NamespaceMatch,
  innerOwn: NamespaceRef,
): boolean {
  if (inner.own) {
    if (outer.own) return innerOwn.key === outerOwn.key;
    return namespaceSelected(scope, outer.selector, innerOwn) === 'yes';
  }
  if (!outer.own) return holds(outer.selector, inner.selector);
  return outerOwn.name !== undefined && holds(namespaceOfName(outerOwn.name), inner.selector);
}

/**
 * Whether some connection is one that both are about, by the labels, addresses and ports alone: false only where there is
 * none. Addresses are taken to hold pods where they are all there are (FACTS B2: `networks` matches pods as well).
 */
export function mayOverlap(scope: Scope, one: Part, other: Part): boolean {
  if (!portsMayOverlap(one.rule.ports, other.rule.ports)) return false;
  const [a, b] = [one.peer, other.peer];
  if (a.kind === 'anything' || b.kind === 'anything' || a.uncertain || b.uncertain) return true;
  // What these hold is looked up elsewhere, or joined of parts: nothing says that they never meet others.
  if (isComposed(a) || isComposed(b)) return true;
  if (a.kind === 'pods' && b.kind === 'pods') {
    return (
      disjoint(a.pods, b.pods) !== 'yes' &&
      namespacesMayOverlap(scope, a.namespaces, one.policy.namespace, b.namespaces, other.policy.namespace)
    );
  }
  if (a.kind === 'addresses') return b.kind === 'addresses' ? overlaps(a.addresses, b.addresses) : isWide(a);
  if (b.kind === 'addresses') return isWide(b);
  if (a.kind === 'nodes' && b.kind === 'nodes') return disjoint(a.nodes, b.nodes) !== 'yes';
  return a.kind === 'domains' && b.kind === 'domains' && a.patterns.some((each) => b.patterns.includes(each));
}

function isComposed({ kind }: Peer): boolean {
  return kind === 'all of' || kind === 'service' || kind === 'entity' || kind === 'address set';
}

/** Whether some pod may be one that both are about. */
export function subjectsMayOverlap(scope: Scope, one: Placed<Policy>, other: Placed<Policy>): boolean {
  const [a, b] = [one.value.subject, other.value.subject];
  return (
    disjoint(a.pods, b.pods) !== 'yes' &&
    namespacesMayOverlap(scope, a.namespaces, one.namespace, b.namespaces, other.namespace)
  );
}

function namespacesMayOverlap(
  scope: Scope,
  a: NamespaceMatch,
  aOwn: NamespaceRef,
  b: NamespaceMatch,
  bOwn: NamespaceRef,
): boolean {
  if (a.own && b.own) return aOwn.key === bOwn.key || aOwn.name === undefined || bOwn.name === undefined;
  if (a.own) return !b.own && namespaceSelected(scope, b.selector, aOwn) !== 'no';
  if (b.own) return namespaceSelected(scope, a.selector, bOwn) !== 'no';
  return disjoint(a.selector, b.selector) !== 'yes';
}

/** Names may stand for any port of their protocol. */
function portsMayOverlap(a: ports.PortSet, b: ports.PortSet): boolean {
  const open = (set: ports.PortSet) =>
    set.named.reduce((all, { protocol }) => ports.union(all, ports.allOf(protocol)), set);
  return ports.overlaps(open(a), open(b));
}

/** Some label set satisfies the selector. A contradiction holds in everything: that is no reason to call it contained. */
export function canMatch(selector: Selector): boolean {
  return disjoint(selector, everything) !== 'yes';
}

function isWide({ addresses }: AddressPeer): boolean {
  return isSubset(allIPv4, addresses) || isSubset(allIPv6, addresses);
}
