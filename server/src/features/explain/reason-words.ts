import { podsName } from '../../engine/connection-names.js';
import { describePeer } from '../../engine/describe.js';
import { doubtWords } from '../../engine/doubts.js';
import type { Part, Side } from '../../engine/explain.js';
import type { AppliedRule } from '../../engine/layers.js';
import type { Reason } from '../../engine/near-misses.js';
import { factsOf } from '../../engine/peer-takes.js';
import { addressesOf, toCidrs } from '../../model/addresses.js';
import type { Peer } from '../../model/peer.js';
import { keyWords, withFacts } from '../../model/pod-facts.js';
import { isEmpty, printPorts } from '../../model/ports.js';
import { list, printSelector } from '../../model/print.js';
import { keysOf } from '../../model/selector.js';
import { endName } from './end-name.js';

type Of<K extends Reason['kind']> = Extract<Reason, { readonly kind: K }>;

/** Why a rule does not match, as a sentence without its full stop. */
export function reasonWords(reason: Reason, { policy, rule }: AppliedRule, part: Part, side: Side): string {
  const other = side.direction === 'egress' ? part.to : part.from;
  const otherName = endName(other);
  switch (reason.kind) {
    case 'label':
      return labelWords(reason);
    case 'other namespace':
      return reason.on === 'subject'
        ? `it is about pods of its own namespace, ${reason.own}, and these are in ${reason.is}`
        : `podSelector alone means pods of the policy's own namespace, ${reason.own}, and ${otherName} is in ${reason.is}`;
    case 'ports':
      return portWords(reason, part);
    case 'direction not listed':
      return `policyTypes does not list ${side.direction === 'egress' ? 'Egress' : 'Ingress'}, so the rule has no effect`;
    case 'peer kind':
      return peerKindWords(reason, otherName, (peer) => describePeer(peer, policy.placed.namespace, rule.direction));
    case 'address': {
      if (reason.how === 'node') return `${otherName} is a node's address, and Cilium never matches nodes by address`;
      const { cidr, except } = reason.peer;
      const block = list(toCidrs(addressesOf(cidr)));
      if (reason.how === 'outside') return `the block ${block} does not hold ${otherName}`;
      if (reason.how === 'part')
        return `the block ${block}${except.length > 0 ? ' with its except' : ''} holds only a part of ${otherName}`;
      return `${otherName} is in the except of ${block}`;
    }
    case 'not known':
      return reason.on === 'subject'
        ? `whether ${policy.placed.value.name} selects these pods is not known: ${doubtWords(reason.doubts)}`
        : `whether ${otherName} is a peer of this ${rule.direction} rule is not known: ${doubtWords(reason.doubts)}`;
  }
}

function labelWords({ on, of, pods, wanted }: Of<'label'>): string {
  const labels = of === 'pods' ? withFacts(factsOf(pods)) : pods.namespace.labels;
  const owner = of === 'pods' ? podsName(pods) : `namespace ${pods.namespace.name}`;
  const has = [...keysOf(wanted)].map((key) => {
    const value = labels.get(key);
    const name = keyWords(key);
    return value === undefined ? `no ${name === key ? `label ${key}` : name}` : `${name}=${value}`;
  });
  const known =
    of === 'namespace' && has.some((each) => each.startsWith('no ')) ? ' as far as these manifests tell' : '';
  const words = printSelector(wanted) || 'something else';
  const what = on === 'subject' ? 'the policy selects' : 'it wants';
  return `${what} ${of === 'namespace' ? 'namespaces with ' : 'pods with '}${words}; ${owner} has ${list(has) || 'other labels'}${known}`;
}

function portWords({ differs, opens }: Of<'ports'>, part: Part): string {
  const asked = printPorts(part.ports);
  if (isEmpty(opens)) return `it opens no port of ${endName(part.to)}`;
  if (differs === 'protocol') return `it opens ${printPorts(opens)}: another protocol than ${asked}`;
  if (differs === 'port') {
    return asked.startsWith('every port')
      ? `it opens only ${printPorts(opens)}`
      : `it opens ${printPorts(opens)}, not ${asked}`;
  }
  const names = list([...new Set(opens.named.map(({ name }) => name))]);
  return part.to.kind === 'pods'
    ? `it opens the port named ${names}, which no container of ${podsName(part.to.pods)} declares for that protocol`
    : `it opens the port named ${names}, and a name means nothing outside of the cluster`;
}

function peerKindWords({ peer, is, blocks }: Of<'peer kind'>, other: string, words: (peer: Peer) => string): string {
  switch (peer.kind) {
    case 'nodes':
      return is === 'host network' ? 'it does not mean the node that they run on' : 'it is about nodes alone';
    case 'domains':
      return 'it is about domain names alone';
    case 'addresses':
      if (blocks === 'yes') return 'its block holds no address that these pods are known to have';
      return blocks === 'unknown'
        ? 'its block is taken to be about addresses outside of the cluster; some network plugins match pods by it as well (`cni` in .netpol.yaml says which is yours)'
        : 'its block takes in no pods, only addresses outside of the cluster';
    case 'entity':
      return `the entity ${peer.entity} does not stand for ${other}`;
    case 'address set':
      return is === 'addresses'
        ? `${words(peer)} do not hold ${other}`
        : 'its groups of addresses are about what is outside of the cluster';
    case 'service':
    case 'all of':
    case 'anything':
      return `${other} is not in ${words(peer)}`;
    case 'pods':
      if (is === 'host network') return 'its selectors match pods, and pods on their node’s network look like the node';
      return peer.alsoAddressSets === true
        ? `its selectors match pods and sets of addresses, and no set of these manifests that they choose holds ${other}`
        : 'its selectors match pods, never addresses outside of the cluster';
  }
}
