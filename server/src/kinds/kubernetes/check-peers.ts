import { columnAt, textBefore } from '../../text/columns.js';
import { removeItem, type TextEdit } from '../../text/edits.js';
import { editOnly } from '../../text/fix.js';
import { formatPath } from '../../text/paths.js';
import { editAt, siteOf } from '../../text/site.js';
import {
  entryOf,
  isNull,
  keySpan,
  keyText,
  type Span,
  type YamlEntry,
  type YamlMap,
  type YamlNode,
  type YamlPath,
  type YamlSequence,
} from '../../text/tree.js';
import type { ValidityContext } from '../kind.js';
import type { Problem } from '../problem.js';
import { dash } from '../structure.js';
import { checkIpBlock } from './check-ip-block.js';
import { checkLabelSelector } from './label-selector.js';

/**
 * Who a rule is about: the items of `from` and `to`.
 * Source: pkg/apis/networking/validation ValidateNetworkPolicyPeer.
 */
export function checkPeers(list: YamlSequence, path: YamlPath, context: ValidityContext): readonly Problem[] {
  return list.items.flatMap((item, index) => checkPeer(list, index, item.value, [...path, index], dash(item), context));
}

function checkPeer(
  list: YamlSequence,
  index: number,
  node: YamlNode,
  path: YamlPath,
  at: Problem['at'],
  context: ValidityContext,
): readonly Problem[] {
  if (node.kind !== 'map' && !isNull(node)) return [];
  if (node.kind === 'map' && node.incomplete) return [];
  const pods = given(node, 'podSelector');
  const namespaces = given(node, 'namespaceSelector');
  const block = given(node, 'ipBlock');
  const problems: Problem[] = [
    ...checkLabelSelector(pods?.value, [...path, 'podSelector']),
    ...checkLabelSelector(namespaces?.value, [...path, 'namespaceSelector']),
    ...(block?.value.kind === 'map' ? checkIpBlock(block.value, [...path, 'ipBlock'], context) : []),
  ];
  // Keys that the API does not know, and nothing else: these are the fault, and are reported.
  const entries = node.kind === 'map' ? node.entries : [];
  const astray = entries.length > 0 && entries.every((entry) => !peerKeys.includes(keyText(entry)));
  if (pods === undefined && namespaces === undefined && block === undefined && !astray) {
    const empty = entries.find((entry) => peerKeys.includes(keyText(entry)) && isNull(entry.value));
    const side = path[3] === 'from' ? 'source' : 'destination';
    problems.push({
      rule: 'invalid-peer',
      path,
      at: empty === undefined ? at : keySpan(empty),
      message: `${formatPath(path)}: an empty ${side} is refused; say who: podSelector, namespaceSelector or ipBlock. For every ${side}, leave \`${String(path[3])}\` out; for every pod of the cluster, write \`namespaceSelector: {}\`.`,
      // The last one gone, the list would be empty, which means everybody.
      fixes:
        list.items.length > 1
          ? [{ title: `Remove this empty ${side}`, changes: () => editOnly(removeItem(list, index)) }]
          : [],
    });
  }
  const selector = pods ?? namespaces;
  if (block !== undefined && selector !== undefined) {
    problems.push({
      rule: 'invalid-peer',
      path,
      at: keySpan(block),
      message: `${formatPath(path)}: ipBlock cannot stand in one item with a selector: addresses are for what is outside the cluster, selectors for pods. Put it in an item of its own ("- ipBlock:"), which means OR.`,
      related: [{ at: keySpan(selector), message: 'the selector in the same item' }],
      fixes: [
        {
          title: 'Put ipBlock in an item of its own (OR)',
          preferred: true,
          changes: () => editOnly(node.kind === 'map' ? splitItem(node, block, at) : undefined),
        },
      ],
    });
  }
  return problems;
}

const peerKeys = ['podSelector', 'namespaceSelector', 'ipBlock'];

/** An entry that is there and not null, which for a pointer field counts as absent. */
function given(node: YamlNode, key: string) {
  const entry = entryOf(node, key);
  return entry === undefined || isNull(entry.value) ? undefined : entry;
}

/**
 * Makes two items of one by a dash before the second part: the ipBlock, or the selectors behind it. Undefined where the
 * ipBlock stands between selectors, which have to stay together.
 */
function splitItem(map: YamlMap, block: YamlEntry, marker: Span): TextEdit | undefined {
  const index = map.entries.indexOf(block);
  const second = index === 0 ? map.entries[1] : block;
  const site = siteOf(map);
  if (site === undefined || map.flow || second === undefined || second.merged) return undefined;
  if (index > 0 && index < map.entries.length - 1) return undefined;
  const column = columnAt(site.text, marker.range.start);
  const before = textBefore(site.text, second.range.start);
  if (before.trim() !== '' || before.length < column + 2) return undefined;
  const at = second.range.start - before.length + column;
  return editAt(site.document, at, at + 1, '-');
}
