import type { Labels } from '../model/selector.js';

/** Keys under which people write what a pod is. */
export const identityKeys: readonly string[] = ['app.kubernetes.io/name', 'app', 'k8s-app', 'name'];

/** Labels that change with a release or a rollout: a policy that named them would soon select nothing. */
const passing: ReadonlySet<string> = new Set([
  'pod-template-hash',
  'controller-revision-hash',
  'version',
  'app.kubernetes.io/version',
  'helm.sh/chart',
  'app.kubernetes.io/managed-by',
]);

/** Whether a label stays as it is over releases and rollouts. */
export function lasts(key: string): boolean {
  return !passing.has(key);
}

/**
 * Labels to choose pods by among others of their namespace (themselves with them): the one usual label that tells them
 * from the others, else all that last. Undefined when they have none.
 */
export function identifyingLabels(own: Labels, among: readonly Labels[]): Labels | undefined {
  for (const key of identityKeys) {
    const value = own.get(key);
    if (value === undefined) continue;
    if (among.filter((each) => each.get(key) === value).length === 1) return new Map([[key, value]]);
  }
  const lasting = [...own].filter(([key]) => lasts(key));
  return lasting.length === 0 ? undefined : new Map(lasting);
}
