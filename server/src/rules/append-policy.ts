import { textBeside } from '../engine/append-object.js';
import type { Policy } from '../model/policy.js';
import type { YamlData } from '../text/edits.js';
import type { Change } from '../text/fix.js';
import { contentOf, type Placed, type Scope } from '../workspace/scope.js';

/**
 * A NetworkPolicy of its own behind another in its file, in that one's namespace and style. Undefined where no document
 * can be added: a template, a JSON file.
 */
export function appendPolicy(beside: Placed<Policy>, name: string, spec: YamlData): readonly Change[] | undefined {
  const { namespace } = beside.value;
  const text = textBeside(beside, {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    spec,
  });
  return text === undefined ? undefined : [{ kind: 'append', uri: beside.uri, text }];
}

/** The name, with a number behind it where a policy of the namespace has it already. */
export function freeName(scope: Scope, { namespace }: Placed<Policy>, wanted: string): string {
  const taken = new Set(contentOf(scope, namespace).policies.map(({ value }) => value.name));
  let name = wanted;
  for (let n = 2; taken.has(name); n++) name = `${wanted}-${n}`;
  return name;
}
