import type { Address } from '../model/addresses.js';
import type { EntryPoint } from '../model/entry.js';
import type { Policy } from '../model/policy.js';
import type { DeclaredPort } from '../model/ports.js';
import type { ClusterProfile } from '../model/profile.js';
import type { Labels } from '../model/selector.js';
import type { Service, Workload } from '../model/workload.js';
import type { NamespaceRef, Placed, Scope } from '../workspace/scope.js';

/**
 * What a cluster would hold if the manifests of some scopes were applied to it: a still picture, on which questions about
 * connections are answered. Objects without a namespace have got one.
 */
export interface Cluster {
  readonly namespaces: ReadonlyMap<string, ClusterNamespace>;
  readonly pods: readonly Pods[];
  readonly policies: readonly AppliedPolicy[];
  readonly services: readonly Placed<Service>[];
  readonly entries: readonly Placed<EntryPoint>[];
  /** Whether address blocks also match pods whose addresses are known: plugins differ (FACTS B1). */
  readonly blocksMatchPods: boolean;
  /** The namespace that an object has here. */
  namespaceOf(ref: NamespaceRef): ClusterNamespace;
}

export interface ClusterNamespace {
  readonly name: string;
  readonly labels: Labels;
  /** More labels may exist than are known: there is no Namespace object, or a template writes its labels. */
  readonly open: boolean;
}

/** Pods that policies cannot tell apart: those of one workload, or of one owner. */
export interface Pods {
  readonly kind: string;
  readonly name: string;
  readonly namespace: ClusterNamespace;
  readonly labels: Labels;
  readonly openLabels: boolean;
  readonly ports: readonly DeclaredPort[];
  /** They use their node's network: policies neither select them nor match them as peers (FACTS B0, B2). */
  readonly hostNetwork: boolean;
  readonly addresses: readonly Address[];
  /** What the manifests say of them; never empty for pods of the manifests. */
  readonly workloads: readonly Placed<Workload>[];
}

/** A policy with the namespace it has in the cluster; none for a cluster-wide one. */
export interface AppliedPolicy {
  readonly placed: Placed<Policy>;
  readonly namespace: ClusterNamespace | undefined;
}

export interface ClusterOptions {
  readonly profile: ClusterProfile;
  /** The namespace of objects that name none, as `kubectl apply --namespace` gives it. */
  readonly unset: string;
}

export const nameLabel = 'kubernetes.io/metadata.name';

/** The cluster that the objects of the scopes make, as if they were applied together. */
export function clusterOf(scopes: readonly Scope[], { profile, unset }: ClusterOptions): Cluster {
  const namespaces = new Map<string, ClusterNamespace>();
  for (const scope of scopes) {
    for (const { value } of scope.namespaceObjects.values()) {
      // The API server sets this label on every namespace (KEP-2161).
      const labels = new Map([...value.labels, [nameLabel, value.name]]);
      namespaces.set(value.name, { name: value.name, labels, open: value.openLabels });
    }
  }
  const namespaceNamed = (name: string): ClusterNamespace => {
    const known = namespaces.get(name);
    if (known !== undefined) return known;
    const made = { name, labels: new Map([[nameLabel, name]]), open: false };
    namespaces.set(name, made);
    return made;
  };
  const namespaceOf = (ref: NamespaceRef) => namespaceNamed(ref.name ?? unset);
  const pods = new Map<string, Pods>();
  for (const workload of scopes.flatMap((scope) => scope.workloads)) {
    const found = podsOf(workload, namespaceOf(workload.namespace));
    const key = JSON.stringify([found.namespace.name, found.kind, found.name, [...found.labels], found.ports]);
    const known = pods.get(key);
    if (known === undefined) pods.set(key, found);
    else pods.set(key, { ...known, workloads: [...known.workloads, workload] });
  }
  return {
    namespaces,
    pods: [...pods.values()],
    policies: scopes.flatMap((scope) =>
      scope.policies.map((placed) => ({
        placed,
        namespace: placed.value.clusterWide ? undefined : namespaceOf(placed.namespace),
      })),
    ),
    services: scopes.flatMap((scope) => [...scope.namespaces.values()].flatMap(({ services }) => services)),
    entries: scopes.flatMap((scope) => scope.entries),
    blocksMatchPods: profile.cni.ipBlockMatchesPods === 'yes',
    namespaceOf,
  };
}

function podsOf(workload: Placed<Workload>, namespace: ClusterNamespace): Pods {
  const { value } = workload;
  return {
    kind: value.owner?.kind ?? value.kind,
    name: value.owner?.name ?? value.name,
    namespace,
    labels: value.labels,
    openLabels: value.openLabels,
    ports: value.ports.map(({ name, port, protocol }) => ({ ...(name === undefined ? {} : { name }), port, protocol })),
    hostNetwork: value.hostNetwork,
    addresses: value.addresses,
    workloads: [workload],
  };
}
