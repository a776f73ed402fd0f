import { describeNamespace } from '../../engine/describe.js';
import { ruleListKey, ruleNode, specOf } from '../../engine/policy-nodes.js';
import type { Policy, Rule } from '../../model/policy.js';
import { isAll } from '../../model/ports.js';
import type { TextRange } from '../../text/range.js';
import {
  entryOf,
  isNull,
  keyText,
  valueAt,
  type YamlEntry,
  type YamlItem,
  type YamlMap,
  type YamlNode,
} from '../../text/tree.js';
import type { Placed } from '../../workspace/scope.js';
import { behind, type Hint, writtenItems } from './hint.js';

/** What counts where a policy leaves a field out, or leaves a selector empty. */
export function defaultHints(policy: Placed<Policy>): readonly Hint[] {
  const spec = specOf(policy);
  if (spec === undefined) return [];
  return [
    ...specDefaults(policy, spec),
    ...emptySelectors(policy, spec),
    ...policy.value.rules.flatMap((rule, i, all) =>
      // Of several rules that are one item of a list, the first speaks for it.
      all.findIndex((each) => sameItem(each, rule)) === i ? ruleDefaults(policy, rule) : [],
    ),
  ];
}

function sameItem(a: Rule, b: Rule): boolean {
  return a.body.document === b.body.document && a.body.range.start === b.body.range.start;
}

function hint(node: YamlNode, range: TextRange, words: string, more: string): Hint {
  return {
    kind: 'defaults',
    document: node.document,
    offset: behind(node.document, range),
    words,
    side: 'behind',
    more,
  };
}

/** What `spec` does not say of the whole policy. */
function specDefaults({ value, resource }: Placed<Policy>, spec: YamlMap): readonly Hint[] {
  const entry = entryOf(resource.node, 'spec');
  if (entry === undefined || entry.value !== spec || value.uncertain || spec.flow) return [];
  const defaults = fieldDefaults(value, spec);
  if (defaults.length === 0) return [];
  const more = `Left out, and so taken to be:\n\n${defaults.map(([words, why]) => `- \`${words}\`: ${why}`).join('\n')}`;
  return [hint(spec, entry.range, defaults.map(([words]) => words).join(', '), more)];
}

type Default = readonly [words: string, why: string];

function fieldDefaults(policy: Policy, spec: YamlMap): readonly Default[] {
  const lacks = (key: string) => isNull(valueAt(spec, key));
  const isolated = policy.isolates.map((direction) => (direction === 'ingress' ? 'Ingress' : 'Egress'));
  const types = isolated.join(', ');
  switch (policy.family) {
    case 'kubernetes':
      return lacks('policyTypes') && policy.isolatesByDefault
        ? [[`policyTypes: [${types}]`, 'Ingress always, and Egress where the policy has egress rules.']]
        : [];
    case 'calico':
      return [
        ...(lacks('tier') ? [['tier: default', 'the tier of policies that name none.'] as const] : []),
        ...(lacks('order')
          ? [['order: last', 'without an order, a policy comes after those that have one.'] as const]
          : []),
        ...(lacks('types') && policy.isolatesByDefault
          ? [
              [
                `types: [${types}]`,
                'the directions for which there are rules, and Ingress where there are none.',
              ] as const,
            ]
          : []),
        ...(lacks('selector') ? [['selector: all()', 'without a selector, every pod.'] as const] : []),
      ];
    case 'cilium':
      return lacks('enableDefaultDeny') && isolated.length > 0
        ? [
            [
              `enableDefaultDeny: ${policy.isolates.join(' and ')}`,
              'a policy denies what it does not allow in each direction for which it has rules.',
            ],
          ]
        : [];
    case 'cluster':
      return [];
  }
}

/** Selectors that ask for nothing, and so choose everything. */
function emptySelectors(policy: Placed<Policy>, node: YamlNode): readonly Hint[] {
  if (node.alias || node.kind === 'scalar') return [];
  if (node.kind === 'sequence') return node.items.flatMap(({ value }) => emptySelectors(policy, value));
  return node.entries.flatMap((entry) => {
    if (entry.merged) return [];
    const key = keyText(entry);
    if (key === 'fromEndpoints' || key === 'toEndpoints') return emptyEndpoints(policy, entry);
    const words = isEmptySelector(entry.value) ? everythingIn(policy, key, node) : undefined;
    if (words === undefined) return emptySelectors(policy, entry.value);
    return [hint(node, entry.range, words, 'An empty selector asks for nothing, and so chooses everything.')];
  });
}

function emptyEndpoints(policy: Placed<Policy>, entry: YamlEntry): readonly Hint[] {
  const items = entry.value.kind === 'sequence' && !entry.value.alias ? entry.value.items : [];
  return items.flatMap((item) =>
    isEmptySelector(item.value)
      ? [
          hint(
            item.value,
            item.range,
            everyPod(policy),
            'An empty selector asks for nothing, and so chooses everything.',
          ),
        ]
      : [],
  );
}

/** A map that is written and asks for nothing: `{}`, or with empty `matchLabels`. */
function isEmptySelector(node: YamlNode): boolean {
  if (node.alias || node.kind !== 'map' || node.incomplete) return false;
  return node.entries.every(({ key, value }) => {
    if (key.value !== 'matchLabels' && key.value !== 'matchExpressions') return false;
    return (
      isNull(value) ||
      (value.kind === 'map' && value.entries.length === 0 && !value.incomplete) ||
      (value.kind === 'sequence' && value.items.length === 0 && !value.incomplete)
    );
  });
}

function everythingIn(policy: Placed<Policy>, key: string, holder: YamlMap): string | undefined {
  const has = (other: string) => !isNull(valueAt(holder, other));
  switch (key) {
    case 'podSelector':
      return has('namespaceSelector') ? 'every pod' : everyPod(policy);
    case 'endpointSelector':
      return everyPod(policy);
    case 'namespaceSelector':
      return has('podSelector') ? 'every namespace' : 'every pod in every namespace';
    case 'namespaces':
      return 'every pod in every namespace';
    case 'nodes':
    case 'nodeSelector':
      return 'every node';
    default:
      return undefined;
  }
}

function everyPod({ value, namespace }: Placed<Policy>): string {
  return value.clusterWide ? 'every pod in every namespace' : `every pod in ${describeNamespace(namespace)}`;
}

/** Whom a rule is about that names nobody, and on which ports where it names none. */
function ruleDefaults(policy: Placed<Policy>, rule: Rule): readonly Hint[] {
  const node = ruleNode(policy, rule);
  const list = valueAt(specOf(policy), ruleListKey(policy.value, rule));
  const item = list?.kind === 'sequence' ? list.items[rule.index] : undefined;
  if (item === undefined || rule.uncertain || item.value.alias) return [];
  const isAnyone = rule.peers.some(({ kind, at }) => kind === 'anything' && at.range.start === rule.at.range.start);
  const { constraints = [], exceptPorts } = rule;
  const isAnyPort =
    isAll(rule.ports) && rule.clauses.length === 0 && constraints.length === 0 && exceptPorts === undefined;
  const anyone = rule.direction === 'ingress' ? 'from everyone' : 'to everywhere';
  const words = [isAnyone ? anyone : '', isAnyPort ? 'on every port' : ''].filter((part) => part !== '').join(', ');
  const more = [
    isAnyone
      ? `The rule names no ${rule.direction === 'ingress' ? 'source' : 'destination'}, so it is about all of them, inside and outside the cluster.`
      : '',
    isAnyPort ? 'It names no port, so it is about every port of every protocol.' : '',
  ]
    .filter((part) => part !== '')
    .join(' ');
  const ports = node === undefined ? [] : portDefaults(policy.value, node);
  return words === '' || rule.peers.length === 0 ? ports : [hint(item.value, headOf(item), words, more), ...ports];
}

/** The first line of a rule is its first entry's; a rule in one line is a line by itself. */
function headOf({ value, range }: YamlItem): TextRange {
  const first = value.kind === 'map' && !value.flow ? value.entries.find(({ merged }) => !merged) : undefined;
  return first === undefined ? range : { start: range.start, end: first.range.end };
}

/** The protocol of a port that names none, and the ports of a protocol that does not. */
function portDefaults({ family }: Policy, rule: YamlMap): readonly Hint[] {
  if (family !== 'kubernetes' && family !== 'cilium') return [];
  const lists = [
    valueAt(rule, 'ports'),
    ...writtenItems(valueAt(rule, 'toPorts')).map((each) => valueAt(each.value, 'ports')),
  ];
  return lists.flatMap(writtenItems).flatMap(({ value }) => {
    if (value.kind !== 'map' || value.alias || value.incomplete) return [];
    const [port, protocol] = [entryOf(value, 'port'), entryOf(value, 'protocol')];
    if (port !== undefined && !isNull(port.value) && isNull(protocol?.value)) {
      const words = `protocol: ${family === 'kubernetes' ? 'TCP' : 'ANY'}`;
      return [hint(value, port.range, words, 'No protocol is given.')];
    }
    const isProtocol = protocol?.value.kind === 'scalar' && !isNull(protocol.value) && !protocol.value.opaque;
    if (family !== 'kubernetes' || !isProtocol || !isNull(port?.value)) return [];
    return [
      hint(value, protocol.range, 'every port', 'The item names no port, so it is about every port of this protocol.'),
    ];
  });
}
