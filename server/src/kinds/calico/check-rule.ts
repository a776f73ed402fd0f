import { insertEntry } from '../../text/edits.js';
import { editOnly } from '../../text/fix.js';
import { formatPath } from '../../text/paths.js';
import {
  entryOf,
  keySpan,
  spanOf,
  stringOf,
  valueAt,
  type YamlEntry,
  type YamlMap,
  type YamlNode,
  type YamlPath,
  type YamlScalar,
} from '../../text/tree.js';
import { itemsOf } from '../entry.js';
import { labelKeyProblem, portNameProblem } from '../kubernetes/names.js';
import { nearest } from '../nearest.js';
import type { Problem } from '../problem.js';
import { placeOf, replaceFix } from '../structure.js';
import { checkEntity, checkNets, filled, isMissing, type RuleContext } from './check-entity.js';
import { given } from './read-entity.js';
import { protocolNumber, protocolNumbers, writtenPort } from './read-ports.js';

/**
 * Why Calico would refuse a rule, beyond its structure.
 * Source: libcalico-go validator validateRule, validateProtocol, validatePort, validateHTTPPaths; CEL of the CRDs on Rule.
 */
export function checkRule(rule: YamlMap, path: YamlPath, context: RuleContext): readonly Problem[] {
  return [
    ...checkProtocol(given(rule, 'protocol'), [...path, 'protocol']),
    ...checkProtocol(given(rule, 'notProtocol'), [...path, 'notProtocol']),
    ...checkIpVersion(rule, path),
    ...checkIcmp(rule, path),
    ...(['source', 'destination'] as const).flatMap((end) => [
      ...checkEntity(rule, end, path, context),
      ...checkPorts(rule, end, path),
    ]),
    ...checkNets(rule, path),
    ...checkHttp(rule, path, context),
    ...checkAnnotations(valueAt(valueAt(rule, 'metadata'), 'annotations'), [...path, 'metadata', 'annotations']),
  ];
}

/** Names as they are written here, or a number from 1 to 255. */
export function checkProtocol(entry: YamlEntry | undefined, path: YamlPath): readonly Problem[] {
  const node = entry?.value;
  if (node?.kind !== 'scalar' || node.opaque || protocolNumber(node) !== undefined) return [];
  if (typeof node.value !== 'string' && typeof node.value !== 'number') return [];
  const names = Object.keys(protocolNumbers);
  const meant = typeof node.value === 'string' ? nearest(node.value, names) : undefined;
  return [
    {
      rule: 'invalid-protocol',
      path,
      at: spanOf(node),
      message: `${formatPath(path)}: "${node.value}" is no protocol for Calico. Use ${names.join(', ')} (written exactly so), or a number from 1 to 255.`,
      ...(meant === undefined ? {} : { fixes: [replaceFix(node, meant, true)] }),
    },
  ];
}

function checkIpVersion(rule: YamlMap, path: YamlPath): readonly Problem[] {
  const version = valueAt(rule, 'ipVersion');
  if (version?.kind !== 'scalar' || (version.value !== 4 && version.value !== 6)) return [];
  return ['protocol', 'notProtocol'].flatMap((key): readonly Problem[] => {
    const node = valueAt(rule, key);
    const number = protocolNumber(node);
    const wanted = number === 1 ? 4 : number === 58 ? 6 : version.value;
    if (node === undefined || wanted === version.value) return [];
    const here = [...path, 'ipVersion'];
    return [
      {
        rule: 'invalid-value',
        path: here,
        at: spanOf(version),
        message: `${formatPath(here)}: ${number === 1 ? 'ICMP is of IPv4' : 'ICMPv6 is of IPv6'}, so ipVersion has to be ${wanted}, or left out.`,
        related: [{ at: spanOf(node), message: `the ${key} is given here` }],
      },
    ];
  });
}

function checkIcmp(rule: YamlMap, path: YamlPath): readonly Problem[] {
  const problems: Problem[] = [];
  for (const key of ['icmp', 'notICMP']) {
    const entry = given(rule, key);
    if (entry === undefined) continue;
    const code = given(entry.value, 'code');
    if (code !== undefined && isMissing(entry.value, 'type')) {
      problems.push({
        rule: 'missing-field',
        path: [...path, key, 'type'],
        at: keySpan(code),
        message: `${formatPath([...path, key, 'type'])} is required: a code means something only with its type. Add \`type:\`.`,
      });
    }
    if (key === 'notICMP') continue;
    const protocol = entryOf(rule, 'protocol');
    const number = protocolNumber(protocol?.value);
    if (isMissing(rule, 'protocol')) {
      problems.push(
        needsProtocol(rule, entry, path, 'icmp asks for messages of ICMP, so the rule has to say', ['ICMP', 'ICMPv6']),
      );
    } else if (protocol !== undefined && number !== undefined && number !== 1 && number !== 58) {
      problems.push({
        rule: 'invalid-protocol',
        path: [...path, 'protocol'],
        at: placeOf(protocol),
        message: `${formatPath([...path, 'protocol'])}: icmp asks for messages of ICMP, so the protocol has to be ICMP or ICMPv6.`,
        related: [{ at: keySpan(entry), message: 'icmp stands here' }],
      });
    }
  }
  return problems;
}

function needsProtocol(
  rule: YamlMap,
  entry: YamlEntry,
  path: YamlPath,
  why: string,
  names: readonly string[],
): Problem {
  const here = [...path, 'protocol'];
  return {
    rule: 'missing-field',
    path: here,
    at: keySpan(entry),
    message: `${formatPath(here)} is required: ${why} protocol ${names.join(', ').replace(/, ([^,]*)$/, ' or $1')}.`,
    fixes: names.map((name) => ({
      title: `Add protocol: ${name}`,
      changes: () => editOnly(insertEntry(rule, 'protocol', name, { before: ['icmp', 'source', 'destination'] })),
    })),
  };
}

/** Each port, and the protocol that numbers need. Names may stand without one since Calico 3.32. */
function checkPorts(rule: YamlMap, end: 'source' | 'destination', path: YamlPath): readonly Problem[] {
  const problems: Problem[] = [];
  const protocol = entryOf(rule, 'protocol');
  const number = protocolNumber(protocol?.value);
  for (const key of ['ports', 'notPorts']) {
    const entry = filled(valueAt(rule, end), key);
    if (entry === undefined) continue;
    const here = [...path, end, key];
    const nodes = itemsOf(entry.value);
    problems.push(...nodes.flatMap((node, index) => checkPort(node, [...here, index])));
    const numbered = nodes.some((node) => node.kind === 'scalar' && !node.opaque && from(writtenPort(node)));
    if (numbered && isMissing(rule, 'protocol')) {
      const why = `only some protocols have ports, so ${formatPath(here)} needs`;
      problems.push(needsProtocol(rule, entry, path, why, ['TCP', 'UDP', 'SCTP']));
    }
    if (protocol === undefined || number === undefined || number === 6 || number === 17 || number === 132) continue;
    problems.push({
      rule: 'invalid-protocol',
      path: [...path, 'protocol'],
      at: placeOf(protocol),
      message: `${formatPath([...path, 'protocol'])}: ${key} are for TCP, UDP and SCTP only. Use one of them, or remove ${key}.`,
      related: [{ at: keySpan(entry), message: `${key} stands here` }],
    });
  }
  return problems;
}

function from(port: ReturnType<typeof writtenPort>): boolean {
  return port !== undefined && 'from' in port;
}

function checkPort(node: YamlNode, path: YamlPath): readonly Problem[] {
  if (node.kind !== 'scalar' || node.opaque) return [];
  const { value } = node;
  const refuse = (rule: 'invalid-port' | 'invalid-named-port', why: string, meant?: string): readonly Problem[] => [
    {
      rule,
      path,
      at: spanOf(node),
      message: `${formatPath(path)}: ${why}`,
      ...(meant === undefined ? {} : { fixes: [replaceFix(node, meant, true)] }),
    },
  ];
  if (typeof value === 'number') {
    return Number.isInteger(value) && writtenPort(node) === undefined
      ? refuse('invalid-port', `${value} is no port; ports run from 1 to 65535.`)
      : [];
  }
  if (typeof value !== 'string') return [];
  const port = writtenPort(node);
  if (port !== undefined && 'from' in port) return [];
  const range = /^([0-9]+) *[-:] *([0-9]+)$/.exec(value);
  if (range !== null) {
    const [first, last] = [Number(range[1]), Number(range[2])];
    const sound = first >= 1 && last <= 65535 && first <= last;
    if (sound)
      return refuse('invalid-port', `a range is written with a colon: "${first}:${last}".`, `${first}:${last}`);
    return refuse(
      'invalid-port',
      first > last
        ? `the range starts at ${first}, above its end ${last}. Write "${last}:${first}".`
        : `ports run from 1 to 65535, and "${value}" goes beyond.`,
    );
  }
  if (/^[0-9]+$/.test(value)) return refuse('invalid-port', `${value} is no port; ports run from 1 to 65535.`);
  const why = portNameProblem(value);
  const lower = value.toLowerCase();
  return why === undefined
    ? []
    : refuse(
        'invalid-named-port',
        `"${value}" cannot be the name of a port: ${why}. Use the name that the container declares, or the number.`,
        portNameProblem(lower) === undefined ? lower : undefined,
      );
}

function checkHttp(rule: YamlMap, path: YamlPath, { direction }: RuleContext): readonly Problem[] {
  const entry = given(rule, 'http');
  if (entry === undefined) return [];
  const here = [...path, 'http'];
  const problems: Problem[] = [];
  const refuse = (why: string, related?: YamlNode) =>
    problems.push({
      rule: 'invalid-value',
      path: here,
      at: keySpan(entry),
      message: `${formatPath(here)}: ${why}`,
      ...(related === undefined ? {} : { related: [{ at: spanOf(related), message: 'it is given here' }] }),
    });
  const [action, protocol] = [valueAt(rule, 'action'), valueAt(rule, 'protocol')];
  const [actionText, number] = [stringOf(action), protocolNumber(protocol)];
  if (actionText === 'Deny' || actionText === 'Log' || actionText === 'Pass')
    refuse(
      'only rules with action Allow may ask for HTTP. Allow what is wanted, and let a rule behind it deny the rest.',
      action,
    );
  if (number !== undefined && number !== 6)
    refuse('HTTP goes over TCP: the protocol has to be TCP, or left out.', protocol);
  if (direction === 'egress')
    refuse('egress rules cannot ask for HTTP. Ask for it in an ingress rule of the pods that are called.');
  const paths = valueAt(entry.value, 'paths');
  for (const [index, item] of itemsOf(paths).entries()) {
    for (const key of ['exact', 'prefix']) {
      const node = valueAt(item, key);
      const text = stringOf(node);
      const stray = /[ ?#]/.exec(text ?? '')?.[0];
      if (node?.kind !== 'scalar' || text === undefined || (text.startsWith('/') && stray === undefined)) continue;
      problems.push(pathProblem(node, text, stray, [...here, 'paths', index, key]));
    }
  }
  return problems;
}

function pathProblem(node: YamlScalar, text: string, stray: string | undefined, path: YamlPath): Problem {
  const why =
    stray === undefined
      ? 'a path begins with "/".'
      : `a path holds no ${stray === ' ' ? 'blank' : `"${stray}"`}: query and fragment are not compared.`;
  const fixes = stray === undefined && text !== '' ? { fixes: [replaceFix(node, `/${text}`, false)] } : {};
  return { rule: 'invalid-value', path, at: spanOf(node), message: `${formatPath(path)}: "${text}": ${why}`, ...fixes };
}

/** Keys of annotations are those of labels, in any case. Source: apimachinery ValidateAnnotations. */
export function checkAnnotations(node: YamlNode | undefined, path: YamlPath): readonly Problem[] {
  if (node?.kind !== 'map') return [];
  return node.entries.flatMap(({ key }): readonly Problem[] => {
    const text = String(key.value);
    const why = key.opaque ? undefined : labelKeyProblem(text.toLowerCase());
    if (why === undefined) return [];
    return [
      {
        rule: 'invalid-label',
        path,
        at: spanOf(key),
        message: `${formatPath(path)}: the key "${text}" is refused: ${why}.`,
      },
    ];
  });
}
