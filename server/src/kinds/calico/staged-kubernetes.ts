import type { Policy } from '../../model/policy.js';
import { entryOf, keyText, valueAt, type YamlMap } from '../../text/tree.js';
import type { ObjectField } from '../field.js';
import type { ValidityContext } from '../kind.js';
import { checkNetworkPolicy } from '../kubernetes/check-network-policy.js';
import { readNetworkPolicy } from '../kubernetes/read-network-policy.js';
import type { Problem } from '../problem.js';
import { checkStructure } from '../structure.js';

/** A StagedKubernetesNetworkPolicy is a NetworkPolicy with one field more. Source: api stagedkubernetesnetworkpolicy.go. */
export function readStagedKubernetes(object: YamlMap): Policy | undefined {
  const policy = readNetworkPolicy(withoutAction(object));
  return policy === undefined ? undefined : { ...policy, kind: 'StagedKubernetesNetworkPolicy', staged: true };
}

export function checkStagedKubernetes(
  object: YamlMap,
  fields: ObjectField,
  context: ValidityContext,
): readonly Problem[] {
  const action = entryOf(valueAt(object, 'spec'), 'stagedAction');
  return [
    ...checkNetworkPolicy(withoutAction(object), context),
    ...(action === undefined
      ? []
      : checkStructure(object, fields).filter(({ path }) => path.length === 2 && path[1] === 'stagedAction')),
  ];
}

/** The object as a NetworkPolicy; edits still go to the maps of the text. */
function withoutAction(object: YamlMap): YamlMap {
  const entries = object.entries.map((entry) => {
    const { value } = entry;
    if (keyText(entry) !== 'spec' || value.kind !== 'map') return entry;
    const rest = value.entries.filter((each) => keyText(each) !== 'stagedAction');
    return rest.length === value.entries.length ? entry : entry.with(value.with(rest, value));
  });
  return object.with(entries, object);
}
