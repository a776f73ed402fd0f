import type { Location } from 'vscode-languageserver-types';
import { setsOfPeer } from '../../engine/address-sets.js';
import { groupBy } from '../../engine/group-by.js';
import { labelSites } from '../../engine/label-sites.js';
import { namespaceSelected, peerMatches, selects, subjectsOf } from '../../engine/matching.js';
import { partsOf, sourcesOf, subjectPlace } from '../../engine/peer-parts.js';
import type { Steps } from '../../engine/steps.js';
import type { NamedAddresses } from '../../model/address-set.js';
import type { Peer, PodPeer } from '../../model/peer.js';
import type { Policy } from '../../model/policy.js';
import { matches } from '../../model/selector.js';
import type { Answer } from '../../model/three.js';
import type { ContainerPort, NamespaceObject, Place, Service, Workload } from '../../model/workload.js';
import { isBehind } from '../../rules/port-destinations.js';
import type { Netpol } from '../../service.js';
import { contains } from '../../text/range.js';
import { spanOf, valueAt } from '../../text/tree.js';
import { isOf, type Member } from '../../workspace/members.js';
import { contentOf, type NamespaceRef, type Placed, type Scope } from '../../workspace/scope.js';
import { type Cursor, cursorAt, membersAt } from '../cursor.js';
import { defineFeature, inSteps, type PlaceParams, placeIn } from '../feature.js';
import { isHead } from '../hover/hover.js';
import { isDestination, isMeant } from './definition-ports.js';
import { certain } from './definition-selectors.js';
import { siteAt } from './label-cursor.js';
import { familyAt, labelAt, wordsOf } from './rename-label.js';
import { portAt, portFamily } from './rename-port.js';
import { locationsOf } from './targets.js';
import { endsNaming } from './test-ends.js';

interface ReferenceParams extends PlaceParams {
  readonly context?: { readonly includeDeclaration?: boolean };
}

export const referencesFeature = defineFeature({
  method: 'textDocument/references',
  doc: 'From a workload, a label of its pods or a port of its containers to the policies and peers that match it; from a policy to its workloads; with the tests that name them.',
  capability: () => ({ referencesProvider: true }),
  afterLoad: true,
  answer: (asked, params: ReferenceParams) => inSteps(asked, () => locations(asked.netpol, params)),
});

function* locations(netpol: Netpol, params: ReferenceParams): Steps<Location[] | null> {
  const at = placeIn(netpol, params);
  if (at === undefined) return null;
  const found = yield* referencesAt(netpol, at.uri, at.offset);
  if (found === undefined) return null;
  const places = params.context?.includeDeclaration === false ? found.uses : [...found.declarations, ...found.uses];
  return locationsOf(netpol.workspace, places);
}

interface References {
  readonly declarations: readonly Place[];
  readonly uses: readonly Place[];
}

/** How many policies' selectors are read in one step: the first question reads those of all. */
const policiesAtOnce = 200;

/** What refers to the thing at an offset of a file; undefined where nothing is that others may refer to. */
function* referencesAt(netpol: Netpol, uri: string, offset: number): Steps<References | undefined> {
  const cursor = cursorAt(netpol.workspace, uri, offset);
  const placed = netpol.workspace.file(uri)?.documentAt(offset);
  if (cursor === undefined || placed === undefined) return yield* labelFamily(netpol, uri, offset);
  for (const scope of netpol.workspace.index.scopesOf(uri)) {
    for (const [index, policy] of scope.policies.entries()) {
      if (index % policiesAtOnce === policiesAtOnce - 1) yield;
      selectorsOf(policy);
    }
  }
  const within = offset - placed.offset;
  const site = siteAt(cursor.resource, within);
  const isPods = cursor.resource.object?.type === 'workload' && site?.site.of === 'pods';
  if (site?.site.role === 'given' && site.use !== undefined && (isPods || site.site.of === 'namespaces')) {
    const { key } = site.use;
    const uses = objectsAt(netpol, cursor).flatMap(({ scope, member }) => usesOfLabel(scope, member, key.text));
    return { declarations: [key.at], uses };
  }
  if (site?.use !== undefined) return yield* labelFamily(netpol, uri, offset);
  if (isHead(cursor)) return ofObjects(netpol, cursor);
  return containerPort(netpol, cursor, within) ?? (yield* namedPort(netpol, uri, offset));
}

interface ScopeObject {
  readonly scope: Scope;
  readonly member: Member;
}

/** The object under the cursor in each of its scopes. */
function objectsAt({ workspace }: Netpol, cursor: Cursor): readonly ScopeObject[] {
  return membersAt(workspace, cursor).flatMap(({ scope, policy, workload }): readonly ScopeObject[] => {
    if (policy !== undefined) return [{ scope, member: { type: 'policy', placed: policy } }];
    if (workload !== undefined) return [{ scope, member: { type: 'workload', placed: workload } }];
    return scope.membersOf(cursor.resource).map((member) => ({ scope, member }));
  });
}

function ofObjects(netpol: Netpol, cursor: Cursor): References | undefined {
  const objects = objectsAt(netpol, cursor);
  if (objects.length === 0) return undefined;
  return {
    declarations: objects.map(({ member }) => member.placed.value.at),
    uses: objects.flatMap(({ scope, member }) => usesOfObject(netpol, scope, member)),
  };
}

function usesOfObject(netpol: Netpol, scope: Scope, member: Member): readonly Place[] {
  if (isOf(member, 'workload')) {
    const { placed } = member;
    const services = contentOf(scope, placed.namespace).services.filter(({ value }) => isBehind(placed.value, value));
    return [
      ...selectorsMatching(scope, placed).map(({ at }) => at),
      ...services.map(({ value }) => value.at),
      ...endsNaming(netpol, scope, [placed]),
    ];
  }
  if (isOf(member, 'policy')) {
    const workloads = certain(subjectsOf(scope, member.placed));
    return [...workloads.map(({ value }) => value.at), ...endsNaming(netpol, scope, workloads)];
  }
  if (isOf(member, 'namespace')) return selectorsOfNamespace(scope, member.placed).map(({ at }) => at);
  if (isOf(member, 'service')) return usesOfService(netpol, scope, member.placed);
  if (isOf(member, 'tier')) {
    const { name } = member.placed.value;
    const inTier = scope.policies.filter(({ value: { order } }) => order.tier === 'tiered' && order.tierName === name);
    return inTier.map((policy) => tierPlace(policy));
  }
  if (isOf(member, 'addressSet'))
    return peersWhere(scope, (peer, policy) => takesSet(scope, peer, policy, member.placed));
  return [];
}

/** Where a policy says which tier it is in; its name where it says none. */
function tierPlace({ value, resource }: Placed<Policy>): Place {
  const tier = valueAt(valueAt(resource.node, 'spec'), 'tier');
  return tier === undefined ? value.at : spanOf(tier);
}

function takesSet(scope: Scope, peer: Peer, policy: Placed<Policy>, set: Placed<NamedAddresses>): boolean {
  const { value } = set;
  if (value.kind === 'CiliumCIDRGroup') {
    if (peer.kind !== 'address set') return false;
    return peer.name !== undefined
      ? peer.name === value.name
      : peer.selector !== undefined && matches(peer.selector, value.labels);
  }
  return peer.kind === 'pods' && setsOfPeer(scope, policy, peer).includes(set);
}

function usesOfService(netpol: Netpol, scope: Scope, service: Placed<Service>): readonly Place[] {
  const { name } = service.value;
  const entries = scope.entries.flatMap(({ value, namespace }) =>
    value.backends.filter(
      (backend) =>
        backend.service === name &&
        (backend.namespace === undefined ? namespace.key : backend.namespace) === service.namespace.key,
    ),
  );
  const peers = peersWhere(scope, (peer, policy) => {
    if (peer.kind !== 'service') return false;
    const own =
      peer.namespace ?? (peer.anyNamespace === true || policy.value.clusterWide ? undefined : policy.namespace.name);
    if (own !== undefined && own !== service.namespace.name) return false;
    return peer.name !== undefined
      ? peer.name === name
      : peer.selector !== undefined && matches(peer.selector, service.value.labels);
  });
  return [...entries.map(({ at }) => at), ...peers, ...endsNaming(netpol, scope, [], service)];
}

function peersWhere(scope: Scope, isWanted: (peer: Peer, policy: Placed<Policy>) => boolean): readonly Place[] {
  return scope.policies.flatMap((policy) =>
    policy.value.rules.flatMap((rule) =>
      [...partsOf(rule)].filter((peer) => isWanted(peer, policy)).map(({ at }) => at),
    ),
  );
}

/** A selector of a policy: its subject, or one of a peer. */
interface Matching {
  readonly policy: Placed<Policy>;
  readonly at: Place;
  /** Where its selectors begin: one of pods, of namespaces, or both. */
  readonly sources: readonly Place[];
}

/**
 * The subjects and peers that choose a workload's pods, in the order of the policies; those that may, where none surely
 * does. A rule that lets everybody through names nobody, and is left out.
 */
export function selectorsMatching(scope: Scope, workload: Placed<Workload>): readonly Matching[] {
  const found: { readonly matching: Matching; readonly answer: Answer }[] = [];
  for (const policy of scope.policies) {
    const { subject, peers, elsewhere } = selectorsOf(policy);
    const isNear = maybeSame(policy.namespace, workload.namespace);
    const chosen = !policy.value.clusterWide && !isNear ? 'no' : selects(scope, policy, workload);
    if (chosen !== 'no') found.push({ matching: subject, answer: chosen });
    for (const { peer, matching } of isNear ? peers : elsewhere) {
      const answer = peerMatches(scope, policy, peer, workload);
      if (answer !== 'no') found.push({ matching, answer });
    }
  }
  const sure = found.filter(({ answer }) => answer === 'yes');
  return (sure.length > 0 ? sure : found).map(({ matching }) => matching);
}

/** Two namespaces of which none is unset are the same, or are not. */
function maybeSame(a: NamespaceRef, b: NamespaceRef): boolean {
  return a.key === b.key || a.name === undefined || b.name === undefined;
}

/** What a policy chooses pods by. */
interface PolicySelectors {
  readonly policy: Placed<Policy>;
  readonly subject: Matching;
  readonly peers: readonly { readonly peer: PodPeer; readonly matching: Matching }[];
  /** Those peers that are not about the policy's own namespace. */
  readonly elsewhere: PolicySelectors['peers'];
}

function selectorsOf(policy: Placed<Policy>): PolicySelectors {
  const known = selectors.get(policy);
  if (known !== undefined) return known;
  const at = subjectPlace(policy);
  const peers = policy.value.rules.flatMap((rule) =>
    [...partsOf(rule)].flatMap((peer) => {
      if (peer.kind !== 'pods') return [];
      return [{ peer, matching: { policy, at: peer.at, sources: sourcesOf(peer).map((source) => source.at) } }];
    }),
  );
  const sources = policy.value.subject.source === undefined ? [] : [at];
  const elsewhere = peers.filter(({ peer }) => !peer.namespaces.own);
  const found = { policy, subject: { policy, at, sources }, peers, elsewhere };
  selectors.set(policy, found);
  return found;
}

/** A pure function's memory: a policy of a scope never changes, and a new one takes the place of this. */
const selectors = new WeakMap<Placed<Policy>, PolicySelectors>();

/** The peers and subjects that choose a namespace by its labels. */
function selectorsOfNamespace(scope: Scope, { namespace }: Placed<NamespaceObject>): readonly Matching[] {
  return scope.policies.flatMap((policy): readonly Matching[] => {
    const { subject, rules } = policy.value;
    const at = subjectPlace(policy);
    const isSubject =
      policy.value.clusterWide &&
      !subject.namespaces.own &&
      subject.nodes === undefined &&
      namespaceSelected(scope, subject.namespaces.selector, namespace) === 'yes';
    const peers = rules.flatMap((rule) =>
      [...partsOf(rule)].flatMap((peer): readonly Matching[] => {
        if (peer.kind !== 'pods' || peer.namespaces.own || peer.namespaceSource === undefined) return [];
        const answer = namespaceSelected(scope, peer.namespaces.selector, namespace);
        return answer === 'yes' ? [{ policy, at: peer.namespaceSource.at, sources: [peer.namespaceSource.at] }] : [];
      }),
    );
    return isSubject ? [{ policy, at, sources: [at] }, ...peers] : peers;
  });
}

/** Where selectors that match the object as a whole ask for one label of it. */
function usesOfLabel(scope: Scope, member: Member, key: string): readonly Place[] {
  const of = isOf(member, 'workload') ? 'pods' : 'namespaces';
  const matching = isOf(member, 'workload')
    ? selectorsMatching(scope, member.placed)
    : isOf(member, 'namespace')
      ? selectorsOfNamespace(scope, member.placed)
      : [];
  const inPolicies = matching.flatMap(({ policy, sources }) =>
    labelSites(policy.resource).flatMap(({ at, labels }) =>
      sources.some(({ document, range }) => document === at.document && range.start === at.range.start)
        ? labels.filter((use) => use.of === of && use.key.text === key).map((use) => use.key.at)
        : [],
    ),
  );
  if (!isOf(member, 'workload')) return inPolicies;
  const { placed } = member;
  const services = contentOf(scope, placed.namespace).services.filter(
    ({ value }) => value.selector?.has(key) === true && isBehind(placed.value, value),
  );
  const others = [placed, ...services].flatMap(({ resource }) =>
    labelSites(resource).flatMap(({ role, of, at, labels }) =>
      // The workload's own selector and the services'; what its affinity asks for is about other pods.
      role === 'asked' && of === 'pods' && isSelectorKey(at)
        ? labels.filter((use) => use.key.text === key).map((use) => use.key.at)
        : [],
    ),
  );
  return [...inPolicies, ...others];
}

function isSelectorKey({ document, range }: Place): boolean {
  return /^["']?selector["']?$/.test(document.text.slice(range.start, range.end));
}

/** On a port that a container declares: the ports of rules about the workload that take it in, and what else names it. */
function containerPort(netpol: Netpol, cursor: Cursor, offset: number): References | undefined {
  const { object, node } = cursor.resource;
  if (object?.type !== 'workload' || !cursor.path.includes('ports')) return undefined;
  const item = cursor.location.ancestors.findLast((each) => each.kind === 'map');
  const isHere = ({ at }: ContainerPort) =>
    at.document === node.document &&
    (contains(at.range, offset) || (item !== undefined && contains(item.range, at.range.start)));
  const field = cursor.path.at(-1);
  if (field !== 'name' && field !== 'containerPort') return undefined;
  const found = objectsAt(netpol, cursor).flatMap(({ scope, member }) => {
    if (!isOf(member, 'workload')) return [];
    const port = member.placed.value.ports.find(isHere);
    return port === undefined ? [] : [{ port, uses: usesOfPort(scope, member.placed, port) }];
  });
  if (found.length === 0) return undefined;
  return { declarations: found.map(({ port }) => port.at), uses: found.flatMap(({ uses }) => uses) };
}

function usesOfPort(scope: Scope, workload: Placed<Workload>, port: ContainerPort): readonly Place[] {
  const clauses: Place[] = [];
  for (const policy of scope.policies) {
    const isNear = policy.value.clusterWide || maybeSame(policy.namespace, workload.namespace);
    for (const rule of policy.value.rules) {
      if (rule.direction === 'ingress' && !isNear) continue;
      const taken = rule.clauses.filter((clause) => isMeant(clause, port));
      if (taken.length > 0 && isDestination(scope, policy, rule, workload))
        for (const { portAt, at } of taken) clauses.push(portAt ?? at);
    }
  }
  const services = contentOf(scope, workload.namespace).services.flatMap(({ value }) =>
    isBehind(workload.value, value)
      ? value.ports.filter(
          ({ targetPort, protocol }) =>
            protocol === port.protocol && (targetPort === port.port || targetPort === port.name),
        )
      : [],
  );
  return [...clauses, ...services.map(({ at }) => at)];
}

/** In a selector: every place that means the same label. */
function* labelFamily(netpol: Netpol, uri: string, offset: number): Steps<References | undefined> {
  const found = labelAt(netpol, uri, offset);
  if (found === undefined) return undefined;
  const family = yield* familyAt(netpol, found);
  const [given, asked] = (['given', 'asked'] as const).map((role) => ({
    ...family,
    uses: family.uses.filter((use) => use.role === role),
  }));
  const places = (part: typeof family | undefined) =>
    part === undefined ? [] : wordsOf(part, found.word).map(({ at }) => at);
  return { declarations: places(given), uses: places(asked) };
}

function* namedPort(netpol: Netpol, uri: string, offset: number): Steps<References | undefined> {
  const word = portAt(netpol, uri, offset);
  if (word === undefined) return undefined;
  const { workloads, parts } = yield* portFamily(netpol, uri, word);
  const declared = workloads.flatMap(({ value }) =>
    value.ports.flatMap(({ name, at }) => (name === word.text ? [at] : [])),
  );
  const byDocument = groupBy(declared, ({ document }) => document);
  const isDeclared = ({ document, range }: Place) =>
    byDocument.get(document)?.some((at) => contains(at.range, range.start)) === true;
  return { declarations: declared, uses: parts.map(({ at }) => at).filter((at) => !isDeclared(at)) };
}
