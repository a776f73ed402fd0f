import {
  entryOf,
  isNull,
  keySpan,
  type Span,
  spanOf,
  stringOf,
  valueAt,
  type YamlEntry,
  type YamlMap,
  type YamlNode,
  type YamlPath,
} from '../../text/tree.js';
import { checkLimits } from '../cluster/limits.js';
import { itemsOf } from '../entry.js';
import type { ObjectField } from '../field.js';
import { checkMetadata } from '../kubernetes/check-metadata.js';
import { nearest } from '../nearest.js';
import type { Problem } from '../problem.js';
import { checkStructure, dash, hasMisspelt, placeOf, replaceFix } from '../structure.js';
import { checkCidrSets, checkCidrs } from './check-cidrs.js';
import { checkDomains } from './check-domains.js';
import { checkSelector, checkSelectors } from './check-labels.js';
import { checkToPorts } from './check-ports.js';
import { icmpNames, icmpType } from './icmp.js';
import { podNamespace } from './labels.js';
import { peerKeys } from './peers.js';
import { icmpFamily } from './ports.js';
import type { CiliumPolicyKind } from './read.js';
import { byAgent, byServer, refusal } from './refusal.js';

/**
 * Every reason why the API server (CRD) or Cilium's agent (Rule.Sanitize) would refuse a policy. Where the supported
 * versions differ, what one of them takes is no problem. Source: FACTS A4.1 to A4.3.
 */
export function checkCiliumPolicy(object: YamlMap, kind: CiliumPolicyKind, fields: ObjectField): readonly Problem[] {
  const specs = valueAt(object, 'specs');
  const items = specs?.kind === 'sequence' ? specs.items : [];
  const spec = entryOf(object, 'spec');
  return [
    ...checkStructure(object, fields),
    ...checkMetadata(object, kind),
    ...checkLimits(object, fields),
    ...checkThere(object),
    ...[spec?.value, ...items.map(({ value }) => value)].flatMap((each, place) =>
      kind === 'CiliumNetworkPolicy' && each?.kind === 'map'
        ? checkOwnNamespace(each, place === 0 ? ['spec'] : ['specs', place - 1], valueAt(object, 'metadata'))
        : [],
    ),
    ...(spec?.value.kind === 'map' ? checkSpec(spec.value, ['spec'], keySpan(spec), kind) : []),
    ...items.flatMap((item, index) =>
      item.value.kind === 'map' ? checkSpec(item.value, ['specs', index], dash(item), kind) : [],
    ),
  ];
}

/** CEL of the newest CRD; ErrEmptyCNP in the agent. */
function checkThere(object: YamlMap): readonly Problem[] {
  const [spec, specs] = [entryOf(object, 'spec'), entryOf(object, 'specs')];
  const there = [spec, specs].some((entry) => entry !== undefined && !isNull(entry.value) && !isEmptyList(entry.value));
  const misspelt = specs === undefined && hasMisspelt(object, 'spec');
  if (object.incomplete || there || misspelt) return [];
  const at = spec ?? specs ?? entryOf(object, 'kind');
  const words = ['a policy needs spec or specs', byAgent, 'Add `spec:`.'] as const;
  return [refusal('missing-field', ['spec'], at === undefined ? spanOf(object) : keySpan(at), words)];
}

function isEmptyList(node: YamlNode): boolean {
  return node.kind === 'sequence' && node.items.length === 0 && !node.incomplete;
}

const lists = ['ingress', 'ingressDeny', 'egress', 'egressDeny'] as const;

function checkSpec(spec: YamlMap, path: YamlPath, at: Span, kind: CiliumPolicyKind): readonly Problem[] {
  const nodes = given(spec, 'nodeSelector');
  const host = nodes !== undefined;
  return [
    ...checkSubject(spec, path, at, kind),
    ...checkSelector(valueAt(spec, 'endpointSelector'), [...path, 'endpointSelector']),
    ...checkSelector(nodes?.value, [...path, 'nodeSelector']),
    ...checkLists(spec, path, at),
    ...lists.flatMap((key) => {
      const list = valueAt(spec, key);
      const items = list?.kind === 'sequence' ? list.items : [];
      return items.flatMap((item, index) =>
        item.value.kind === 'map' ? checkEntry(item.value, [...path, key, index], kind, host) : [],
      );
    }),
  ];
}

/** A policy of a namespace is about its own: the agent puts that into the selector, and says so in its log alone. */
function checkOwnNamespace(spec: YamlMap, path: YamlPath, metadata: YamlNode | undefined): readonly Problem[] {
  const own = stringOf(valueAt(metadata, 'namespace'));
  const labels = [...path, 'endpointSelector', 'matchLabels'];
  const entry = entryOf(valueAt(valueAt(spec, 'endpointSelector'), 'matchLabels'), `k8s:${podNamespace}`);
  const other = stringOf(entry?.value);
  if (entry === undefined || own === undefined || other === undefined || other === own) return [];
  const words = [
    `a CiliumNetworkPolicy is about pods of its own namespace`,
    `Cilium puts ${own} in place of ${other}, and the policy selects no pod of ${other}.`,
    `Move the policy to ${other} (metadata.namespace), or leave this label out.`,
  ] as const;
  const here = [...labels, `k8s:${podNamespace}`];
  return [refusal('invalid-selector', here, placeOf(entry), words, { severity: 'warning' })];
}

function given(node: YamlNode | undefined, key: string): YamlEntry | undefined {
  const entry = entryOf(node, key);
  return entry === undefined || isNull(entry.value) ? undefined : entry;
}

function checkSubject(spec: YamlMap, path: YamlPath, at: Span, kind: CiliumPolicyKind): readonly Problem[] {
  const endpoints = given(spec, 'endpointSelector');
  const nodes = given(spec, 'nodeSelector');
  const namespaced = kind === 'CiliumNetworkPolicy';
  if (endpoints === undefined && nodes === undefined) {
    if (spec.incomplete || hasMisspelt(spec, 'endpointSelector') || hasMisspelt(spec, 'nodeSelector')) return [];
    const empty = entryOf(spec, 'endpointSelector') ?? entryOf(spec, 'nodeSelector');
    const how = `Add \`endpointSelector:\`; {} is every pod${namespaced ? ' of the namespace' : ''}.`;
    const words = ['it is not said whom the policy is about', byServer, how] as const;
    return [refusal('missing-field', [...path, 'endpointSelector'], empty === undefined ? at : keySpan(empty), words)];
  }
  if (nodes === undefined) return [];
  if (endpoints !== undefined) {
    if (spec.incomplete) return [];
    const related = [{ at: keySpan(endpoints), message: 'the other one' }];
    const words = ['endpointSelector and nodeSelector stand together', byServer, 'Keep one of them.'] as const;
    return [refusal('invalid-value', path, keySpan(nodes), words, { related })];
  }
  if (!namespaced) return [];
  const how = 'Use endpointSelector, or make it a CiliumClusterwideNetworkPolicy.';
  const words = ['a policy of a namespace cannot be about nodes', byAgent, how] as const;
  return [refusal('invalid-value', [...path, 'nodeSelector'], keySpan(nodes), words)];
}

/** The CRD wants one of the keys from 1.18 on, the agent one entry. */
function checkLists(spec: YamlMap, path: YamlPath, at: Span): readonly Problem[] {
  const there = lists.flatMap((key) => entryOf(spec, key) ?? []);
  if (spec.incomplete || there.some(({ value }) => !isNull(value) && !isEmptyList(value))) return [];
  const [first] = there;
  if (first === undefined && lists.some((key) => hasMisspelt(spec, key))) return [];
  const [what, who] =
    first === undefined
      ? ([
          'the policy has neither ingress nor egress',
          `The API server refuses the object; with an older CRD, ${byAgent}`,
        ] as const)
      : (['the policy has no entry, which does not deny everything', byAgent] as const);
  const how = 'To deny everything, write `ingress: [{}]` or `egress: [{}]`: an empty entry allows nobody.';
  return [refusal('missing-field', path, first === undefined ? at : keySpan(first), [what, who, how])];
}

function checkEntry(entry: YamlMap, path: YamlPath, kind: CiliumPolicyKind, host: boolean): readonly Problem[] {
  const direction = String(path.at(-2)).startsWith('ingress') ? 'ingress' : 'egress';
  const word = direction === 'ingress' ? 'from' : 'to';
  const at = (key: string) => [valueAt(entry, key), [...path, key]] as const;
  return [
    ...checkPeerKinds(entry, path, direction),
    ...checkSelectors(...at(`${word}Endpoints`)),
    ...checkSelectors(...at(`${word}Nodes`)),
    ...checkSelectors(...at(`${word}Requires`)),
    ...checkCidrs(...at(`${word}CIDR`)),
    ...checkCidrSets(...at(`${word}CIDRSet`)),
    ...groupSelectors(entry, `${word}CIDRSet`, path),
    ...checkDomains(...at('toFQDNs')),
    ...itemsOf(valueAt(entry, 'toServices')).flatMap((item, index) => {
      const here = [...path, 'toServices', index, 'k8sServiceSelector', 'selector'];
      return checkSelector(valueAt(valueAt(item, 'k8sServiceSelector'), 'selector'), here);
    }),
    ...checkToPorts(...at('toPorts'), { direction, host, clusterWide: kind === 'CiliumClusterwideNetworkPolicy' }),
    ...checkIcmps(entry, path),
  ];
}

function groupSelectors(entry: YamlMap, key: string, path: YamlPath): readonly Problem[] {
  return itemsOf(valueAt(entry, key)).flatMap((item, index) =>
    checkSelector(valueAt(item, 'cidrGroupSelector'), [...path, key, index, 'cidrGroupSelector']),
  );
}

/** "combining X and Y is not supported yet": empty lists do not count. */
function checkPeerKinds(entry: YamlMap, path: YamlPath, direction: 'ingress' | 'egress'): readonly Problem[] {
  // Of a template, these may be two cases of one condition.
  if (entry.incomplete) return [];
  const [first, second] = entry.entries.filter(
    ({ key, value, duplicate }) =>
      !duplicate &&
      peerKeys[direction].includes(String(key.value)) &&
      value.kind === 'sequence' &&
      value.items.length > 0,
  );
  if (first === undefined || second === undefined) return [];
  const words = [
    `${String(first.key.value)} and ${String(second.key.value)} stand in one entry`,
    byAgent,
    'Put each into an entry of its own, which means OR.',
  ] as const;
  const related = [{ at: keySpan(first), message: 'the other kind of peers' }];
  return [refusal('invalid-peer', path, keySpan(second), words, { related })];
}

function checkIcmps(entry: YamlMap, path: YamlPath): readonly Problem[] {
  const problems: Problem[] = [];
  const icmps = given(entry, 'icmps');
  const ports = given(entry, 'toPorts');
  const together = itemsOf(icmps?.value).length > 0 && itemsOf(ports?.value).length > 0;
  if (icmps !== undefined && together && !entry.incomplete) {
    const related = ports === undefined ? [] : [{ at: keySpan(ports), message: 'toPorts of the same entry' }];
    const words = ['icmps stand together with toPorts', byAgent, 'Put them into an entry of their own.'] as const;
    problems.push(refusal('invalid-value', [...path, 'icmps'], keySpan(icmps), words, { related }));
  }
  itemsOf(icmps?.value).forEach((item, place) => {
    itemsOf(valueAt(item, 'fields')).forEach((field, index) => {
      problems.push(...checkIcmpType(field, [...path, 'icmps', place, 'fields', index]));
    });
  });
  return problems;
}

function checkIcmpType(field: YamlNode, path: YamlPath): readonly Problem[] {
  const family = icmpFamily(field);
  const entry = entryOf(field, 'type');
  if (family === undefined || entry?.value.kind !== 'scalar' || entry.value.opaque || isNull(entry.value)) return [];
  const { value } = entry.value;
  if (typeof value === 'boolean') return [];
  const type = icmpType(family, value);
  // The CRD's pattern has the name with a blank in it, which the agent does not know.
  const unusable = value === 'ExtendedEchoReply';
  if (type !== undefined && !unusable) return [];
  const names = icmpNames(family).filter((name) => name !== 'ExtendedEchoReply');
  const meant = typeof value === 'string' ? nearest(value, names) : undefined;
  const how = unusable ? `Write ${type}.` : 'Use a number from 0 to 255, or a name such as EchoRequest.';
  const what = unusable
    ? 'the API server does not know the name ExtendedEchoReply'
    : `${value} is no type of ICMP for ${family}`;
  const fix = unusable ? type : meant;
  const fixes = fix === undefined ? [] : [replaceFix(entry.value, fix, unusable)];
  const words = [what, unusable ? byServer : byAgent, how] as const;
  return [refusal('invalid-value', [...path, 'type'], placeOf(entry), words, { fixes })];
}
