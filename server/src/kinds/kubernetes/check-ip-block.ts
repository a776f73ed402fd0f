import { type Cidr, isStrictSubnet, parseAddress, parseCidr } from '../../model/addresses.js';
import { removeItem } from '../../text/edits.js';
import { editOnly } from '../../text/fix.js';
import { formatPath } from '../../text/paths.js';
import {
  spanOf,
  stringOf,
  valueAt,
  type YamlMap,
  type YamlNode,
  type YamlPath,
  type YamlScalar,
} from '../../text/tree.js';
import type { ValidityContext } from '../kind.js';
import type { Problem } from '../problem.js';
import { replaceFix } from '../structure.js';

type Rule = 'invalid-cidr' | 'invalid-except';

/**
 * An address range and its exceptions.
 * Source: pkg/apis/networking/validation ValidateIPBlock, apimachinery IsValidCIDRForLegacyField.
 */
export function checkIpBlock(map: YamlMap, path: YamlPath, context: ValidityContext): readonly Problem[] {
  const node = scalar(valueAt(map, 'cidr'));
  const text = stringOf(node);
  if (node === undefined || text === undefined) return [];
  const here = [...path, 'cidr'];
  const cidr = parseCidr(text);
  const except = valueAt(map, 'except');
  const excepts = except?.kind === 'sequence' ? except.items : [];
  const problems: Problem[] = [
    ...(cidr === undefined
      ? // With exceptions, a single address cannot be what was meant.
        [notACidr(node, text, here, 'invalid-cidr', excepts.length === 0)]
      : checkSpelling(node, cidr, here, 'invalid-cidr', context, excepts.length === 0)),
  ];
  if (cidr === undefined || except?.kind !== 'sequence') return problems;
  excepts.forEach((item, index) => {
    const value = scalar(item.value);
    const exceptText = stringOf(value);
    if (value === undefined || exceptText === undefined) return;
    const exceptPath = [...path, 'except', index];
    const parsed = parseCidr(exceptText);
    if (parsed === undefined) {
      const single = parseCidr(`${exceptText.trim()}/${cidr.family === 4 ? 32 : 128}`);
      const fits = single !== undefined && isStrictSubnet(single, cidr);
      problems.push(notACidr(value, exceptText, exceptPath, 'invalid-except', fits));
      return;
    }
    if (isStrictSubnet(parsed, cidr)) {
      problems.push(...checkSpelling(value, parsed, exceptPath, 'invalid-except', context, true));
      return;
    }
    problems.push({
      rule: 'invalid-except',
      path: exceptPath,
      at: spanOf(value),
      message: `${formatPath(exceptPath)}: ${outside(parsed, cidr)} An except must be a smaller range inside the cidr.`,
      related: [{ at: spanOf(node), message: `the cidr is ${text}` }],
      fixes: [{ title: `Remove ${exceptText}`, changes: () => editOnly(removeItem(except, index)) }],
    });
  });
  return problems;
}

function outside(except: Cidr, cidr: Cidr): string {
  if (except.family !== cidr.family) {
    return `${except.text} is of another address family than ${cidr.text}, so it excludes nothing and is refused.`;
  }
  if (except.first <= cidr.first && cidr.last <= except.last) {
    return `${except.text} covers the whole of ${cidr.text}, so it excludes everything and is refused.`;
  }
  return `${except.text} does not lie within ${cidr.text}, so it excludes nothing and is refused.`;
}

/** A text that is no address range; a single address gets its prefix as a fix. */
export function notACidr(node: YamlScalar, text: string, path: YamlPath, rule: Rule, mayBeSingle: boolean): Problem {
  const address = mayBeSingle ? parseAddress(text.trim()) : undefined;
  const single =
    address === undefined ? undefined : `${address.canonical}/${address.canonical.includes(':') ? 128 : 32}`;
  const what = text === '' ? 'the range is empty' : `"${text}" is not a CIDR range`;
  const how =
    single === undefined
      ? 'Write an address and a prefix length, such as 10.0.0.0/8.'
      : `A single address needs a prefix length: ${single}.`;
  return {
    rule,
    path,
    at: spanOf(node),
    message: `${formatPath(path)}: ${what}. ${how}`,
    ...(single === undefined ? {} : { fixes: [replaceFix(node, single, true)] }),
  };
}

/** Ranges that are understood, but refused by newer servers. */
function checkSpelling(
  node: YamlScalar,
  cidr: Cidr,
  path: YamlPath,
  rule: Rule,
  context: ValidityContext,
  standsAlone: boolean,
): readonly Problem[] {
  const flaws = [
    ...(cidr.hostBits ? [`bits are set behind the prefix (it means ${cidr.canonical})`] : []),
    ...(cidr.leadingZeros ? ['numbers have leading zeros'] : []),
    ...(cidr.ipv4Mapped ? ['it is an IPv4 address in IPv6 form'] : []),
  ];
  const strict = refusesSloppyCidrs(context);
  if (flaws.length === 0 || strict === 'no') return [];
  const address = parseAddress(cidr.text.slice(0, cidr.text.indexOf('/')));
  const single = rule === 'invalid-cidr' && standsAlone && cidr.hostBits && !cidr.ipv4Mapped ? address : undefined;
  // Exceptions in IPv6 form would no longer lie within.
  const sound = standsAlone || !cidr.ipv4Mapped;
  return [
    {
      rule,
      path,
      at: spanOf(node),
      message: `${formatPath(path)}: ${cidr.text}: ${flaws.join(' and ')}. Kubernetes refuses this from 1.36 on; earlier servers warn. Write ${cidr.canonical}.`,
      ...(strict === 'unknown' ? { severity: 'warning' as const } : {}),
      fixes: [
        ...(sound ? [replaceFix(node, cidr.canonical, true)] : []),
        ...(single === undefined
          ? []
          : [
              { ...replaceFix(node, `${single.canonical}/${single.family === 4 ? 32 : 128}`, false), preferred: false },
            ]),
      ],
    },
  ];
}

/** Feature gate StrictIPCIDRValidation: on by default from 1.36 (KEP-4858). */
function refusesSloppyCidrs(context: ValidityContext): 'yes' | 'no' | 'unknown' {
  if (context.kubernetesVersion === undefined) return 'unknown';
  const [major, minor] = context.kubernetesVersion;
  return major > 1 || minor >= 36 ? 'yes' : 'no';
}

function scalar(node: YamlNode | undefined): YamlScalar | undefined {
  return node?.kind === 'scalar' ? node : undefined;
}
