import { namesOf, textBeside } from '../engine/append-object.js';
import { resourcesOf } from '../kinds/index.js';
import type { Policy } from '../model/policy.js';
import { fingerprint, type Selector } from '../model/selector.js';
import { documentOf } from '../text/document.js';
import type { YamlData } from '../text/edits.js';
import type { Change } from '../text/fix.js';
import { TransformedResource } from '../workspace/kustomize/step.js';
import { perList } from '../workspace/per-list.js';
import type { Placed, Scope } from '../workspace/scope.js';
import { besideOf } from './applied-together.js';
import { identityOf, ownSpec } from './family-words.js';

/**
 * A policy of its own behind another in its file, of that one's kind, in its namespace and style; `spec` is that of a
 * NetworkPolicy. Undefined where no document can be added: a template, a JSON file; where that kind cannot say it; and
 * where an overlay would make it choose others than the pods it is meant for.
 */
export function appendPolicy(
  beside: Placed<Policy>,
  name: string,
  spec: YamlData,
  pods?: Selector,
): readonly Change[] | undefined {
  const { namespace } = beside.value;
  const own = ownSpec(beside, spec);
  if (own === undefined) return undefined;
  const text = textBeside(beside, {
    ...identityOf(beside),
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    spec: own,
  });
  if (text === undefined) return undefined;
  const { resource, uri } = beside;
  if (pods !== undefined && resource instanceof TransformedResource) {
    const [written] = resourcesOf(documentOf(uri, text));
    const object = written && resource.again(written)?.object;
    if (object?.type !== 'policy' || fingerprint(object.value.subject.pods) !== fingerprint(pods)) return undefined;
  }
  return [{ kind: 'append', uri, text }];
}

/** The name, with a number behind it where a policy of the namespace has it already. */
export function freeName(scope: Scope, policy: Placed<Policy>, wanted: string): string {
  const taken = takenIn(besideOf(scope, policy));
  const { order, name: other } = policy.value;
  // Calico 3.29 to 3.31 wants the tier's name before that of a policy.
  const tier = order.tierName !== undefined && other.startsWith(`${order.tierName}.`) ? `${order.tierName}.` : '';
  let name = tier + wanted;
  for (let n = 2; taken.has(name); n++) name = `${tier}${wanted}-${n}`;
  return name;
}

const takenIn = perList((policies: readonly Placed<Policy>[]) => new Set(namesOf(policies)));
