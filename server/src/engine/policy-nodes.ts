import type { Direction, Policy, PortClause, Rule } from '../model/policy.js';
import type { Place } from '../model/workload.js';
import {
  entryOf,
  isNull,
  keySpan,
  spanOf,
  stringOf,
  valueAt,
  type YamlMap,
  type YamlNode,
  type YamlSequence,
} from '../text/tree.js';
import type { Placed } from '../workspace/scope.js';

/** The `spec` of a policy, of Cilium's also an item of `specs`; undefined where it is no map. */
export function specOf({ resource: { node, part = 0 } }: Placed<Policy>): YamlMap | undefined {
  const spec = valueAt(node, 'spec');
  const more = valueAt(node, 'specs');
  const all = [
    ...(isNull(spec) ? [] : [spec]),
    ...(more?.kind === 'sequence' ? more.items : []).map(({ value }) => value),
  ];
  const found = more === undefined ? spec : all[part];
  return found?.kind === 'map' ? found : undefined;
}

/** Where a policy says that it isolates its pods: the item of policyTypes or types, else the rules' key, else its name. */
export function isolationPlace(policy: Placed<Policy>, direction: Direction): Place {
  const spec = specOf(policy);
  const types = valueAt(spec, policy.value.family === 'calico' ? 'types' : 'policyTypes');
  const word = direction === 'ingress' ? 'Ingress' : 'Egress';
  const item = types?.kind === 'sequence' ? types.items.find(({ value }) => stringOf(value) === word) : undefined;
  if (item !== undefined) return spanOf(item.value);
  const entry = entryOf(spec, direction) ?? entryOf(spec, `${direction}Deny`);
  return entry === undefined ? policy.value.at : keySpan(entry);
}

/** The key of the list that rules of this kind stand in. */
export function ruleListKey({ family }: Policy, { direction, action }: Pick<Rule, 'direction' | 'action'>): string {
  return family === 'cilium' && action === 'Deny' ? `${direction}Deny` : direction;
}

/** A rule's node; undefined where the rule is written as nothing (`-`). */
export function ruleNode(policy: Placed<Policy>, rule: Rule): YamlMap | undefined {
  const list = valueAt(specOf(policy), ruleListKey(policy.value, rule));
  const node = list?.kind === 'sequence' ? list.items[rule.index]?.value : undefined;
  return node?.kind === 'map' ? node : undefined;
}

/** A rule's port list; undefined where it has none. */
export function portsNode(policy: Placed<Policy>, rule: Rule): YamlSequence | undefined {
  const list = valueAt(ruleNode(policy, rule), 'ports');
  return list?.kind === 'sequence' ? list : undefined;
}

/** The node of one item of a rule's port list. */
export function clauseNode(policy: Placed<Policy>, rule: Rule, clause: PortClause): YamlMap | undefined {
  const item = portsNode(policy, rule)?.items.find(({ value }) => {
    const port: YamlNode | undefined = valueAt(value, 'port');
    return port !== undefined && port.range.start === clause.portAt?.range.start;
  });
  return item?.value.kind === 'map' ? item.value : undefined;
}
