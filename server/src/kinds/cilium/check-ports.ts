import { removeEntry } from '../../text/edits.js';
import { editOnly } from '../../text/fix.js';
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
  type YamlNode,
  type YamlPath,
} from '../../text/tree.js';
import { itemsOf } from '../entry.js';
import { nearest } from '../nearest.js';
import type { Problem } from '../problem.js';
import { dash, placeOf, replaceFix } from '../structure.js';
import { checkDomains } from './check-domains.js';
import { checkHttp } from './check-http.js';
import { extendedProtocols, parsePort } from './ports.js';
import { byAgent, byServer, refusal } from './refusal.js';

/** Where a `toPorts` stands, as far as it decides what may be written. */
export interface PortsContext {
  readonly direction: 'ingress' | 'egress';
  /** A policy about nodes. */
  readonly host: boolean;
  readonly clusterWide: boolean;
}

/** What the API server or the agent refuse in `toPorts`. Source: FACTS A4.3, ports to listener. */
export function checkToPorts(list: YamlNode | undefined, path: YamlPath, context: PortsContext): readonly Problem[] {
  if (list?.kind !== 'sequence') return [];
  return list.items.flatMap((item, index) =>
    item.value.kind === 'map' ? checkItem(item.value, [...path, index], context) : [],
  );
}

function checkItem(item: YamlMap, path: YamlPath, context: PortsContext): readonly Problem[] {
  const ports = valueAt(item, 'ports');
  const portItems = ports?.kind === 'sequence' ? ports.items : [];
  // Half of a port may stand behind a condition of a template.
  const partial = ports?.kind === 'sequence' && ports.incomplete;
  const rules = given(item, 'rules');
  return [
    ...portItems.flatMap((each, index) =>
      each.value.kind === 'map' ? checkPort(each.value, [...path, 'ports', index], dash(each), partial) : [],
    ),
    ...(rules?.value.kind === 'map' ? checkRules(rules, rules.value, item, path, context) : []),
    ...checkServerNames(item, path, rules),
    ...checkListener(item, path, rules, context),
  ];
}

function given(node: YamlNode | undefined, key: string): YamlEntry | undefined {
  const entry = entryOf(node, key);
  return entry === undefined || isNull(entry.value) ? undefined : entry;
}

const plainProtocols = ['TCP', 'UDP', 'SCTP', 'ANY'];

function checkPort(map: YamlMap, path: YamlPath, at: Span, partial: boolean): readonly Problem[] {
  const problems: Problem[] = [];
  const protocol = entryOf(map, 'protocol');
  const protocolText = stringOf(protocol?.value);
  const extended = protocolText !== undefined && Object.hasOwn(extendedProtocols, protocolText);
  const known = protocolText === undefined || extended || plainProtocols.includes(protocolText);
  if (protocol?.value.kind === 'scalar' && !known) {
    const meant = nearest(protocolText, plainProtocols);
    const words = [`"${protocolText}" is no protocol`, byServer, 'Use TCP, UDP, SCTP or ANY, in capitals.'] as const;
    const fixes = meant === undefined ? [] : [replaceFix(protocol.value, meant, true)];
    problems.push(refusal('invalid-protocol', [...path, 'protocol'], placeOf(protocol), words, { fixes }));
  }
  const port = entryOf(map, 'port');
  const text = stringOf(port?.value);
  const here = [...path, 'port'];
  const opaque = protocol?.value.kind === 'scalar' && protocol.value.opaque;
  if (port === undefined || isNull(port.value)) {
    if (extended || opaque || !known || partial || map.incomplete) return problems;
    const how = 'Add `port:` with a number or a name in quotes, "0" for every port.';
    problems.push(
      refusal('missing-field', here, port === undefined ? at : keySpan(port), ['a port is required', byServer, how]),
    );
  } else if (text !== undefined && parsePort(text) === undefined) {
    const octal = /^0[0-9]+$/.test(text);
    const what = octal
      ? `"${text}" is no port: a number that begins with 0 is octal`
      : `"${text}" is neither a port from 0 to 65535 nor a port’s name (up to 15 letters, digits and "-")`;
    const how = octal ? 'Leave out the 0.' : 'Give the number, or the name that the container declares.';
    problems.push(
      refusal(/^[0-9]/.test(text) ? 'invalid-port' : 'invalid-named-port', here, placeOf(port), [what, byAgent, how]),
    );
  } else if (extended && text !== undefined && parsePort(text) !== 0) {
    const what = `${protocolText} has no ports`;
    problems.push(refusal('invalid-port', here, placeOf(port), [what, byAgent, 'Leave `port` out.']));
  }
  return problems;
}

const ruleKeys = ['http', 'dns', 'kafka', 'l7proto'];

/** One kind of rules; those but DNS want TCP spelled out and a port; DNS is for egress and single ports. */
function checkRules(entry: YamlEntry, rules: YamlMap, item: YamlMap, path: YamlPath, context: PortsContext) {
  const here = [...path, 'rules'];
  const kinds = ruleKeys.flatMap((key) => given(rules, key) ?? []);
  const [kind, second] = kinds;
  // Keys that do not exist are reported as such.
  const empty = rules.entries.length === 0 || given(rules, 'l7') !== undefined;
  if (second !== undefined || (kind === undefined && empty && !rules.incomplete)) {
    const what = second === undefined ? 'no rules are given' : `${kinds.map(keyText).join(' and ')} stand together`;
    const at = keySpan(second ?? entry);
    return [refusal('invalid-value', here, at, [what, byServer, `Give exactly one of ${ruleKeys.join(', ')}.`])];
  }
  if (kind === undefined) return [];
  const name = keyText(kind);
  const inside =
    name === 'dns'
      ? checkDomains(kind.value, [...here, 'dns'])
      : name === 'http'
        ? checkHttp(kind.value, [...here, 'http'])
        : [];
  return [...inside, ...checkPlace(kind, name, item, [...here, name], path, context)];
}

function checkPlace(
  kind: YamlEntry,
  name: string,
  item: YamlMap,
  here: YamlPath,
  path: YamlPath,
  { direction, host }: PortsContext,
): readonly Problem[] {
  const dns = name === 'dns';
  const at = keySpan(kind);
  if (dns && direction === 'ingress') {
    const words = [
      'DNS rules are for egress only',
      byAgent,
      'Put them into an egress entry towards the DNS pods.',
    ] as const;
    return [refusal('invalid-value', here, at, words)];
  }
  if (host && !dns) {
    const words = [
      `a policy about nodes has no ${name} rules`,
      byAgent,
      'Leave `rules` out, or select endpoints.',
    ] as const;
    return [refusal('invalid-value', here, at, words)];
  }
  const ports = valueAt(item, 'ports');
  if (item.incomplete || (ports?.kind === 'sequence' ? ports.incomplete : !isNull(ports))) return [];
  const items = ports?.kind === 'sequence' ? ports.items : [];
  if (dns && items.length === 0) {
    const words = ['DNS rules need ports', byAgent, 'Add `ports:` with port "53" and protocol ANY.'] as const;
    return [refusal('missing-field', here, at, words)];
  }
  return items.flatMap((port, index) => {
    const place = [...path, 'ports', index];
    if (port.value.kind !== 'map' || port.value.incomplete) return [];
    return dns ? checkDnsPort(port.value, place) : checkL7Port(port.value, place, name, dash(port));
  });
}

function checkL7Port(port: YamlMap, path: YamlPath, name: string, at: Span): readonly Problem[] {
  const problems: Problem[] = [];
  const number = entryOf(port, 'port');
  if (number !== undefined && parsePort(stringOf(number.value) ?? '') === 0) {
    const words = [`${name} rules need a port, and "0" is every port`, byAgent, 'Give the port.'] as const;
    problems.push(refusal('invalid-port', [...path, 'port'], placeOf(number), words));
  }
  const entry = entryOf(port, 'protocol');
  const text = stringOf(entry?.value);
  const missing = entry === undefined || isNull(entry.value);
  if ((!missing && text === undefined) || text?.toUpperCase() === 'TCP') return problems;
  // What is no protocol is said as that.
  if (text !== undefined && !plainProtocols.includes(text)) return problems;
  const what = missing
    ? `${name} rules need protocol TCP spelled out: without one it is ANY`
    : `${name} rules need protocol TCP, not ${text}`;
  const fix = entry?.value.kind === 'scalar' && !missing ? [replaceFix(entry.value, 'TCP', false)] : [];
  const place = entry === undefined ? (number === undefined ? at : placeOf(number)) : placeOf(entry);
  problems.push(
    refusal('invalid-protocol', [...path, 'protocol'], place, [what, byAgent, 'Write `protocol: TCP`.'], {
      fixes: fix,
    }),
  );
  return problems;
}

function checkDnsPort(port: YamlMap, path: YamlPath): readonly Problem[] {
  const entry = entryOf(port, 'endPort');
  const end = entry?.value.kind === 'scalar' && !entry.value.opaque ? entry.value.value : undefined;
  const start = parsePort(stringOf(valueAt(port, 'port')) ?? '');
  if (entry === undefined || typeof end !== 'number' || typeof start !== 'number' || end <= start) return [];
  const fixes = [{ title: 'Remove endPort', changes: () => editOnly(removeEntry(port, entry)) }];
  const words = ['DNS rules take no range of ports', byAgent, 'Remove endPort.'] as const;
  return [refusal('invalid-end-port', [...path, 'endPort'], placeOf(entry), words, { fixes })];
}

function checkServerNames(item: YamlMap, path: YamlPath, rules: YamlEntry | undefined): readonly Problem[] {
  const names = given(item, 'serverNames');
  const here = [...path, 'serverNames'];
  const all = itemsOf(names?.value);
  const problems = all.flatMap((node, index) =>
    stringOf(node) === ''
      ? [
          refusal('invalid-value', [...here, index], spanOf(node), [
            'a server name is empty',
            byAgent,
            'Write the name.',
          ]),
        ]
      : [],
  );
  if (names === undefined || all.length === 0 || rules === undefined || item.incomplete) return problems;
  if (given(item, 'terminatingTLS') !== undefined || rules.value.kind !== 'map') return problems;
  const related = [{ at: keySpan(rules), message: 'the rules' }];
  const words = [
    'serverNames stand together with rules, which cannot see inside of TLS',
    byAgent,
    'Add terminatingTLS, or remove one of them.',
  ] as const;
  return [...problems, refusal('invalid-value', here, keySpan(names), words, { related })];
}

function checkListener(item: YamlMap, path: YamlPath, rules: YamlEntry | undefined, context: PortsContext) {
  const listener = given(item, 'listener');
  if (listener === undefined || item.incomplete) return [];
  const here = [...path, 'listener'];
  const problem = (place: YamlPath, at: Span, what: string, how: string) =>
    refusal('invalid-value', place, at, [what, byAgent, how]);
  const problems: Problem[] = [];
  if (context.direction === 'ingress') {
    problems.push(problem(here, keySpan(listener), 'a listener is for egress only', 'Remove it.'));
  }
  if (rules?.value.kind === 'map') {
    problems.push(problem(here, keySpan(listener), 'a listener stands together with rules', 'Remove one of them.'));
  }
  const kind = entryOf(valueAt(listener.value, 'envoyConfig'), 'kind');
  if (context.clusterWide && kind !== undefined && stringOf(kind.value) === 'CiliumEnvoyConfig') {
    const what = 'a CiliumEnvoyConfig has a namespace, and the policy has none';
    problems.push(
      problem([...here, 'envoyConfig', 'kind'], placeOf(kind), what, 'Use a CiliumClusterwideEnvoyConfig.'),
    );
  }
  return problems;
}
