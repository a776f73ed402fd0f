import { parseCidr } from '../../model/addresses.js';
import type { Direction } from '../../model/policy.js';
import { formatPath } from '../../text/paths.js';
import {
  entryOf,
  isNull,
  keySpan,
  type Span,
  spanOf,
  stringOf,
  valueAt,
  type YamlEntry,
  type YamlNode,
  type YamlPath,
} from '../../text/tree.js';
import { itemsOf } from '../entry.js';
import { notACidr } from '../kubernetes/check-ip-block.js';
import type { Problem } from '../problem.js';
import { replaceFix } from '../structure.js';
import { checkSelector } from './check-selector.js';
import { given } from './read-entity.js';

export interface RuleContext {
  readonly direction: Direction;
  readonly global: boolean;
}

/**
 * Why Calico would refuse a source or destination, besides its ports.
 * Source: libcalico-go validator validateEntityRule and validateNetworkPolicySpec, CEL of the CRDs on EntityRule.
 */
export function checkEntity(
  rule: YamlNode,
  end: 'source' | 'destination',
  path: YamlPath,
  context: RuleContext,
): readonly Problem[] {
  const node = valueAt(rule, end);
  if (node?.kind !== 'map') return [];
  const here = [...path, end];
  return [
    ...checkSelector(node, 'selector', here, 'nowhere'),
    ...checkSelector(node, 'notSelector', here, 'alone'),
    ...checkSelector(node, 'namespaceSelector', here, 'alone'),
    ...checkSelector(valueAt(node, 'serviceAccounts'), 'selector', [...here, 'serviceAccounts'], 'alone'),
    ...checkServices(node, end, here, context),
  ];
}

/** A list that has items, or may have some. */
export function filled(node: YamlNode | undefined, key: string): YamlEntry | undefined {
  const entry = given(node, key);
  return entry?.value.kind === 'sequence' && entry.value.items.length === 0 && !entry.value.incomplete
    ? undefined
    : entry;
}

function checkServices(
  node: YamlNode,
  end: 'source' | 'destination',
  path: YamlPath,
  { direction, global }: RuleContext,
): readonly Problem[] {
  const entry = given(node, 'services');
  if (entry === undefined) return [];
  const at = keySpan(entry);
  const here = [...path, 'services'];
  const problems: Problem[] = [];
  const wanted = direction === 'ingress' ? 'source' : 'destination';
  if (end !== wanted) {
    problems.push({
      rule: 'invalid-peer',
      path: here,
      at,
      message: `${formatPath(here)}: in ${direction} rules, services may stand in ${wanted} only, and Calico refuses it here. Move it there, or choose the pods by a selector.`,
    });
  }
  const others = ['selector', 'notSelector', 'namespaceSelector', 'serviceAccounts'].map((key) => given(node, key));
  const lists = ['nets', 'notNets', ...(end === 'destination' ? ['ports', 'notPorts'] : [])];
  for (const other of [...others, ...lists.map((key) => filled(node, key))]) {
    if (other === undefined) continue;
    const key = String(other.key.value);
    const why = /orts$/.test(key) ? 'services brings the ports of the service' : 'services alone says who is meant';
    problems.push({
      rule: 'invalid-peer',
      path: [...path, key],
      at: keySpan(other),
      message: `${formatPath([...path, key])}: it cannot stand beside services: ${why}, and Calico refuses both together. Remove one of them.`,
      related: [{ at, message: 'services stands here' }],
    });
  }
  if (entry.value.kind !== 'map' || entry.value.incomplete) return problems;
  for (const key of ['name', ...(global ? ['namespace'] : [])]) {
    if (given(entry.value, key) !== undefined) continue;
    const why =
      key === 'name' ? 'a service is chosen by its name' : 'a policy without a namespace has to say the service’s';
    problems.push({
      rule: 'missing-field',
      path: [...here, key],
      at: keySpan(entryOf(entry.value, key) ?? entry),
      message: `${formatPath([...here, key])} is required: ${why}. Add \`${key}:\`.`,
    });
  }
  return problems;
}

/**
 * The four lists of addresses of a rule: each a proper CIDR, all of one family, which is that of ipVersion.
 * Source: libcalico-go validator validateRule (scanNets), validateIPNetwork.
 */
export function checkNets(rule: YamlNode, path: YamlPath): readonly Problem[] {
  const problems: Problem[] = [];
  const version = valueAt(rule, 'ipVersion');
  const wanted = version?.kind === 'scalar' && (version.value === 4 || version.value === 6) ? version.value : undefined;
  let first: { readonly family: number; readonly at: Span; readonly text: string } | undefined;
  if (version !== undefined && wanted !== undefined) first = { family: wanted, at: spanOf(version), text: 'ipVersion' };
  for (const end of ['source', 'destination']) {
    for (const key of ['nets', 'notNets']) {
      for (const [index, node] of itemsOf(valueAt(valueAt(rule, end), key)).entries()) {
        const text = stringOf(node);
        if (node.kind !== 'scalar' || text === undefined) continue;
        const here = [...path, end, key, index];
        const cidr = parseCidr(text);
        if (cidr === undefined) {
          problems.push(notACidr(node, text, here, 'invalid-cidr', true));
          continue;
        }
        const refuse = (why: string, more: Partial<Problem> = {}) =>
          problems.push({
            rule: 'invalid-cidr',
            path: here,
            at: spanOf(node),
            message: `${formatPath(here)}: ${text}: ${why}`,
            ...more,
          });
        const fixes = [replaceFix(node, cidr.canonical, true)];
        if (cidr.leadingZeros) refuse(`leading zeros are refused. Write ${cidr.canonical}.`, { fixes });
        else if (cidr.hostBits)
          refuse(`bits are set behind the prefix, which Calico refuses in rules. It means ${cidr.canonical}.`, {
            fixes,
          });
        else if (key === 'notNets' && cidr.prefix === 0)
          refuse('nothing is left when every address is excluded, and Calico refuses that. Remove it.');
        if (first === undefined) first = { family: cidr.family, at: spanOf(node), text };
        else if (first.family !== cidr.family) {
          refuse(`all addresses of a rule have to be of one family. Write a rule for IPv4 and one for IPv6.`, {
            related: [
              {
                at: first.at,
                message: `${first.text === 'ipVersion' ? '' : `${first.text} is of family `}IPv${first.family} here`,
              },
            ],
          });
        }
      }
    }
  }
  return problems;
}

export function isMissing(node: YamlNode, key: string): boolean {
  return node.kind === 'map' && !node.incomplete && isNull(valueAt(node, key));
}
