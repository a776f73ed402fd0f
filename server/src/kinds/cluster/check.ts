import { parseCidr } from '../../model/addresses.js';
import { replaceScalar } from '../../text/edits.js';
import { editOnly } from '../../text/fix.js';
import { formatPath } from '../../text/paths.js';
import {
  entryOf,
  isNull,
  keySpan,
  spanOf,
  stringOf,
  valueAt,
  type YamlEntry,
  type YamlMap,
  type YamlNode,
  type YamlPath,
  type YamlScalar,
  type YamlSequence,
} from '../../text/tree.js';
import type { ObjectField } from '../field.js';
import { notACidr } from '../kubernetes/check-ip-block.js';
import { checkMetadata } from '../kubernetes/check-metadata.js';
import { checkLabelSelector } from '../kubernetes/label-selector.js';
import { portNameProblem } from '../kubernetes/names.js';
import { isPort } from '../kubernetes/read-network-policy.js';
import { nearest } from '../nearest.js';
import type { Problem } from '../problem.js';
import { checkStructure, placeOf, replaceFix } from '../structure.js';
import { checkLimits } from './limits.js';
import { explainMixUp } from './mix-ups.js';
import { type ClusterPolicyKind, keysOf } from './read.js';

/**
 * Every reason why the API server would refuse a policy of policy.networking.k8s.io, and, as warnings, what it takes but
 * the API's text or its implementations do not. Source: the CRDs' schemas and CEL rules, bundles v0.2.0 and v0.1.7.
 */
export function checkClusterPolicy(object: YamlMap, kind: ClusterPolicyKind, fields: ObjectField): readonly Problem[] {
  const spec = valueAt(object, 'spec');
  return [
    ...checkStructure(object, fields).map((problem) => explainMixUp(object, problem)),
    ...checkMetadata(object, kind),
    ...(kind === 'BaselineAdminNetworkPolicy' ? checkBaselineName(object) : []),
    ...checkLimits(object, fields),
    ...checkSelectors(valueAt(spec, 'subject'), ['spec', 'subject']),
    ...checkRules(spec, 'ingress', kind),
    ...checkRules(spec, 'egress', kind),
  ];
}

/** CEL at the CRD's root: self.metadata.name == 'default'. */
function checkBaselineName(object: YamlMap): readonly Problem[] {
  const metadata = valueAt(object, 'metadata');
  const name = entryOf(metadata, 'name') ?? entryOf(metadata, 'generateName');
  const text = stringOf(name?.value);
  if (name === undefined || text === undefined || (text === 'default' && keyIs(name, 'name'))) return [];
  return [
    {
      rule: 'baseline-name',
      path: ['metadata', 'name'],
      at: placeOf(name),
      message: `metadata.name: a cluster has one BaselineAdminNetworkPolicy, and its name has to be "default": the API server refuses any other. Rename it, or move its rules into the one that exists.`,
      fixes: keyIs(name, 'name') && name.value.kind === 'scalar' ? [replaceFix(name.value, 'default', false)] : [],
    },
  ];
}

function keyIs(entry: YamlEntry, key: string): boolean {
  return entry.key.value === key;
}

/** The CRDs leave selectors unchecked: what is wrong with them shows only where a plugin reads them. */
function unchecked(problems: readonly Problem[]): readonly Problem[] {
  const more = ' The API server does not check this here: the network plugin will not understand it.';
  return problems.map((problem) =>
    problem.severity === undefined ? { ...problem, severity: 'warning', message: problem.message + more } : problem,
  );
}

function checkSelectors(node: YamlNode | undefined, path: YamlPath): readonly Problem[] {
  const pods = valueAt(node, 'pods');
  const selectors: readonly (readonly [YamlNode | undefined, YamlPath])[] = [
    [valueAt(node, 'namespaces'), ['namespaces']],
    [valueAt(pods, 'namespaceSelector'), ['pods', 'namespaceSelector']],
    [valueAt(pods, 'podSelector'), ['pods', 'podSelector']],
    [valueAt(node, 'nodes'), ['nodes']],
  ];
  return unchecked(selectors.flatMap(([selector, rest]) => checkLabelSelector(selector, [...path, ...rest])));
}

function checkRules(spec: YamlNode | undefined, direction: 'ingress' | 'egress', kind: ClusterPolicyKind) {
  const rules = sequence(valueAt(spec, direction));
  const [peersKey, portsKey] = keysOf(direction, kind);
  return (rules?.items ?? []).flatMap((item, index) => {
    const path: YamlPath = ['spec', direction, index];
    const peers = sequence(valueAt(item.value, peersKey))?.items ?? [];
    const ports = sequence(valueAt(item.value, portsKey))?.items ?? [];
    return [
      ...peers.flatMap((peer, place) => checkPeer(peer.value, [...path, peersKey, place], item.value, kind)),
      ...ports.flatMap((port, place) => checkPort(port.value, [...path, portsKey, place], kind)),
      ...(direction === 'egress' ? checkNamesAgainstPeers(item.value, path, kind) : []),
    ];
  });
}

function checkPeer(node: YamlNode, path: YamlPath, rule: YamlNode, kind: ClusterPolicyKind): readonly Problem[] {
  return [
    ...checkSelectors(node, path),
    ...checkNetworks(sequence(valueAt(node, 'networks')), [...path, 'networks']),
    ...checkDomainNames(entryOf(node, 'domainNames'), [...path, 'domainNames'], rule, kind),
  ];
}

/** CEL: isCIDR(self), which takes host bits, and neither IPv4 within IPv6 nor leading zeros. */
function checkNetworks(list: YamlSequence | undefined, path: YamlPath): readonly Problem[] {
  return (list?.items ?? []).flatMap(({ value }, index): readonly Problem[] => {
    const text = stringOf(value);
    if (value.kind !== 'scalar' || text === undefined) return [];
    const here = [...path, index];
    const cidr = parseCidr(text);
    if (cidr === undefined) return [notACidr(value, text, here, 'invalid-cidr', true)];
    const flaw = cidr.ipv4Mapped
      ? 'an IPv4 address in IPv6 form is refused'
      : cidr.leadingZeros
        ? 'leading zeros are refused'
        : undefined;
    if (flaw === undefined && !cidr.hostBits) return [];
    const why = flaw ?? `bits are set behind the prefix; it means ${cidr.canonical}`;
    return [
      {
        rule: 'invalid-cidr',
        path: here,
        at: spanOf(value),
        message: `${formatPath(here)}: ${text}: ${why}. Write ${cidr.canonical}.`,
        ...(flaw === undefined ? { severity: 'info' } : {}),
        fixes: [replaceFix(value, cidr.canonical, true)],
      },
    ];
  });
}

/** As the CRD has it, with the upstream slip `A-z`. */
const domainName = /^(\*\.)?([a-zA-z0-9]([-a-zA-Z0-9_]*[a-zA-Z0-9])?\.)+[a-zA-z0-9]([-a-zA-Z0-9_]*[a-zA-Z0-9])?\.?$/;

function checkDomainNames(
  entry: YamlEntry | undefined,
  path: YamlPath,
  rule: YamlNode,
  kind: ClusterPolicyKind,
): readonly Problem[] {
  if (entry === undefined) return [];
  const problems = (sequence(entry.value)?.items ?? []).flatMap(({ value }, index): Problem[] => {
    const text = stringOf(value);
    if (text === undefined || domainName.test(text)) return [];
    const here = [...path, index];
    return [
      {
        rule: 'invalid-value',
        path: here,
        at: spanOf(value),
        message: `${formatPath(here)}: "${text}" is refused: write a name of two parts or more, such as example.com; "*" may only stand in front, as in *.example.com.`,
      },
    ];
  });
  const action = stringOf(valueAt(rule, 'action'));
  const accept = kind === 'ClusterNetworkPolicy' ? 'Accept' : 'Allow';
  if (action === 'Deny' || action === 'Pass') {
    problems.push({
      rule: 'invalid-peer',
      path,
      at: keySpan(entry),
      severity: 'warning',
      message: `${formatPath(path)}: domain names are for rules with action ${accept} only, and this one has ${action}: implementations refuse the policy, or deny everything. Use networks.`,
    });
  }
  return problems;
}

/** CEL of the experimental channel: names are those of pods' ports, and these peers are no pods. */
function checkNamesAgainstPeers(rule: YamlNode, path: YamlPath, kind: ClusterPolicyKind): readonly Problem[] {
  const [peersKey, portsKey] = keysOf('egress', kind);
  const outside = (sequence(valueAt(rule, peersKey))?.items ?? [])
    .flatMap(({ value }) => ['networks', 'nodes', 'domainNames'].map((key) => entryOf(value, key)))
    .find((entry) => entry !== undefined && !isNull(entry.value));
  if (outside === undefined) return [];
  const nameKey = namedKey(kind);
  return (sequence(valueAt(rule, portsKey))?.items ?? []).flatMap(({ value }, index): readonly Problem[] => {
    const entry = entryOf(value, nameKey);
    if (entry === undefined || isNull(entry.value)) return [];
    const here = [...path, portsKey, index, nameKey];
    return [
      {
        rule: 'invalid-named-port',
        path: here,
        at: placeOf(entry),
        severity: 'warning',
        message: `${formatPath(here)}: pods have named ports; ${String(outside.key.value)} have none, so the name matches nothing there, and the experimental channel of the CRD refuses the rule. Give the number, or put pods into a rule of their own.`,
        related: [{ at: keySpan(outside), message: 'the peer that has no named ports' }],
      },
    ];
  });
}

function namedKey(kind: ClusterPolicyKind) {
  return kind === 'ClusterNetworkPolicy' ? 'destinationNamedPort' : 'namedPort';
}

function checkPort(node: YamlNode, path: YamlPath, kind: ClusterPolicyKind): readonly Problem[] {
  const problems: Problem[] = [];
  const named = entryOf(node, namedKey(kind));
  const name = stringOf(named?.value);
  const why = name === undefined ? undefined : portNameProblem(name);
  if (named !== undefined && name !== undefined && why !== undefined) {
    const here = [...path, namedKey(kind)];
    problems.push({
      rule: 'invalid-named-port',
      path: here,
      at: placeOf(named),
      severity: 'warning',
      message: `${formatPath(here)}: no container port can have the name "${name}": ${why}. The API server takes it, and it matches nothing.`,
    });
  }
  if (kind === 'ClusterNetworkPolicy') {
    for (const transport of ['tcp', 'udp', 'sctp']) {
      const range = valueAt(valueAt(valueAt(node, transport), 'destinationPort'), 'range');
      problems.push(...checkRange(range, [...path, transport, 'destinationPort', 'range'], true));
    }
    return problems;
  }
  problems.push(...checkRange(valueAt(node, 'portRange'), [...path, 'portRange'], false));
  for (const key of ['portNumber', 'portRange']) {
    const protocol = valueAt(valueAt(node, key), 'protocol');
    if (protocol?.kind === 'scalar') problems.push(...checkProtocol(protocol, [...path, key, 'protocol']));
  }
  return problems;
}

/** CEL of v1alpha2: self.start < self.end. In v1alpha1 it is in the documentation only. */
function checkRange(range: YamlNode | undefined, path: YamlPath, strict: boolean): readonly Problem[] {
  const [first, last] = [scalar(valueAt(range, 'start')), scalar(valueAt(range, 'end'))];
  const [start, end] = [first?.value, last?.value];
  if (first === undefined || last === undefined || typeof start !== 'number' || typeof end !== 'number') return [];
  if (start < end || (start === end && !strict) || !isPort(start) || !isPort(end)) return [];
  const swap = {
    title: `Swap: start ${end}, end ${start}`,
    preferred: true,
    changes: () => {
      const edits = [replaceScalar(first, end), replaceScalar(last, start)].filter((edit) => edit !== undefined);
      return edits.length === 2 ? editOnly(edits) : undefined;
    },
  };
  const why =
    start === end
      ? `a range needs a start below its end, and both are ${start}: the API server refuses it. Use \`number: ${start}\`.`
      : `the range starts at ${start}, above its end ${end}${strict ? ': the API server refuses it' : '. The API server takes it, and it holds no port'}. Write the smaller number in \`start\`.`;
  return [
    {
      rule: 'invalid-end-port',
      path,
      at: spanOf(last),
      message: `${formatPath(path)}: ${why}`,
      ...(strict ? {} : { severity: 'warning' }),
      related: [{ at: spanOf(first), message: `the range starts at ${start}` }],
      fixes: start === end ? [] : [swap],
    },
  ];
}

const protocols = ['TCP', 'UDP', 'SCTP'];

function checkProtocol(node: YamlScalar, path: YamlPath): readonly Problem[] {
  const text = stringOf(node);
  if (text === undefined || protocols.includes(text)) return [];
  const meant = nearest(text, protocols);
  return [
    {
      rule: 'invalid-protocol',
      path,
      at: spanOf(node),
      severity: 'warning',
      message: `${formatPath(path)}: "${text}" is no protocol that implementations know, though the API server takes it. Use TCP, UDP or SCTP, in capitals.`,
      ...(meant === undefined ? {} : { fixes: [replaceFix(node, meant, true)] }),
    },
  ];
}

function sequence(node: YamlNode | undefined): YamlSequence | undefined {
  return node?.kind === 'sequence' ? node : undefined;
}

function scalar(node: YamlNode | undefined): YamlScalar | undefined {
  return node?.kind === 'scalar' && !node.opaque ? node : undefined;
}
