import type { Direction, Policy, PortClause, Rule } from '../model/policy.js';
import type { Place } from '../model/workload.js';
import {
  entryOf,
  keySpan,
  spanOf,
  stringOf,
  valueAt,
  type YamlMap,
  type YamlNode,
  type YamlSequence,
} from '../text/tree.js';
import type { Placed } from '../workspace/scope.js';

/** The `spec` of a policy; undefined where it is no map. */
export function specOf(policy: Placed<Policy>): YamlMap | undefined {
  const spec = valueAt(policy.resource.node, 'spec');
  return spec?.kind === 'map' ? spec : undefined;
}

/** Where a policy says that it isolates its pods: the item of policyTypes, else the rules' key, else its name. */
export function isolationPlace(policy: Placed<Policy>, direction: Direction): Place {
  const spec = specOf(policy);
  const types = valueAt(spec, 'policyTypes');
  const word = direction === 'ingress' ? 'Ingress' : 'Egress';
  const item = types?.kind === 'sequence' ? types.items.find(({ value }) => stringOf(value) === word) : undefined;
  if (item !== undefined) return spanOf(item.value);
  const entry = entryOf(spec, direction);
  return entry === undefined ? policy.value.at : keySpan(entry);
}

/** A rule's node; undefined where the rule is written as nothing (`-`). */
export function ruleNode(policy: Placed<Policy>, rule: Rule): YamlMap | undefined {
  const list = valueAt(specOf(policy), rule.direction);
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
