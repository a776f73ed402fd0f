import { type Cidr, parseCidr } from '../../model/addresses.js';
import {
  entryOf,
  isNull,
  keySpan,
  type Span,
  spanOf,
  stringOf,
  valueAt,
  type YamlNode,
  type YamlPath,
} from '../../text/tree.js';
import { notACidr } from '../kubernetes/check-ip-block.js';
import { subdomainProblem } from '../kubernetes/names.js';
import type { Problem } from '../problem.js';
import { dash, placeOf, replaceFix } from '../structure.js';
import { byAgent, byServer, refusal } from './refusal.js';

/**
 * A list of address ranges. `format: cidr` at the API server, netip.ParsePrefix in the agent: host bits are fine, a single
 * address and numbers with leading zeros are not.
 */
export function checkCidrs(list: YamlNode | undefined, path: YamlPath): readonly Problem[] {
  if (list?.kind !== 'sequence') return [];
  return list.items.flatMap(({ value }, index) => checkCidr(value, [...path, index]));
}

function checkCidr(node: YamlNode, path: YamlPath, rule: 'invalid-cidr' | 'invalid-except' = 'invalid-cidr') {
  const text = stringOf(node);
  if (node.kind !== 'scalar' || text === undefined) return [];
  const cidr = parseCidr(text);
  if (cidr === undefined) return [notACidr(node, text, path, rule, true)];
  if (!cidr.leadingZeros) return [];
  const fixes = [replaceFix(node, cidr.canonical, true)];
  const words = [`${text} has numbers with leading zeros`, byAgent, `Write ${cidr.canonical}.`] as const;
  return [refusal(rule, path, spanOf(node), words, { fixes })];
}

const choices = ['cidr', 'cidrGroupRef', 'cidrGroupSelector'];

/** The items of `fromCIDRSet` and `toCIDRSet`. */
export function checkCidrSets(list: YamlNode | undefined, path: YamlPath): readonly Problem[] {
  if (list?.kind !== 'sequence') return [];
  return list.items.flatMap((item, index) =>
    item.value.kind === 'map' ? checkCidrSet(item.value, [...path, index], dash(item)) : [],
  );
}

function checkCidrSet(node: YamlNode & { kind: 'map' }, path: YamlPath, at: Span): readonly Problem[] {
  const problems: Problem[] = [];
  const given = choices.flatMap((key) => {
    const entry = entryOf(node, key);
    return entry === undefined || isNull(entry.value) ? [] : [entry];
  });
  const [, second] = given;
  if (!node.incomplete && given.length !== 1) {
    const what =
      second === undefined ? 'no range is given' : `${given.map(({ key }) => key.value).join(' and ')} stand together`;
    const how = `Give exactly one of ${choices.join(', ')}.`;
    problems.push(refusal('invalid-peer', path, second === undefined ? at : keySpan(second), [what, byServer, how]));
  }
  const cidrEntry = entryOf(node, 'cidr');
  const cidrText = stringOf(cidrEntry?.value);
  if (cidrEntry !== undefined) problems.push(...checkCidr(cidrEntry.value, [...path, 'cidr']));
  const group = entryOf(node, 'cidrGroupRef');
  const name = stringOf(group?.value);
  const why = name === undefined ? undefined : subdomainProblem(name);
  if (group !== undefined && why !== undefined) {
    const words = [`"${name}" cannot be the name of a CiliumCIDRGroup: ${why}`, byServer, 'Correct the name.'] as const;
    problems.push(refusal('invalid-value', [...path, 'cidrGroupRef'], placeOf(group), words));
  }
  const except = valueAt(node, 'except');
  const cidr = cidrText === undefined ? undefined : parseCidr(cidrText);
  if (except?.kind !== 'sequence') return problems;
  except.items.forEach(({ value }, index) => {
    const here = [...path, 'except', index];
    problems.push(...checkCidr(value, here, 'invalid-except'));
    const inner = parseCidr(stringOf(value) ?? '');
    if (cidr !== undefined && inner !== undefined) problems.push(...checkWithin(value, inner, cidr, here));
  });
  return problems;
}

/** The exception's address lies within; that its prefix is not the shorter one is asked by the newest versions only. */
function checkWithin(node: YamlNode, except: Cidr, cidr: Cidr, path: YamlPath): readonly Problem[] {
  const address = parseCidr(`${except.text.slice(0, except.text.indexOf('/'))}/${except.family === 4 ? 32 : 128}`);
  const inside =
    address !== undefined &&
    address.family === cidr.family &&
    address.first >= cidr.first &&
    address.first <= cidr.last;
  const how = 'An except is a range inside the cidr.';
  if (!inside) {
    const what = `${except.text} does not lie within ${cidr.text}`;
    return [refusal('invalid-except', path, spanOf(node), [what, byAgent, how])];
  }
  if (except.prefix >= cidr.prefix) return [];
  const what = `${except.text} is larger than ${cidr.text}, so nothing is left`;
  const who = 'Newer versions of Cilium do not load the policy.';
  return [refusal('invalid-except', path, spanOf(node), [what, who, how], { severity: 'warning' })];
}
