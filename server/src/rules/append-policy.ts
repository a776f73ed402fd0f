import { namesOf, textBeside } from '../engine/append-object.js';
import { resourcesOf } from '../kinds/index.js';
import type { Policy } from '../model/policy.js';
import { fingerprint, type Selector } from '../model/selector.js';
import { documentOf } from '../text/document.js';
import type { YamlData } from '../text/edits.js';
import type { Change } from '../text/fix.js';
import { TransformedResource } from '../workspace/kustomize/step.js';
import { contentOf, type Placed, type Scope } from '../workspace/scope.js';

/**
 * A NetworkPolicy of its own behind another in its file, in that one's namespace and style. Undefined where no document
 * can be added: a template, a JSON file; and where an overlay would make it choose others than the pods it is meant for.
 */
export function appendPolicy(
  beside: Placed<Policy>,
  name: string,
  spec: YamlData,
  pods?: Selector,
): readonly Change[] | undefined {
  const { namespace } = beside.value;
  const text = textBeside(beside, {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    spec,
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
export function freeName(scope: Scope, { namespace }: Placed<Policy>, wanted: string): string {
  const taken = new Set(namesOf(contentOf(scope, namespace).policies));
  let name = wanted;
  for (let n = 2; taken.has(name); n++) name = `${wanted}-${n}`;
  return name;
}
