import type { ClusterProfile } from '../model/profile.js';
import type { Workload } from '../model/workload.js';
import { perList } from '../workspace/per-list.js';
import { contentOf, type NamespaceContent, type Placed, type Scope } from '../workspace/scope.js';
import { clusterOf } from './cluster.js';
import { groupBy } from './group-by.js';
import { policiesSelecting, selects } from './matching.js';
import type { Endpoint } from './stages.js';
import { Judge } from './verdict.js';

/** Two workloads in a cluster of what concerns them. */
export interface Pair {
  readonly judge: Judge;
  readonly from: Extract<Endpoint, { readonly kind: 'pods' }>;
  readonly to: Extract<Endpoint, { readonly kind: 'pods' }>;
}

/**
 * Two workloads in a cluster of their namespaces, or, for their verdicts alone, of the policies that may select them. No
 * other namespace is read, so that a change elsewhere asks nothing again. Undefined for host-network pods.
 */
export function pairOf(
  scope: Scope,
  profile: ClusterProfile,
  both: readonly [from: Placed<Workload>, to: Placed<Workload>],
  what: 'pair' | 'namespaces',
): Pair | undefined {
  const contents = [...new Set(both.map(({ namespace }) => contentOf(scope, namespace)))];
  const concerning = () => [
    ...new Set(both.flatMap((each) => policiesSelecting(scope, each).map(({ policy }) => policy))),
    ...scope.clusterPolicies.filter((policy) => both.some((each) => selects(scope, policy, each) !== 'no')),
  ];
  const part = {
    namespaceObjects: objectsOf(scope, contents),
    // For the services that peers name: those of an end's pods are in its namespace.
    namespaces: new Map(contents.map((content) => [content.ref.key, content])),
    workloads: what === 'pair' ? both : contents.flatMap(({ workloads }) => workloads),
    policies:
      what === 'pair' ? concerning() : [...contents.flatMap((content) => content.policies), ...scope.clusterPolicies],
    entries: [],
    nodes: [],
    tiers: scope.tiers,
    addressSets: scope.addressSets,
    serviceAccounts: contents.flatMap(({ ref }) => accountsByNamespace(scope.serviceAccounts).get(ref.key) ?? []),
  };
  const cluster = clusterOf([part], { profile, unset: '(unset)', open: true });
  const [from, to] = both.map((each) => cluster.pods.find(({ workloads }) => workloads.includes(each)));
  if (from === undefined || to === undefined || from === to || from.hostNetwork || to.hostNetwork) return undefined;
  return { judge: new Judge(cluster), from: { kind: 'pods', pods: from }, to: { kind: 'pods', pods: to } };
}

const accountsByNamespace = perList((accounts: Scope['serviceAccounts']) =>
  groupBy(accounts, ({ namespace }) => namespace.key),
);

/** The Namespace objects of some namespaces. */
function objectsOf(scope: Scope, contents: readonly NamespaceContent[]): Scope['namespaceObjects'] {
  const found = contents.flatMap(({ ref: { name } }) => {
    const object = name === undefined ? undefined : scope.namespaceObjects.get(name);
    return name === undefined || object === undefined ? [] : [[name, object] as const];
  });
  return new Map(found);
}
