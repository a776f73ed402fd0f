import type { NamedAddresses } from '../../model/address-set.js';
import { addressesOf, noAddresses, parseAddress, parseCidr, union } from '../../model/addresses.js';
import { builtInTiers, type Tier } from '../../model/tier.js';
import { formatPath } from '../../text/paths.js';
import {
  entryOf,
  isNull,
  keySpan,
  keyText,
  type Span,
  spanOf,
  stringOf,
  valueAt,
  type YamlEntry,
  type YamlMap,
  type YamlPath,
} from '../../text/tree.js';
import { itemsOf } from '../entry.js';
import { dnsLabelProblem, portNameProblem, subdomainProblem } from '../kubernetes/names.js';
import { numberOf, readLabels } from '../kubernetes/workloads.js';
import type { Problem } from '../problem.js';
import { placeOf, replaceFix } from '../structure.js';
import { checkProtocol } from './check-rule.js';
import { stringsOf } from './read-entity.js';

/** A tier in the model's terms; undefined without a name. Source: projectcalico/calico api tier.go. */
export function readTier(object: YamlMap): Tier | undefined {
  const named = nameOf(object);
  if (named === undefined) return undefined;
  const spec = valueAt(object, 'spec');
  const builtIn = builtInTiers.find(({ name }) => name === named.name);
  const [order, action] = [valueAt(spec, 'order'), valueAt(spec, 'defaultAction')];
  const end = isNull(action) ? (builtIn?.end ?? 'Deny') : stringOf(action);
  const known = isNull(order) ? (builtIn?.order ?? Number.POSITIVE_INFINITY) : numberOf(order);
  return {
    ...named,
    order: known ?? Number.POSITIVE_INFINITY,
    end: end === 'Pass' ? 'Pass' : 'Deny',
    uncertain:
      known === undefined ||
      (end !== 'Pass' && end !== 'Deny') ||
      (spec?.kind === 'map' ? spec.incomplete : !isNull(spec)) ||
      object.incomplete,
  };
}

function nameOf(object: YamlMap): { readonly name: string; readonly at: Span } | undefined {
  const node = valueAt(valueAt(object, 'metadata'), 'name');
  const name = stringOf(node);
  return node === undefined || name === undefined ? undefined : { name, at: spanOf(node) };
}

/** Source: validator validateTier, CEL of the CRD. */
export function checkTier(object: YamlMap): readonly Problem[] {
  const problems: Problem[] = [];
  const name = entryOf(valueAt(object, 'metadata'), 'name');
  const text = stringOf(name?.value);
  if (name === undefined || text === undefined) return problems;
  const why = subdomainProblem(text) === undefined ? dnsLabelProblem(text) : undefined;
  if (why !== undefined) {
    problems.push({
      rule: 'invalid-name',
      path: ['metadata', 'name'],
      at: placeOf(name),
      message: `metadata.name: "${text}" cannot be the name of a Tier: ${why}.`,
    });
  }
  const builtIn = builtInTiers.find((tier) => tier.name === text);
  const spec = valueAt(object, 'spec');
  if (builtIn === undefined || (spec?.kind === 'map' && spec.incomplete)) return problems;
  const expected = [
    ['order', builtIn.order],
    ['defaultAction', builtIn.end],
  ] as const;
  for (const [key, wanted] of expected) {
    const entry = entryOf(spec, key);
    const node = entry?.value;
    // What is left out is filled in: Deny, and no order.
    if (isNull(node) && wanted === 'Deny') continue;
    if (node?.kind === 'scalar' && (node.opaque || node.value === wanted)) continue;
    if (node !== undefined && node.kind !== 'scalar') continue;
    const path = ['spec', key];
    problems.push({
      rule: 'invalid-value',
      path,
      at: entry === undefined ? spanOf(name.value) : placeOf(entry),
      message: `${formatPath(path)}: every cluster has the tier ${text}, and its ${key} has to be ${wanted}. Write ${wanted}, or give your tier another name.`,
      ...(node === undefined || isNull(node) ? {} : { fixes: [replaceFix(node, wanted, false)] }),
    });
  }
  return problems;
}

/** A set of addresses in the model's terms; undefined without a name. Source: api networkset.go, globalnetworkset.go. */
export function readNetworkSet(object: YamlMap, kind: 'NetworkSet' | 'GlobalNetworkSet'): NamedAddresses | undefined {
  const named = nameOf(object);
  if (named === undefined) return undefined;
  const metadata = valueAt(object, 'metadata');
  const spec = valueAt(object, 'spec');
  const { strings, complete } = stringsOf(valueAt(spec, 'nets'));
  const blocks = strings.map(({ text }) => parseCidr(text) ?? single(text));
  const domains = valueAt(spec, 'allowedEgressDomains');
  const namespace = valueAt(metadata, 'namespace');
  const { labels, open } = readLabels(valueAt(metadata, 'labels'));
  return {
    kind,
    ...named,
    namespace: kind === 'NetworkSet' ? stringOf(namespace) : undefined,
    clusterWide: kind === 'GlobalNetworkSet',
    labels,
    openLabels: open || (metadata?.kind === 'map' && metadata.incomplete),
    addresses: blocks.map((cidr) => (cidr === undefined ? noAddresses : addressesOf(cidr))).reduce(union, noAddresses),
    uncertain:
      !complete ||
      blocks.includes(undefined) ||
      itemsOf(domains).length > 0 ||
      (spec?.kind === 'map' ? spec.incomplete : !isNull(spec)),
  };
}

function single(text: string) {
  const address = parseAddress(text);
  return address === undefined ? undefined : parseCidr(`${text}/${address.family === 4 ? 32 : 128}`);
}

/** Source: validator validateNetworkSet; addresses may stand without a prefix, and have bits behind it. */
export function checkNetworkSet(object: YamlMap): readonly Problem[] {
  const labels = valueAt(valueAt(object, 'metadata'), 'labels');
  const reserved = entryOf(labels, 'projectcalico.org/namespace');
  const problems = itemsOf(valueAt(valueAt(object, 'spec'), 'nets')).flatMap((node, index): readonly Problem[] => {
    const text = stringOf(node);
    if (text === undefined || parseCidr(text) !== undefined || parseAddress(text) !== undefined) return [];
    const path = ['spec', 'nets', index];
    return [
      {
        rule: 'invalid-cidr',
        path,
        at: spanOf(node),
        message: `${formatPath(path)}: "${text}" is neither a CIDR range nor an address. Write one such as 203.0.113.0/24 or 203.0.113.7.`,
      },
    ];
  });
  if (reserved === undefined) return problems;
  const path: YamlPath = ['metadata', 'labels'];
  const message = `${formatPath(path)}: Calico sets the label ${keyText(reserved)} itself, and refuses it here. Remove it.`;
  return [...problems, { rule: 'invalid-label', path, at: keySpan(reserved), message }];
}

/** Source: CEL of the CRD of HostEndpoint; validator validateHostEndpoint. */
export function checkHostEndpoint(object: YamlMap): readonly Problem[] {
  const spec = entryOf(object, 'spec');
  const problems: Problem[] = [];
  const map = spec?.value;
  if (spec !== undefined && (isNull(map) || (map?.kind === 'map' && !map.incomplete))) {
    const lacks = (key: string) => {
      const node = valueAt(map, key);
      return (
        isNull(node) ||
        stringOf(node) === '' ||
        (node?.kind === 'sequence' && node.items.length === 0 && !node.incomplete)
      );
    };
    const missing = (path: YamlPath, at: YamlEntry, why: string) =>
      problems.push({ rule: 'missing-field', path, at: keySpan(at), message: `${formatPath(path)} ${why}` });
    if (lacks('node')) missing(['spec', 'node'], entryOf(map, 'node') ?? spec, 'is required: say on which node it is.');
    if (lacks('interfaceName') && lacks('expectedIPs'))
      missing(
        ['spec', 'interfaceName'],
        entryOf(map, 'interfaceName') ?? spec,
        'or spec.expectedIPs is required: say which interface it is. Use * for all of the node.',
      );
  }
  for (const [index, node] of itemsOf(valueAt(map, 'expectedIPs')).entries()) {
    const text = stringOf(node);
    if (text === undefined || parseAddress(text) !== undefined) continue;
    const path = ['spec', 'expectedIPs', index];
    const message = `${formatPath(path)}: "${text}" is no IP address.`;
    problems.push({ rule: 'invalid-value', path, at: spanOf(node), message });
  }
  for (const [index, port] of itemsOf(valueAt(map, 'ports')).entries()) {
    const path: YamlPath = ['spec', 'ports', index];
    problems.push(...checkProtocol(entryOf(port, 'protocol'), [...path, 'protocol']));
    const name = valueAt(port, 'name');
    const why = portNameProblem(stringOf(name) ?? 'x');
    if (name === undefined || why === undefined) continue;
    const message = `${formatPath([...path, 'name'])}: "${stringOf(name)}" cannot be the name of a port: ${why}.`;
    problems.push({ rule: 'invalid-named-port', path: [...path, 'name'], at: spanOf(name), message });
  }
  return problems;
}
