import { type AddressSet, intersect, isEmpty, isSubset, overlaps, subtract, union } from '../model/addresses.js';
import type { Entity } from '../model/peer.js';
import type { Answer } from '../model/three.js';
import type { Cluster } from './cluster.js';
import type { Endpoint } from './stages.js';

/** Where an address is that is no pod's, seen from some pods: outside of the cluster, on their own node, on another. */
export type Place = 'world' | 'host' | 'remote-node';

/** What Cilium knows an address by. Source: FACTS A4.2. */
export interface Identity {
  /** It is in one of these; verdicts are about the first, and the others make them uncertain. */
  readonly places: readonly [Place, ...Place[]];
  /** Whether it is the API server's besides. */
  readonly apiServer: Answer;
}

export type AddressEnd = Extract<Endpoint, { readonly kind: 'addresses' }>;

/** Of addresses about which nobody says anything else: outside of the cluster. */
const outside: Identity = { places: ['world'], apiServer: 'unknown' };

export function identityOf({ identity = outside }: AddressEnd): Identity {
  return identity;
}

/** Of an end whose identity is known: whether that is a node's, of which verdicts are then. */
export function isNode(end: AddressEnd): boolean {
  return identityOf(end).places[0] !== 'world';
}

/** Whether an entity stands for some addresses of one identity. Source: FACTS A4.2. */
export function entityTakesAddresses(entity: Entity, end: AddressEnd): Answer {
  const { places, apiServer } = identityOf(end);
  switch (entity) {
    case 'all':
      return 'yes';
    case 'cluster':
      return isNode(end) || apiServer === 'yes' ? 'yes' : 'no';
    case 'kube-apiserver':
      return apiServer;
    default:
      return entity === places[0] ? 'yes' : 'no';
  }
}

/** Whether an end is, as far as is known, not a node's address but one of those that blocks are about. */
export function isOutside(cluster: Cluster, end: AddressEnd): boolean {
  return identified(cluster, end).every((part) => !isNode(part));
}

/**
 * Addresses in parts of which all of each has one identity: by the record in which they were seen, else by the configured
 * ranges of the nodes and the API server. Only Cilium tells these apart from other addresses. Source: FACTS B5 (CIDR).
 */
export function identified(cluster: Cluster, end: AddressEnd): readonly [AddressEnd, ...AddressEnd[]] {
  const { nodeAddresses, apiServerAddresses } = cluster;
  if (end.identity !== undefined || (isEmpty(nodeAddresses) && isEmpty(apiServerAddresses))) return [end];
  const [first, ...others] = splitBy(end.addresses, nodeAddresses).flatMap((part) =>
    splitBy(part, apiServerAddresses).map((addresses): AddressEnd => {
      return { kind: 'addresses', addresses, identity: configured(cluster, addresses) };
    }),
  );
  return first === undefined ? [end] : [first, ...others];
}

/** An end once for each place in which it may be; pods as they are. */
export function inEachPlace(cluster: Cluster, end: Endpoint): readonly Endpoint[] {
  if (end.kind !== 'addresses') return [end];
  return identified(cluster, end).flatMap((part) => {
    const { places, apiServer } = identityOf(part);
    return places.length === 1
      ? [part]
      : places.map((place) => ({ ...part, identity: { places: [place], apiServer } }));
  });
}

/** The addresses at which it changes what an address is. */
export function identityRanges({ nodeAddresses, apiServerAddresses }: Cluster): readonly AddressSet[] {
  return [nodeAddresses, apiServerAddresses];
}

/** Of addresses that lie in or outside of the configured ranges as a whole. */
function configured({ nodeAddresses, apiServerAddresses }: Cluster, addresses: AddressSet): Identity {
  const isTold = !isEmpty(apiServerAddresses);
  const apiServer = isTold ? (isSubset(addresses, apiServerAddresses) ? 'yes' : 'no') : 'unknown';
  // Which node some pods run on is seldom known, and never which addresses it has.
  if (isSubset(addresses, nodeAddresses)) return { places: ['remote-node', 'host'], apiServer };
  // The API server runs on a node or elsewhere: that is known where the nodes are.
  const anywhere = apiServer === 'yes' && isEmpty(nodeAddresses);
  return { places: anywhere ? ['world', 'remote-node', 'host'] : ['world'], apiServer };
}

/** What of some addresses lies in a range, and what does not. */
function splitBy(addresses: AddressSet, range: AddressSet): readonly AddressSet[] {
  if (!overlaps(addresses, range) || isSubset(addresses, range)) return [addresses];
  return [intersect(addresses, range), subtract(addresses, range)];
}

/** The identity that Hubble's reserved labels tell; undefined where they tell none. Source: Cilium's reserved identities. */
export function identitySeen(entities: ReadonlySet<string>): Identity | undefined {
  const apiServer = entities.has('kube-apiserver') ? 'yes' : 'no';
  if (entities.has('host')) return { places: ['host'], apiServer };
  if (entities.has('remote-node')) return { places: ['remote-node'], apiServer };
  if ([...entities].some((entity) => entity.startsWith('world'))) return { places: ['world'], apiServer };
  return apiServer === 'yes' ? { places: ['world', 'remote-node', 'host'], apiServer } : undefined;
}

/** Two parts of one end, as one again; what they are is kept where they are the same. */
export function joinAddressEnds(a: AddressEnd, b: AddressEnd): AddressEnd {
  const addresses = union(a.addresses, b.addresses);
  const same = JSON.stringify(a.identity) === JSON.stringify(b.identity);
  return same ? { ...a, addresses } : { kind: 'addresses', addresses };
}
