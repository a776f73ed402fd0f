import { type Cidr, isStrictSubnet, parseCidr } from '../../model/addresses.js';
import type { Peer } from '../../model/peer.js';
import type { Policy, Rule } from '../../model/policy.js';
import type { ClusterProfile } from '../../model/profile.js';
import { stringOf } from '../../text/tree.js';
import type { Placed, Scope } from '../../workspace/scope.js';
import type { KnownText } from './field-completion.js';
import { type KnownSite, othersInList, textAt } from './known-site.js';
import { PolicyUses } from './policy-uses.js';

/** A block of addresses, and what it is. */
interface Block {
  readonly text: string;
  readonly doc: string;
  readonly count?: number;
}

/**
 * Blocks of addresses: those of the cluster, those that the scope's policies name already, and everything; behind `except`
 * only what lies within the block. Undefined where no block stands.
 */
export function addressValues(site: KnownSite): readonly KnownText[] | undefined {
  const { path, place, node } = site;
  const [last, second] = [path.at(-1), path.at(-2)];
  const isItem = place.what === 'node' && typeof last === 'number' && typeof second === 'string';
  const isBlock = (place.what === 'value' && last === 'cidr') || (isItem && lists.has(second));
  const isException = isItem && second === 'except';
  if (!isBlock && !isException) return undefined;
  const within = isException ? parseCidr(stringOf(node([...path.slice(0, -2), 'cidr'])) ?? '') : undefined;
  const others = othersInList(site);
  return site.scopes
    .flatMap(({ scope, policy: own }) => {
      const profile = site.netpol.profileOf(scope);
      const used = blocksUsed(scope, own, isException);
      return isException
        ? [...used, ...ofCluster(profile), metadata, ...privateBlocks]
        : [...used, ...ofCluster(profile), ...everything, metadata];
    })
    .filter(({ text }) => !others.has(text) && (!isException || fits(text, within)))
    .map((block) => ({ ...block, text: textAt(place, block.text) }));
}

const lists = new Set(['nets', 'notNets', 'networks', 'fromCIDR', 'toCIDR', 'externalCIDRs']);

function fits(text: string, within: Cidr | undefined): boolean {
  const block = parseCidr(text);
  return block !== undefined && (within === undefined || isStrictSubnet(block, within));
}

/** FACTS: cloud providers hand out credentials under this address. */
const metadata: Block = { text: '169.254.169.254/32', doc: 'The metadata service of cloud providers' };

const everything: readonly Block[] = [
  { text: '0.0.0.0/0', doc: 'Every IPv4 address' },
  { text: '::/0', doc: 'Every IPv6 address' },
];

/** Source: RFC 1918, RFC 6598, RFC 3927, RFC 4193, RFC 4291. */
const privateBlocks: readonly Block[] = [
  { text: '10.0.0.0/8', doc: 'Private addresses' },
  { text: '172.16.0.0/12', doc: 'Private addresses' },
  { text: '192.168.0.0/16', doc: 'Private addresses' },
  { text: '100.64.0.0/10', doc: 'Addresses that providers share' },
  { text: '169.254.0.0/16', doc: 'Link-local addresses, the metadata service among them' },
  { text: 'fc00::/7', doc: 'Private addresses' },
  { text: 'fe80::/10', doc: 'Link-local addresses' },
];

function ofCluster({ apiServer, nodeCidrs, podCidrs, serviceCidrs }: ClusterProfile): readonly Block[] {
  const named = (cidrs: readonly Cidr[], doc: string) => cidrs.map(({ canonical: text }) => ({ text, doc }));
  return [
    ...named(apiServer, 'The API server'),
    ...named(nodeCidrs, 'The cluster’s nodes'),
    ...named(podCidrs, 'The cluster’s pods; their addresses change, selectors choose them better'),
    ...named(
      serviceCidrs,
      'The cluster’s services; most plugins judge the pods behind them, so that this matches nothing',
    ),
  ];
}

const blocks = new PolicyUses(({ rules }) => textsOf(rules, (peer) => blocksOf(peer, false)));
const exceptions = new PolicyUses(({ rules }) => textsOf(rules, (peer) => blocksOf(peer, true)));

function textsOf(rules: readonly Rule[], of: (peer: Peer) => readonly Cidr[]): readonly string[] {
  return rules.flatMap(({ peers }) => peers.flatMap((peer) => of(peer).map(({ text }) => text)));
}

/** The blocks that other policies name, but for those that are offered anyway. */
function blocksUsed(scope: Scope, own: Placed<Policy> | undefined, isException: boolean): readonly Block[] {
  const always = new Set([...everything, metadata].map(({ text }) => text));
  return (isException ? exceptions : blocks).in(scope, own).filter(({ text }) => !always.has(text));
}

function blocksOf(peer: Peer, isException: boolean): readonly Cidr[] {
  if (peer.kind === 'addresses') return isException ? peer.except : [peer.cidr];
  if (peer.kind === 'all of') return peer.peers.flatMap((each) => blocksOf(each, isException));
  return peer.kind === 'address set' && isException ? peer.except : [];
}
