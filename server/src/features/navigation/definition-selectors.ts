import { setsOfPeer } from '../../engine/address-sets.js';
import type { LabelSite } from '../../engine/label-sites.js';
import {
  type MatchedWorkloads,
  namespaceSelected,
  podsSelected,
  subjectsOf,
  workloadsOfPeer,
  workloadsWhere,
} from '../../engine/matching.js';
import { partsOf, sourcesOf } from '../../engine/peer-parts.js';
import type { PodPeer } from '../../model/peer.js';
import type { Policy } from '../../model/policy.js';
import { isEverything, matches, type Selector } from '../../model/selector.js';
import { type Answer, and } from '../../model/three.js';
import type { NamespaceObject, Place, Workload } from '../../model/workload.js';
import type { Netpol } from '../../service.js';
import { covers } from '../../text/range.js';
import type { NamespaceRef, Placed, Scope } from '../../workspace/scope.js';
import { type Cursor, membersAt } from '../cursor.js';
import { givenLabel, type SiteAt, siteAt } from './label-cursor.js';
import { type Targets, wordUnder } from './targets.js';

/**
 * In a selector: the workloads, namespaces or services that the whole of it matches; on a label of it, the lines that give
 * them that label. A label that is given is its own definition, upon which editors show what refers to it.
 */
export function selectorMeans(netpol: Netpol, cursor: Cursor, offset: number): Targets | undefined {
  const found = siteAt(cursor.resource, offset);
  if (found === undefined) return undefined;
  const { site, use, word } = found;
  const origin = word?.text.at ?? wordUnder(cursor);
  const { node, onKey } = cursor.location;
  // What a template writes there is not known.
  if (!onKey && node.kind === 'scalar' && node.opaque) return undefined;
  if (site.role === 'given') return use === undefined ? undefined : { origin, targets: [use.key.at] };
  const targets = membersAt(netpol.workspace, cursor).flatMap(({ scope, policy }) =>
    policy === undefined ? objectsOfSite(scope, cursor, found) : matchedByPolicy(scope, policy, found),
  );
  return { origin, targets };
}

/** Those that surely match, or where there are none, those that may. */
export function certain({ sure, possible }: MatchedWorkloads): readonly Placed<Workload>[] {
  return sure.length > 0 ? sure : possible;
}

/** The peers of a policy that a selector in its text belongs to; none where it is the policy's own. */
export function peersAt({ value }: Placed<Policy>, site: LabelSite): readonly PodPeer[] {
  const { document } = site.at;
  return value.rules.flatMap((rule) =>
    [...partsOf(rule)].filter((peer): peer is PodPeer => {
      if (peer.kind !== 'pods') return false;
      return sourcesOf(peer).some(({ at }) => at.document === document && covers(site.range, at.range));
    }),
  );
}

function matchedByPolicy(scope: Scope, policy: Placed<Policy>, { site, use }: SiteAt): readonly Place[] {
  const peers = peersAt(policy, site);
  const { subject } = policy.value;
  if ((use?.of ?? site.of) === 'namespaces') {
    const all = peers.length > 0 ? peers.map(({ namespaces }) => namespaces) : [subject.namespaces];
    const found = all.flatMap((each) => (each.own ? [] : namespacesMatched(scope, each.selector)));
    if (found.length > 0) return found.map((each) => labelPlace(each, use?.key.text));
  }
  if (peers.length === 0) {
    // Whose labels they are is not the pods': a selector of services or nodes.
    if (site.of === 'services') return objectsMatched(scope, site);
    return certain(subjectsOf(scope, policy)).map((each) => podPlace(each, use?.key.text));
  }
  const workloads = peers.flatMap((peer) => certain(workloadsOfPeer(scope, policy, peer)));
  return [
    ...workloads.map((each) => podPlace(each, use?.key.text)),
    ...peers.flatMap((peer) => setPlaces(scope, policy, peer)),
  ];
}

/** What a selector of anything but a policy matches: a Service's, a monitor's, that of a pod's affinity. */
function objectsOfSite(scope: Scope, { resource }: Cursor, { site, use }: SiteAt): readonly Place[] {
  const { selector, reach } = site;
  if (selector === undefined) return [];
  if (site.of === 'services') return objectsMatched(scope, site);
  if (site.of === 'namespaces')
    return namespacesMatched(scope, selector).map((each) => labelPlace(each, use?.key.text));
  return scope.membersOf(resource).flatMap(({ placed: { namespace } }) => {
    const isThere = (other: NamespaceRef) =>
      reach === 'any'
        ? 'yes'
        : reach === 'own'
          ? sameNamespace(namespace, other)
          : namespaceSelected(scope, reach, other);
    const found = workloadsWhere(scope.workloads, (workload) =>
      and(isThere(workload.namespace), podsSelected(selector, workload.value)),
    );
    return certain(found).map((each) => podPlace(each, use?.key.text));
  });
}

function sameNamespace(a: NamespaceRef, b: NamespaceRef) {
  return a.key === b.key ? 'yes' : 'no';
}

function objectsMatched(scope: Scope, { selector }: LabelSite): readonly Place[] {
  if (selector === undefined) return [];
  const services = [...scope.namespaces.values()].flatMap((content) => content.services);
  return services.filter(({ value }) => matches(selector, value.labels)).map(({ value }) => value.at);
}

/** The Namespace objects that a selector surely chooses, else those that it may. */
function namespacesMatched(scope: Scope, selector: Selector): readonly Placed<NamespaceObject>[] {
  const answers = scope.declaredNamespaces.map((each) => ({
    each,
    answer: namespaceSelected(scope, selector, each.namespace),
  }));
  const of = (wanted: Answer) => answers.flatMap(({ each, answer }) => (answer === wanted ? [each] : []));
  const sure = of('yes');
  return sure.length > 0 ? sure : of('unknown');
}

function setPlaces(scope: Scope, policy: Placed<Policy>, peer: PodPeer): readonly Place[] {
  return isEverything(peer.pods) ? [] : setsOfPeer(scope, policy, peer).map(({ value }) => value.at);
}

/** The line that gives pods a label; their name where they lack it, as a selector may ask them to. */
function podPlace({ value }: Placed<Workload>, key: string | undefined): Place {
  return (key === undefined ? undefined : value.labelPlaces.get(key)) ?? value.at;
}

function labelPlace({ value, resource }: Placed<NamespaceObject>, key: string | undefined): Place {
  const given = key === undefined ? undefined : givenLabel(resource, key);
  return given?.key.at ?? value.at;
}
