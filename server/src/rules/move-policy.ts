import type { Policy } from '../model/policy.js';
import type { Workload } from '../model/workload.js';
import { replaceScalar } from '../text/edits.js';
import { editOnly, type Fix } from '../text/fix.js';
import { stringOf, valueAt, type YamlNode } from '../text/tree.js';
import type { Placed, Scope } from '../workspace/scope.js';

/** The `metadata.namespace` of a policy; undefined where it is not written, or a kustomization gives another one. */
export function writtenNamespace({ resource, namespace, uri }: Placed<Policy>): YamlNode | undefined {
  const node = valueAt(valueAt(resource.node, 'metadata'), 'namespace');
  const here = node?.document.uri === uri;
  return here && namespace.name !== undefined && stringOf(node) === namespace.name ? node : undefined;
}

/** Puts a policy into another namespace; none where its own is not written, or where one of its name is there. */
export function movePolicy(
  scope: Scope,
  policy: Placed<Policy>,
  to: string,
  certainty: 'likely' | 'possible',
): readonly Fix[] {
  const node = writtenNamespace(policy);
  if (node === undefined || isThere(scope, policy, to)) return [];
  return [
    {
      title: `Change the policy's namespace from ${policy.namespace.name} to ${to}`,
      ...(certainty === 'likely' ? { preferred: true } : {}),
      changes: () => editOnly(replaceScalar(node, to)),
    },
  ];
}

function isThere({ namespaces }: Scope, { value: { kind, name } }: Placed<Policy>, namespace: string): boolean {
  const policies = namespaces.get(namespace)?.policies ?? [];
  return policies.some(({ value }) => value.kind === kind && value.name === name);
}

/** The one namespace that all of these run in, by its name. */
export function onlyNamespaceOf(workloads: readonly Placed<Workload>[]): string | undefined {
  const [name, ...more] = new Set(workloads.map(({ namespace }) => namespace.name));
  return more.length > 0 ? undefined : name;
}
