import { shelfFor, shelvesFor } from '../engine/by-label.js';
import { labelsAsked, type Part } from '../engine/containment.js';
import { inOrder, type Shelf } from '../engine/shelves.js';
import type { Peer } from '../model/peer.js';
import type { Direction, Policy, Rule } from '../model/policy.js';
import type { PortSet, Protocol } from '../model/ports.js';
import type { Labels } from '../model/selector.js';
import { knownOr, perList } from '../workspace/per-list.js';
import type { Placed } from '../workspace/scope.js';
import { allowsAll, isKnown } from './comparable.js';

/**
 * The parts of some policies of Kubernetes that may hold a peer of a rule of one of them, in the order of the policies: what
 * holds a part asks for no more than that one does.
 */
export function mayHold(
  policies: readonly Placed<Policy>[],
  policy: Placed<Policy>,
  rule: Rule,
  peer: Peer,
): Iterable<Part> {
  const { all, shelves } = partShelves(policies)[rule.direction];
  const subject = labelsAsked(policy.value.subject.pods);
  const asked = peer.kind === 'pods' ? labelsAsked(peer.pods) : noLabels;
  if (subject === undefined || asked === undefined || subject.size * asked.size > mostShelves) return inOrder([all]);
  const peers = peersAround(peer.kind, asked);
  const port = onePort(rule.ports);
  const open: Shelf<Part>[] = [];
  for (const pods of shelvesFor(subject)) {
    const ofPods = shelves.get(pods);
    if (ofPods === undefined) continue;
    for (const each of peers) {
      const ofPeer = ofPods.get(each);
      const exact = port === severalPorts ? undefined : ofPeer?.get(port);
      const wider = ofPeer?.get(severalPorts);
      if (exact !== undefined) open.push(exact);
      if (wider !== undefined) open.push(wider);
    }
  }
  return inOrder(open);
}

/** The shelves of peers that may hold one of a kind, each once. */
function peersAround(kind: Peer['kind'], asked: Labels): readonly string[] {
  if (kind === 'anything') return ['anything'];
  return kind === 'pods' ? ['anything', ...shelvesFor(asked)] : ['anything', kind];
}

/** By a label of the pods, a label of the peer (or its kind), and the port. */
interface PartShelves {
  readonly all: Shelf<Part>;
  readonly shelves: Map<string, Map<string, Map<number, Shelf<Part>>>>;
}

const partShelves = perList((policies: readonly Placed<Policy>[]) => {
  const found: Readonly<Record<Direction, PartShelves>> = {
    ingress: { all: [], shelves: new Map() },
    egress: { all: [], shelves: new Map() },
  };
  let place = 0;
  for (const policy of policies) {
    const { family, uncertain, subject, isolates, rules } = policy.value;
    if (family !== 'kubernetes' || uncertain) continue;
    const pods = shelfFor(subject.pods);
    for (const rule of rules) {
      if (!isolates.includes(rule.direction) || !isKnown(rule) || allowsAll(rule)) continue;
      const { all, shelves } = found[rule.direction];
      const port = onePort(rule.ports);
      for (const peer of rule.peers) {
        const entry = { place: place++, item: { policy, rule, peer } };
        all.push(entry);
        const ofPods = knownOr(shelves, pods, () => new Map<string, Map<number, Shelf<Part>>>());
        const ofPeer = knownOr(ofPods, peerShelf(peer), () => new Map<number, Shelf<Part>>());
        knownOr(ofPeer, port, () => []).push(entry);
      }
    }
  }
  return found;
});

function peerShelf(peer: Peer): string {
  return peer.kind === 'pods' ? shelfFor(peer.pods) : peer.kind;
}

/** A number for the only port of a rule: what has more holds it, and it holds nothing else. */
function onePort({ byProtocol, named }: PortSet): number {
  if (byProtocol.size !== 1 || named.length > 0) return severalPorts;
  for (const [protocol, [range, ...more]] of byProtocol)
    if (range !== undefined && more.length === 0 && range.first === range.last)
      return protocolNumbers[protocol] * 65_536 + range.first;
  return severalPorts;
}

const severalPorts = 0;
const protocolNumbers: Readonly<Record<Protocol, number>> = { TCP: 1, UDP: 2, SCTP: 3, ICMP: 4, ICMPv6: 5, other: 6 };

const noLabels: Labels = new Map();
/** Nobody asks for this many labels. */
const mostShelves = 100;
