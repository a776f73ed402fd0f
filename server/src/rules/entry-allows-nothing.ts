import type { Rule } from '../model/policy.js';
import { isEmpty } from '../model/ports.js';
import { insertEntry, insertItem, removeEntry, removeItem, replaceKey } from '../text/edits.js';
import { type Change, editOnly, type Fix } from '../text/fix.js';
import { entryOf, isNull, keySpan, spanOf, stringOf, valueAt, type YamlEntry } from '../text/tree.js';
import { type CiliumEntry, ciliumEntries } from './cilium-entries.js';
import { specOf } from './policy-nodes.js';
import { definePolicyRule, type Finding, type PolicyContext, type RulePage } from './rule.js';

export const entryAllowsNothing = definePolicyRule({
  id: 'entry-allows-nothing',
  group: 'No effect',
  families: ['cilium'],
  severity: 'warning',
  summary: 'An entry of a Cilium policy that allows nobody, where it reads as if it allowed everyone.',
  check,
});

export const entryAllowsNothingPage: RulePage = {
  what: `Reports entries of \`ingress\` and \`egress\` in Cilium's policies that allow nothing:

- an empty entry (\`- {}\`): a warning where it stands beside others, or where the policy's name says that it allows all; information where it is the only one, since it is also the usual way to deny everything; silent where the policy's name or description speaks of that (deny, isolate, block, ...);
- an empty list of peers (\`fromEndpoints: []\`);
- ports that are none (\`toPorts: [{}]\`, \`ports: []\`).`,
  why: `A Kubernetes NetworkPolicy reads the same shapes the other way round: there \`- {}\`, and \`from: []\`, allow everyone. In Cilium an entry chooses nobody unless it says whom, and it still isolates the pods: copied over, an allow-all becomes a deny-all.`,
  bad: /* @__PURE__ */ example('- {}'),
  good: /* @__PURE__ */ example('- fromEntities: [all]'),
  references: [
    'https://docs.cilium.io/en/stable/security/policy/language/#ingress-egress-default-deny',
    'https://docs.cilium.io/en/stable/security/policy/intro/#policy-rule',
  ],
};

function example(entry: string): string {
  return `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata:
  name: allow-all-to-web
  namespace: shop
spec:
  endpointSelector:
    matchLabels:
      app: web
  ingress:
    ${entry}
`;
}

const denies = /den(y|ie)|isolat|block|lock|restrict|reject|drop|forbid|nothing|none|\bno\b|zero/i;
const allows = /(allow|permit|open)(.*[^a-z])?(all|any|every)/i;

function* check({ policy }: PolicyContext): Iterable<Finding> {
  const { name, clusterWide } = policy.value;
  const said = `${name} ${stringOf(valueAt(specOf(policy), 'description')) ?? ''}`;
  for (const entry of ciliumEntries(policy)) {
    const [rule] = entry.rules;
    // What is not written at all is refused.
    if (entry.node.kind !== 'map' || entry.action === 'Deny' || rule === undefined) continue;
    if (entry.rules.some(({ uncertain }) => uncertain)) continue;
    if (entry.rules.every(({ ports }) => isEmpty(ports))) yield* withoutPorts(entry, rule);
    else if (rule.peers.length === 0) {
      const peers = emptyPeers(entry);
      const bare = valueAt(entry.node, 'toPorts') === undefined && valueAt(entry.node, 'icmps') === undefined;
      const alone = entry.list.items.length === 1;
      // Alone, it is the usual way to deny everything.
      if (bare && alone && denies.test(said)) continue;
      const meant = bare && alone && !allows.test(said);
      yield* peers === undefined ? empty(entry, meant, clusterWide) : withoutPeers(entry, peers, meant, clusterWide);
    }
  }
}

function* empty(entry: CiliumEntry, meant: boolean, clusterWide: boolean): Generator<Finding> {
  const { node, direction } = entry;
  const isolates = entry.list.items.length === 1;
  yield {
    ...(meant ? { severity: 'info' as const } : {}),
    at: spanOf(node),
    message: `This entry allows ${nobody(entry)}: in a Kubernetes NetworkPolicy an empty rule allows everyone, in Cilium an entry that names nobody chooses nobody${isolates ? `, and still isolates the pods for ${direction}` : ''}. Name whom it is to allow${isolates ? '; if all is to be denied, say so in the name or the description' : ', or remove it'}.`,
    fixes: [
      ...meanings(entry, clusterWide).map(({ title, key, value }) => ({
        title,
        changes: () => editOnly(insertEntry(node, key, [value])),
      })),
      ...(isolates ? [] : [{ title: 'Remove this entry: nothing changes', changes: () => remove(entry) }]),
    ],
  };
}

function* withoutPeers(entry: CiliumEntry, peers: YamlEntry, meant: boolean, clusterWide: boolean): Generator<Finding> {
  const key = String(peers.key.value);
  yield {
    ...(meant ? { severity: 'info' as const } : {}),
    at: keySpan(peers),
    message: `An empty list chooses nobody, so this entry allows ${nobody(entry)}: unlike \`${word(entry)}: []\` in a Kubernetes NetworkPolicy, which means everyone. Name whom it is to allow.`,
    fixes: meanings(entry, clusterWide).map(({ title, key: wanted, value }) => ({
      title,
      changes: () => {
        const renamed = wanted === key ? undefined : replaceKey(peers, wanted);
        const filled = insertItem(peers, value);
        if (filled === undefined || (wanted !== key && renamed === undefined)) return undefined;
        return editOnly(renamed === undefined ? filled : [renamed, filled]);
      },
    })),
  };
}

function* withoutPorts(entry: CiliumEntry, rule: Rule): Generator<Finding> {
  const { node } = entry;
  const key = isNull(valueAt(node, 'toPorts')) ? 'icmps' : 'toPorts';
  const found = entryOf(node, key);
  if (found === undefined || node.kind !== 'map') return;
  const what = key === 'toPorts' ? 'ports' : 'ICMP types';
  const peers = rule.peers.some(({ kind }) => kind !== 'anything');
  const whole: Fix = {
    title: `Remove ${key}: every port is then allowed`,
    changes: () => editOnly(removeEntry(node, found)),
  };
  yield {
    at: keySpan(found),
    message: `This entry allows ${nobody(entry)}: \`${key}\` is there and lists no ${what}. List them, or leave \`${key}\` out, which means every port.`,
    fixes: peers ? [whole] : [],
  };
}

/** The list of peers that is written and empty. */
function emptyPeers({ node }: CiliumEntry): YamlEntry | undefined {
  return node.kind === 'map'
    ? node.entries.find(({ value }) => value.kind === 'sequence' && value.items.length === 0 && !value.incomplete)
    : undefined;
}

/** What an empty entry may have been meant to say. */
function meanings(entry: CiliumEntry, clusterWide: boolean) {
  const all = entry.direction === 'ingress' ? 'everyone' : 'everything';
  const [entities, endpoints] = [`${word(entry)}Entities`, `${word(entry)}Endpoints`];
  const pods = clusterWide ? 'every pod of the cluster' : 'every pod of the namespace';
  return [
    { title: `Allow ${all} (${entities}: [all])`, key: entities, value: 'all' },
    { title: `Allow ${pods} (${endpoints}: [{}])`, key: endpoints, value: {} },
  ] as const;
}

function remove({ list, index }: CiliumEntry): readonly Change[] | undefined {
  return editOnly(removeItem(list, index));
}

function word({ direction }: CiliumEntry): string {
  return direction === 'ingress' ? 'from' : 'to';
}

function nobody({ direction }: CiliumEntry): string {
  return direction === 'ingress' ? 'nobody' : 'nothing';
}
