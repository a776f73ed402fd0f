import { insertEntry, removeEntry, replaceScalar, type TextEdit } from '../../text/edits.js';
import { editOnly } from '../../text/fix.js';
import { formatPath } from '../../text/paths.js';
import { editAt, siteOf } from '../../text/site.js';
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
import type { ValidityContext } from '../kind.js';
import { nearest } from '../nearest.js';
import type { Problem } from '../problem.js';
import { checkStructure, hasMisspelt, placeOf, replaceFix } from '../structure.js';
import { checkMetadata } from './check-metadata.js';
import { checkPeers } from './check-peers.js';
import { checkLabelSelector } from './label-selector.js';
import { portNameProblem } from './names.js';
import { networkPolicyFields } from './network-policy.js';
import { isPort } from './read-network-policy.js';

/**
 * Every reason why the API server would refuse a NetworkPolicy, all at once.
 * Source: pkg/apis/networking/validation ValidateNetworkPolicySpec, and strict decoding.
 */
export function checkNetworkPolicy(object: YamlMap, context: ValidityContext): readonly Problem[] {
  const spec = valueAt(object, 'spec');
  return [
    ...checkVersion(object),
    ...checkStructure(object, networkPolicyFields),
    ...checkMetadata(object, 'NetworkPolicy'),
    ...checkSubject(object),
    ...checkLabelSelector(valueAt(spec, 'podSelector'), ['spec', 'podSelector']),
    ...checkPolicyTypes(spec),
    ...checkRules(spec, 'ingress', 'from', context),
    ...checkRules(spec, 'egress', 'to', context),
  ];
}

const version = 'networking.k8s.io/v1';

/**
 * Whether an apiVersion of a NetworkPolicy is one that no server can offer: it is not that of another product, whose group
 * needs a dot (apiextensions ValidateCustomResourceDefinition). `extensions/v1beta1` was offered once, up to 1.15.
 */
export function isMistakenVersion(apiVersion: string): boolean {
  if (apiVersion === version || apiVersion === 'extensions/v1beta1') return false;
  const group = apiVersion.slice(0, Math.max(0, apiVersion.lastIndexOf('/')));
  return !group.includes('.') || version.startsWith(`${group}/`) || nearest(apiVersion, [version]) !== undefined;
}

function checkVersion(object: YamlMap): readonly Problem[] {
  const node = scalar(valueAt(object, 'apiVersion'));
  const text = stringOf(node);
  if (node === undefined || text === undefined || !isMistakenVersion(text)) return [];
  return [
    {
      rule: 'invalid-value',
      path: ['apiVersion'],
      at: spanOf(node),
      message: `apiVersion: no server knows a NetworkPolicy of "${text}", so the object is refused. Write ${version}.`,
      fixes: [replaceFix(node, version, nearest(text, [version]) !== undefined)],
    },
  ];
}

/** Accepted, and worth a warning: without a podSelector the policy is about every pod. Source: NetworkPolicySpec. */
function checkSubject(object: YamlMap): readonly Problem[] {
  const spec = entryOf(object, 'spec');
  if (spec?.value.kind !== 'map' || spec.value.incomplete || hasMisspelt(spec.value, 'podSelector')) return [];
  const map = spec.value;
  const entry = entryOf(map, 'podSelector');
  if (entry !== undefined && !isNull(entry.value)) return [];
  const said = entry === undefined ? 'there is no podSelector' : 'podSelector has no value';
  return [
    {
      rule: 'missing-field',
      path: ['spec', 'podSelector'],
      at: keySpan(entry ?? spec),
      severity: 'warning',
      message: `spec: ${said}, so the policy is about every pod of the namespace. That is accepted, and easily not what was meant: write \`podSelector: {}\` for every pod, or the labels of those that are meant.`,
      fixes: [
        {
          title: 'Write podSelector: {} (every pod, as it is)',
          changes: () =>
            editOnly(entry === undefined ? insertEntry(map, 'podSelector', {}, place) : writeEmptyMap(entry)),
        },
      ],
    },
  ];
}

const place = { before: ['policyTypes', 'ingress', 'egress'] };

/** `{}` in the place of a null. */
function writeEmptyMap({ value }: YamlEntry): TextEdit | undefined {
  const site = siteOf(value);
  const { start, end } = value.range;
  return site === undefined ? undefined : editAt(site.document, start, end, start === end ? ' {}' : '{}');
}

function checkPolicyTypes(spec: YamlNode | undefined): readonly Problem[] {
  const entry = entryOf(spec, 'policyTypes');
  const list = entry?.value;
  if (entry === undefined || list?.kind !== 'sequence' || list.items.length <= 2) return [];
  return [
    {
      rule: 'invalid-value',
      path: ['spec', 'policyTypes'],
      at: keySpan(entry),
      message: `spec.policyTypes: at most two policy types are allowed, ${list.items.length} are given. Keep Ingress, Egress or both, once each.`,
    },
  ];
}

function checkRules(
  spec: YamlNode | undefined,
  direction: 'ingress' | 'egress',
  peersKey: 'from' | 'to',
  context: ValidityContext,
): readonly Problem[] {
  const rules = valueAt(spec, direction);
  if (rules?.kind !== 'sequence') return [];
  return rules.items.flatMap((rule, index) => {
    const path: YamlPath = ['spec', direction, index];
    const ports = valueAt(rule.value, 'ports');
    const peers = valueAt(rule.value, peersKey);
    return [
      ...(ports?.kind === 'sequence' ? checkPorts(ports, [...path, 'ports']) : []),
      ...(peers?.kind === 'sequence' ? checkPeers(peers, [...path, peersKey], context) : []),
    ];
  });
}

function checkPorts(list: YamlSequence, path: YamlPath): readonly Problem[] {
  return list.items.flatMap((item, index) =>
    item.value.kind === 'map' ? checkPort(item.value, [...path, index]) : [],
  );
}

function checkPort(map: YamlMap, path: YamlPath): readonly Problem[] {
  const problems: Problem[] = [];
  const protocol = entryOf(map, 'protocol');
  const protocolText = stringOf(protocol?.value);
  if (protocol !== undefined && protocolText !== undefined && !protocols.includes(protocolText)) {
    problems.push(badProtocol(protocol.value, protocolText, [...path, 'protocol'], placeOf(protocol)));
  }
  const portEntry = entryOf(map, 'port');
  const port = scalar(portEntry?.value);
  if (port !== undefined && !port.opaque) {
    if (typeof port.value === 'number' && Number.isInteger(port.value) && !isPort(port.value)) {
      problems.push({
        rule: 'invalid-port',
        path: [...path, 'port'],
        at: spanOf(port),
        message: `${formatPath([...path, 'port'])}: ${port.value} is no port; ports run from 1 to 65535.${
          port.value === 0 ? ' To open every port of the protocol, leave `port` out.' : ''
        }`,
      });
    }
    if (typeof port.value === 'string') problems.push(...checkPortName(port, port.value, [...path, 'port']));
  }
  problems.push(...checkEndPort(map, port, path));
  return problems;
}

const protocols = ['TCP', 'UDP', 'SCTP'];

function badProtocol(node: YamlNode, text: string, path: YamlPath, at: Problem['at']): Problem {
  const letters = (word: string) => [...word.toUpperCase()].sort().join('');
  const meant = protocols.find((known) => letters(known) === letters(text)) ?? nearest(text, protocols);
  const any = /^(any|all|icmp)/i.test(text);
  return {
    rule: 'invalid-protocol',
    path,
    at,
    message: `${formatPath(path)}: "${text}" is refused; a NetworkPolicy knows TCP, UDP and SCTP, in capitals.${
      any ? ' To allow every protocol, leave `ports` out of the rule.' : ' Leave it out for TCP.'
    }`,
    ...(meant === undefined || any || node.kind !== 'scalar' ? {} : { fixes: [replaceFix(node, meant, true)] }),
  };
}

function checkPortName(node: YamlScalar, name: string, path: YamlPath): readonly Problem[] {
  const why = portNameProblem(name);
  if (why === undefined) return [];
  const number = /^[0-9]+$/.test(name) && isPort(Number(name)) ? Number(name) : undefined;
  const lower = name.toLowerCase();
  return [
    {
      rule: 'invalid-named-port',
      path,
      at: spanOf(node),
      message:
        number !== undefined
          ? `${formatPath(path)}: "${name}" in quotes is a port name, and a name needs a letter. Remove the quotes to mean port ${number}.`
          : `${formatPath(path)}: "${name}" cannot be the name of a port: ${why}. Use the name that the container declares, or the number.`,
      fixes:
        number !== undefined
          ? [replaceFix(node, number, true, `Change to the number ${number}`)]
          : portNameProblem(lower) === undefined
            ? [replaceFix(node, lower, false)]
            : [],
    },
  ];
}

function checkEndPort(map: YamlMap, port: YamlScalar | undefined, path: YamlPath): readonly Problem[] {
  const entry = entryOf(map, 'endPort');
  const end = scalar(entry?.value);
  if (entry === undefined || end === undefined || end.opaque || typeof end.value !== 'number') return [];
  const here = [...path, 'endPort'];
  const remove = { title: 'Remove endPort', changes: () => editOnly(removeEntry(map, entry)) };
  const problem = (message: string, more: Partial<Problem> = {}): Problem => ({
    rule: 'invalid-end-port',
    path: here,
    at: spanOf(end),
    message: `${formatPath(here)}: ${message}`,
    fixes: [remove],
    ...more,
  });
  if (port === undefined || (!port.opaque && port.value === null)) {
    if (map.incomplete) return [];
    return [
      problem(
        'endPort says where a range ends, but there is no `port` where it begins. Add `port`, or remove endPort.',
      ),
    ];
  }
  if (port.opaque) return [];
  if (typeof port.value === 'string') {
    const numeric = /^[0-9]+$/.test(port.value);
    return [
      problem(
        numeric
          ? `a range needs a numeric port, and "${port.value}" in quotes is a name. Remove the quotes.`
          : `a range needs a numeric port, and "${port.value}" is a name. Give the port's number, or remove endPort.`,
        { related: [{ at: spanOf(port), message: 'the port is given by name here' }] },
      ),
    ];
  }
  const last = end.value;
  const start = port.value;
  if (!isPort(last)) return [problem(`${last} is no port; ports run from 1 to 65535.`)];
  if (typeof start !== 'number' || last >= start) return [];
  const swap = {
    title: `Swap: port ${last}, endPort ${start}`,
    preferred: true,
    changes: () => {
      const first = replaceScalar(port, last);
      const second = replaceScalar(end, start);
      return first === undefined || second === undefined ? undefined : editOnly([first, second]);
    },
  };
  return [
    problem(`the range ends at ${last}, before its start ${start}. Write the smaller number in \`port\`.`, {
      related: [{ at: spanOf(port), message: `the range starts at ${start}` }],
      fixes: isPort(start) ? [swap, remove] : [remove],
    }),
  ];
}

function scalar(node: YamlNode | undefined): YamlScalar | undefined {
  return node?.kind === 'scalar' ? node : undefined;
}
