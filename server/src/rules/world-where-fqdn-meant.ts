import { describePeer } from '../engine/describe.js';
import { isConditional } from '../engine/stages.js';
import { allIPv4, isSubset } from '../model/addresses.js';
import type { Peer } from '../model/peer.js';
import { noPorts, isSubset as portsWithin, printPorts, union } from '../model/ports.js';
import { list } from '../model/print.js';
import { removeItem } from '../text/edits.js';
import { editOnly, type Fix } from '../text/fix.js';
import { valueAt } from '../text/tree.js';
import { type CiliumEntry, ciliumEntries, peerSpan } from './cilium-entries.js';
import { ciliumFqdnPolicy } from './cilium-example.js';
import { definePolicyRule, type Finding, type PolicyContext, type RulePage } from './rule.js';

export const worldWhereFqdnMeant = definePolicyRule({
  id: 'world-where-fqdn-meant',
  group: 'Too wide',
  families: ['cilium'],
  severity: 'warning',
  summary: 'A policy that lists domain names opens the same ports to every address outside.',
  check,
});

export const worldWhereFqdnMeantPage: RulePage = {
  what: `Reports an egress entry to \`world\`, \`all\` or \`0.0.0.0/0\` where another entry of the same policy lists domain names (\`toFQDNs\`) for ports that the wide entry opens as well. Entries with HTTP rules or server names are not wide.`,
  why: `Entries add up: what may go anywhere may also go to the names, so the list of names limits nothing. Often the wide entry is what was tried while look-ups did not yet pass Cilium's DNS proxy, and was left there.`,
  bad: /* @__PURE__ */ ciliumFqdnPolicy({
    wide: `    - toEntities:
        - world
      toPorts:
        - ports:
            - port: "443"
              protocol: TCP
`,
  }),
  good: /* @__PURE__ */ ciliumFqdnPolicy({}),
  references: [
    'https://docs.cilium.io/en/stable/security/policy/language/#dns-based',
    'https://docs.cilium.io/en/stable/security/policy/language/#entities-based',
  ],
};

function* check({ policy }: PolicyContext): Iterable<Finding> {
  const { rules, namespace } = policy.value;
  const allowed = rules.filter(({ action, direction }) => action === 'Allow' && direction === 'egress');
  const names = allowed.filter(({ peers, clauses }) => clauses.length > 0 && peers.some(isDomain));
  if (names.length === 0) return;
  for (const entry of ciliumEntries(policy)) {
    if (entry.direction !== 'egress' || entry.action !== 'Allow') continue;
    for (const rule of entry.rules) {
      if (isConditional(rule)) continue;
      const idle = names.filter(({ ports }) => portsWithin(ports, rule.ports));
      if (idle.length === 0) continue;
      const opened = printPorts(idle.reduce((all, { ports }) => union(all, ports), noPorts));
      for (const peer of rule.peers.filter(isWide)) {
        const patterns = idle.flatMap(({ peers }) => peers.flatMap((each) => (isDomain(each) ? each.patterns : [])));
        yield {
          at: peerSpan(entry, peer),
          message: `This opens ${describePeer(peer, { key: '', name: namespace }, 'egress')} on ${opened}, so the names beside it (${list([...new Set(patterns)], 3)}) limit nothing: entries add up. Remove it if only these names are meant.`,
          related: idle.map(({ at }) => ({ at, message: 'These names are allowed without this entry' })),
          fixes: removal(entry, peer),
        };
      }
    }
  }
}

function isDomain(peer: Peer): peer is Peer & { readonly kind: 'domains' } {
  return peer.kind === 'domains';
}

/** Every address outside of the cluster, or every one of IPv4. An entry of ports alone is for everyone, too. */
function isWide(peer: Peer): boolean {
  if (peer.uncertain) return false;
  if (peer.kind === 'entity') return peer.entity === 'world' || peer.entity === 'all';
  return peer.kind === 'anything' || (peer.kind === 'addresses' && isSubset(allIPv4, peer.addresses));
}

/** Takes the peer out of its list, or the entry out of the policy where it is the only one. */
function removal(entry: CiliumEntry, peer: Peer): readonly Fix[] {
  if (entry.rules.length > 1) return [];
  const list = ['toEntities', 'toCIDR', 'toCIDRSet']
    .map((key) => valueAt(entry.node, key))
    .find((each) => each?.kind === 'sequence');
  const [only, ...others] = entry.rules[0]?.peers ?? [];
  const title = 'Remove it: only the names are then allowed';
  if (others.length === 0 && only === peer) {
    return [{ title, changes: () => editOnly(removeItem(entry.list, entry.index)) }];
  }
  if (list?.kind !== 'sequence') return [];
  const index = list.items.findIndex(({ marker, value }) =>
    [marker.start, value.range.start].includes(peer.at.range.start),
  );
  return index < 0 ? [] : [{ title, changes: () => editOnly(removeItem(list, index)) }];
}
