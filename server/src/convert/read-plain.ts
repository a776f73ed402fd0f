import type { AllOfPeer, Peer } from '../model/peer.js';
import { isAboutGlobalSets, namespaceNameKey } from '../model/pod-facts.js';
import type { Policy, PortClause, Rule } from '../model/policy.js';
import {
  allOf,
  equal,
  isAll,
  isEmpty,
  isSubset,
  namedPort,
  noPorts,
  type PortSet,
  ports as portRange,
  union,
} from '../model/ports.js';
import type { Selector } from '../model/selector.js';
import type { Place } from '../model/workload.js';
import { joinRules } from './join-rules.js';
import type { ConvertedFamily, PlainPeer, PlainPolicy, PlainPort, PlainRule } from './plain-policy.js';
import { type Requirement, requirementsOf } from './requirements.js';

/** Something that the policy says and the other family cannot, as the end of a sentence that begins with its place. */
export interface Loss {
  readonly at: Place;
  readonly what: string;
}

/** Notes losses as they are met, so that all of them are told at once. */
type Lose = (at: Place, what: string) => undefined;

const transports = ['TCP', 'UDP', 'SCTP'] as const;

/** Keys under which the family looks for something else than labels of pods. Source: FACTS A3.6, A4.4. */
const reservedKeys: Readonly<Record<ConvertedFamily, RegExp>> = {
  kubernetes: /^$/,
  calico: /^(?:projectcalico\.org\/|pcns\.|pcsa\.)/,
  cilium: /^io\.(?:kubernetes\.pod\.namespace$|cilium\.k8s\.)/,
};

/** What a policy says in the words that all families have, but for its metadata; without what has no effect. */
export function readPlain(
  policy: Policy,
  to: ConvertedFamily,
  lose: Lose,
): Pick<PlainPolicy, 'pods' | 'isolates' | 'rules'> {
  const asked = (selector: Selector, at: Place, of: 'pods' | 'namespaces'): readonly Requirement[] => {
    const requirements = requirementsOf(selector);
    if (requirements === undefined) lose(at, selectorWords[of]);
    if (of === 'pods' && requirements?.some(({ key }) => reservedKeys[to].test(key)))
      lose(at, 'it asks for a label whose name has a meaning of its own there');
    return requirements ?? [];
  };
  const { subject } = policy;
  const at = subject.source?.at ?? policy.at;
  if (subject.nodes !== undefined) lose(at, 'it is about nodes');
  const counting = policy.directions ?? policy.isolates;
  const idle = policy.rules.find(({ direction }) => !counting.includes(direction));
  // FACTS B7: Cilium asks policyTypes only where there are no rules.
  if (idle !== undefined && to === 'cilium')
    lose(idle.at, 'policyTypes leaves its direction out, so that it does nothing by the API, and Cilium applies it');
  const rules = policy.rules
    .filter(({ direction }) => counting.includes(direction))
    .flatMap((rule): readonly PlainRule[] => {
      if (!policy.isolates.includes(rule.direction)) lose(rule.at, 'it allows without isolating the pods');
      if (rule.action !== 'Allow') lose(rule.at, `its action is ${rule.action}, and all others only allow`);
      for (const { at, words } of rule.constraints ?? []) lose(at, `it looks into the connection (${words})`);
      if (rule.own !== undefined) lose(rule.own.at, 'it is about some of the pods that the policy selects');
      if (rule.exceptPorts !== undefined) lose(rule.at, 'it leaves out ports, by names or of names');
      if (rule.peers.length === 0 || isEmpty(rule.ports)) return [];
      const peers = rule.peers.map((peer) => peerOf(peer, asked, lose));
      const ports = portsOf(rule);
      if (ports === 'other') lose(rule.at, 'it names protocols besides TCP, UDP and SCTP');
      const named = peers.filter((peer) => peer !== undefined && peer !== 'anyone');
      return [
        {
          direction: rule.direction,
          peers: peers.includes('anyone') ? undefined : named,
          ports: ports === 'other' ? undefined : ports,
        },
      ];
    });
  return {
    pods: asked(subject.pods, at, 'pods'),
    isolates: policy.isolates,
    rules: policy.family === 'calico' ? joinRules(rules) : rules,
  };
}

const selectorWords = {
  pods: 'its selector asks for more than a list of labels that a pod has or lacks',
  namespaces: 'its selector of namespaces asks for more than a list of labels',
};

function peerOf(
  peer: Peer,
  asked: (selector: Selector, at: Place, of: 'pods' | 'namespaces') => readonly Requirement[],
  lose: Lose,
): PlainPeer | 'anyone' | undefined {
  switch (peer.kind) {
    case 'anything':
      return 'anyone';
    case 'pods': {
      const { namespaces } = peer;
      // Namespaces that match it there are none, and what it means only Calico knows.
      if (isAboutGlobalSets(peer))
        return lose(
          peer.namespaceSource?.at ?? peer.at,
          'it chooses what is in no namespace: GlobalNetworkSets and host endpoints',
        );
      const where = namespaces.own
        ? undefined
        : asked(namespaces.selector, peer.namespaceSource?.at ?? peer.at, 'namespaces');
      return {
        kind: 'pods',
        // Every namespace has its name.
        namespaces: where?.filter(({ op, key }) => op !== 'Exists' || key !== namespaceNameKey),
        pods: asked(peer.pods, peer.podSource?.at ?? peer.at, 'pods'),
      };
    }
    case 'addresses':
      return { kind: 'block', cidr: peer.cidr, except: peer.except };
    case 'entity':
      return peer.entity === 'all' ? 'anyone' : lose(peer.at, `the entity ${peer.entity} is Cilium's own`);
    case 'nodes':
      return lose(peer.at, 'it chooses nodes');
    case 'domains':
      return lose(peer.at, `it names hosts (${peer.patterns.join(', ')})`);
    case 'service':
      return lose(peer.at, 'it names a service');
    case 'address set':
      return lose(peer.at, 'its addresses stand in another object');
    case 'all of':
      if (isOneFamily(peer)) return lose(peer.at, 'it is about one family of addresses alone (`ipVersion`)');
      return lose(peer.at, 'it joins several conditions on the other end, or excludes some of it');
  }
}

/** Everything, or one peer, but for all addresses of IPv4 or IPv6. */
function isOneFamily({ peers, except }: AllOfPeer): boolean {
  const [left, ...others] = except;
  return peers.length === 1 && others.length === 0 && left?.kind === 'addresses' && left.cidr.prefix === 0;
}

/** Undefined: every port. 'other': not only ports of TCP, UDP and SCTP. */
function portsOf({ ports, clauses }: Rule): readonly PlainPort[] | 'other' | undefined {
  if (isAll(ports)) return undefined;
  const written = clauses.flatMap(portsOfClause);
  if (equal(written.map(setOf).reduce(union, noPorts), ports)) return written;
  const listed = transports.flatMap((protocol) =>
    isSubset(allOf(protocol), ports)
      ? [{ protocol }]
      : (ports.byProtocol.get(protocol) ?? []).map(({ first, last }) => ({ protocol, from: first, to: last })),
  );
  const all = [...listed, ...ports.named];
  return equal(all.map(setOf).reduce(union, noPorts), ports) ? all : 'other';
}

/** As it is written, where ports are: each protocol by itself. */
function portsOfClause({ protocol, name, from, to }: PortClause): readonly PlainPort[] {
  const numbers = from === undefined ? {} : { from, to: to ?? from };
  return transports
    .filter((each) => protocol === 'any' || protocol === each)
    .map((each) => ({ protocol: each, ...(name === undefined ? numbers : { name }) }));
}

function setOf({ protocol, name, from, to }: PlainPort): PortSet {
  return name === undefined ? portRange(protocol, from, to) : namedPort(protocol, name);
}
