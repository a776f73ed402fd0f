import { itemsOf } from '../kinds/entry.js';
import { type AddressSet, addressesOf, allIPv4, isEmpty, isSubset, union } from '../model/addresses.js';
import type { Peer } from '../model/peer.js';
import { isAll } from '../model/ports.js';
import { list } from '../model/print.js';
import { replaceKey, replaceScalar } from '../text/edits.js';
import { editOnly, type Fix } from '../text/fix.js';
import { entryOf, stringOf, valueAt } from '../text/tree.js';
import { type CiliumEntry, ciliumEntries, mayBeCilium, peerSpan } from './cilium-entries.js';
import { ciliumPolicy } from './cilium-example.js';
import { specOf } from './policy-nodes.js';
import { definePolicyRule, type Finding, type PolicyContext, type RulePage } from './rule.js';

export const cidrNeverMatchesPods = definePolicyRule({
  id: 'cidr-never-matches-pods',
  group: 'No effect',
  families: ['cilium'],
  severity: 'warning',
  summary: 'A CIDR of a Cilium policy that is meant for pods, which no CIDR matches.',
  check,
});

export const cidrNeverMatchesPodsPage: RulePage = {
  what: `Reports an address range of a Cilium policy within the cluster's pod addresses (\`cluster.podCIDRs\` in \`.netpol.yaml\`), and, as information, \`0.0.0.0/0\` for every port in a policy that calls itself "allow all" and lets no pods in.`,
  why: `Cilium knows pods and nodes by their identities, and compares addresses only for what has none: a range never takes in a pod, not even \`0.0.0.0/0\`. The entry allows nothing, or denies nothing, of what it was written for. The option \`policy-cidr-match-mode\` can change it for a whole cluster.`,
  bad: /* @__PURE__ */ example(`    - fromCIDR:
        - 10.244.3.17/32`),
  good: /* @__PURE__ */ example(`    - fromEndpoints:
        - matchLabels:
            app: frontend`),
  references: ['https://docs.cilium.io/en/stable/security/policy/language/#ip-cidr-based'],
};

function example(entry: string): string {
  return `# file: .netpol.yaml
cluster:
  podCIDRs: [10.244.0.0/16]
# file: policy.yaml
---
${ciliumPolicy(`  ingress:\n${entry}\n`)}`;
}

function* check({ policy, profile }: PolicyContext): Iterable<Finding> {
  if (!mayBeCilium(profile.cni)) return;
  const known = profile.podCidrs
    .map((cidr) => addressesOf(cidr))
    .reduce<AddressSet | undefined>((all, each) => (all === undefined ? each : union(all, each)), undefined);
  const said = `${policy.value.name} ${stringOf(valueAt(specOf(policy), 'description')) ?? ''}`;
  const allowsAll =
    /\b(allow|permit)[ _-]?(all|any|every)/i.test(said) && !/external|internet|world|outside/i.test(said);
  const entries = ciliumEntries(policy);
  for (const entry of entries) {
    const [rule] = entry.rules;
    for (const peer of rule?.peers ?? []) {
      if (peer.kind !== 'addresses' || peer.uncertain || isEmpty(peer.addresses)) continue;
      if (known !== undefined && isSubset(peer.addresses, known)) {
        const verb = entry.action === 'Deny' ? 'denies' : 'allows';
        yield {
          at: peerSpan(entry, peer),
          message: `${peer.cidr.text} lies within the addresses of this cluster's pods (${list(profile.podCidrs.map(({ canonical }) => canonical))}), and Cilium never matches a pod by its address, so this ${verb} nothing. Choose the pods by their labels: ${end(entry)}Endpoints.`,
        };
      } else if (allowsAll && entry.action === 'Allow' && rule !== undefined && isAll(rule.ports)) {
        if (!isSubset(allIPv4, peer.addresses) || entries.some((each) => letsPodsIn(each, entry))) continue;
        yield {
          severity: 'info',
          at: peerSpan(entry, peer),
          message: `${peer.cidr.text} is everything outside of the cluster; with Cilium no range takes in pods or nodes, so ${entry.direction === 'ingress' ? 'connections from' : 'connections to'} them stay denied. For everything, use \`${end(entry)}Entities: [all]\`.`,
          fixes: everything(entry),
        };
      }
    }
  }
}

function letsPodsIn({ direction, action, rules }: CiliumEntry, entry: CiliumEntry): boolean {
  const isPods = ({ kind }: Peer) => kind !== 'addresses' && kind !== 'domains' && kind !== 'address set';
  return direction === entry.direction && action === 'Allow' && rules.some(({ peers }) => peers.some(isPods));
}

function end({ direction }: CiliumEntry): 'from' | 'to' {
  return direction === 'ingress' ? 'from' : 'to';
}

function everything(entry: CiliumEntry): readonly Fix[] {
  const found = entryOf(entry.node, `${end(entry)}CIDR`);
  const [only, ...more] = itemsOf(found?.value);
  if (found === undefined || only === undefined || more.length > 0) return [];
  return [
    {
      title: `Change to ${end(entry)}Entities: [all]`,
      changes: () => {
        const edits = [replaceKey(found, `${end(entry)}Entities`), replaceScalar(only, 'all')].filter(
          (edit) => edit !== undefined,
        );
        return edits.length < 2 ? undefined : editOnly(edits);
      },
    },
  ];
}
