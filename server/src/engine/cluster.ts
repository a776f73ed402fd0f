import type { NamedAddresses } from '../model/address-set.js';
import { type Address, type AddressSet, addressesOfAll, noAddresses } from '../model/addresses.js';
import type { EntryPoint } from '../model/entry.js';
import { accountLabelsOf, defaultServiceAccount, type KnownLabels, namespaceNameKey } from '../model/pod-facts.js';
import type { Policy } from '../model/policy.js';
import type { DeclaredPort } from '../model/ports.js';
import type { ClusterProfile, DnsPods } from '../model/profile.js';
import type { Labels } from '../model/selector.js';
import type { Tier } from '../model/tier.js';
import type { Service, ServiceAccount, Workload } from '../model/workload.js';
import type { NamespaceRef, Placed, Scope } from '../workspace/scope.js';
import { type Composition, compositionOf, isEnforced } from './composition.js';
import { type TierRank, tierRanks } from './tiers.js';

/**
 * What a cluster would hold if the manifests of some scopes were applied to it: a still picture, on which questions about
 * connections are answered. Objects without a namespace have got one.
 */
export interface Cluster {
  readonly namespaces: ReadonlyMap<string, ClusterNamespace>;
  readonly pods: readonly Pods[];
  /** Those that are enforced. */
  readonly policies: readonly AppliedPolicy[];
  /** How the policies of several families compose. */
  readonly composition: Composition;
  readonly unlistedRules: ClusterProfile['cni']['unlistedDirectionRules'];
  /** Calico's tiers, first to last. */
  readonly tiers: readonly TierRank[];
  /** Those of them that a manifest describes. */
  readonly tierObjects: readonly Tier[];
  readonly serviceAccounts: readonly Placed<ServiceAccount>[];
  readonly addressSets: readonly AppliedAddresses[];
  readonly services: readonly Placed<Service>[];
  /** The cluster's DNS, whose services are known without their objects. */
  readonly dns: readonly DnsPods[];
  readonly entries: readonly Placed<EntryPoint>[];
  /**
   * Which address blocks also match pods. By the API's text those of cluster-wide policies do, and of network policies it
   * does not say: plugins differ (FACTS B1, B2).
   */
  readonly blocksMatchPods: 'all' | 'cluster-wide' | 'none';
  /** The addresses that pods have here, as configured; empty where that is not known. */
  readonly podAddresses: AddressSet;
  /** The addresses of the nodes, as configured, where Cilium tells nodes from other addresses; else empty. */
  readonly nodeAddresses: AddressSet;
  /** Those of the API server's endpoints, likewise. */
  readonly apiServerAddresses: AddressSet;
  /** What the manifests leave open counts as open: namespaces without an object, addresses of pods, what plugins do. */
  readonly open: boolean;
  /** The namespace that an object has here. */
  namespaceOf(ref: NamespaceRef): ClusterNamespace;
}

/** Named addresses, with the namespace they have in the cluster; none for cluster-wide ones. */
export interface AppliedAddresses {
  readonly value: NamedAddresses;
  readonly namespace: ClusterNamespace | undefined;
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
  /** Where they run; undefined where the manifests do not tell. Labels only where there is a Node object. */
  readonly node: { readonly name: string; readonly labels: Labels | undefined } | undefined;
  readonly addresses: readonly Address[];
  /** Undefined for pods of which it is not known. */
  readonly serviceAccount: string | undefined;
  /** The labels of that account, where its object is there. */
  readonly accountLabels: KnownLabels | undefined;
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
  /**
   * Take what the manifests do not say as not known: other labels of namespaces that no object describes, which namespace the
   * unset one is, the addresses of pods, and whether blocks match pods where plugins differ.
   */
  readonly open?: boolean;
}

/** What a cluster is made from: a scope, or a part of one. */
export type ClusterPart = Pick<
  Scope,
  | 'namespaceObjects'
  | 'namespaces'
  | 'workloads'
  | 'policies'
  | 'entries'
  | 'nodes'
  | 'tiers'
  | 'addressSets'
  | 'serviceAccounts'
>;

/** The cluster that the objects of the scopes make, as if they were applied together. */
export function clusterOf(scopes: readonly ClusterPart[], { profile, unset, open = false }: ClusterOptions): Cluster {
  const namespaces = new Map<string, ClusterNamespace>();
  for (const scope of scopes) {
    for (const { value } of scope.namespaceObjects.values()) {
      // The API server sets this label on every namespace (KEP-2161).
      const labels = new Map([...value.labels, [namespaceNameKey, value.name]]);
      namespaces.set(value.name, { name: value.name, labels, open: value.openLabels });
    }
  }
  const namespaceNamed = (name: string): ClusterNamespace => {
    const known = namespaces.get(name);
    if (known !== undefined) return known;
    const made = { name, labels: new Map(open && name === unset ? [] : [[namespaceNameKey, name]]), open };
    namespaces.set(name, made);
    return made;
  };
  const namespaceOf = (ref: NamespaceRef) => namespaceNamed(ref.name ?? unset);
  const pods = new PodsByIdentity();
  const nodes = new Map(scopes.flatMap((scope) => scope.nodes.map(({ value }) => [value.name, value.labels])));
  const accounts = new Map<string, KnownLabels>();
  const serviceAccounts = scopes.flatMap((scope) => scope.serviceAccounts);
  for (const { value, namespace } of serviceAccounts) {
    accounts.set(`${namespaceOf(namespace).name}/${value.name}`, { labels: value.labels, open: value.openLabels });
  }
  for (const workload of scopes.flatMap((scope) => scope.workloads)) {
    pods.add(podsOf(workload, namespaceOf(workload.namespace), nodes, accounts));
  }
  const policies = scopes.flatMap((scope) => scope.policies);
  const tierObjects = scopes.flatMap((scope) => scope.tiers.map(({ value }) => value));
  const composition = compositionOf(
    profile.cni,
    policies.map(({ value }) => value),
  );
  const applied = <T extends { readonly clusterWide: boolean }>(placed: Placed<T>) => ({
    namespace: placed.value.clusterWide ? undefined : namespaceOf(placed.namespace),
  });
  return {
    namespaces,
    pods: pods.list,
    policies: policies
      .filter(({ value }) => isEnforced(value, composition))
      .map((placed) => ({ placed, ...applied(placed) })),
    composition,
    unlistedRules: profile.cni.unlistedDirectionRules,
    tiers: tierRanks(tierObjects),
    tierObjects,
    serviceAccounts,
    addressSets: scopes.flatMap((scope) =>
      scope.addressSets.map((placed) => ({ value: placed.value, ...applied(placed) })),
    ),
    services: scopes.flatMap((scope) => [...scope.namespaces.values()].flatMap(({ services }) => services)),
    dns: profile.dns,
    entries: scopes.flatMap((scope) => scope.entries),
    blocksMatchPods: ({ yes: 'all', undefined: 'cluster-wide', no: 'none' } as const)[profile.cni.ipBlockMatchesPods],
    podAddresses: addressesOfAll(profile.podCidrs),
    nodeAddresses: composition === 'cilium' ? addressesOfAll(profile.nodeCidrs) : noAddresses,
    apiServerAddresses: composition === 'cilium' ? addressesOfAll(profile.apiServer) : noAddresses,
    open,
    namespaceOf,
  };
}

/** Without their places, so that pods of one kind have equal ports. */
function portsOf(workload: Workload): readonly DeclaredPort[] {
  const known = declaredPorts.get(workload);
  if (known !== undefined) return known;
  const found = workload.ports.map(({ name, port, protocol }) => ({
    ...(name === undefined ? {} : { name }),
    port,
    protocol,
  }));
  declaredPorts.set(workload, found);
  return found;
}

/** A pure function's memory: a cluster is put together anew after each edit, and a workload never changes. */
const declaredPorts = new WeakMap<Workload, readonly DeclaredPort[]>();

/** Pods that policies cannot tell apart, once. */
class PodsByIdentity {
  readonly list: Pods[] = [];
  /** Where those of one name stand: nearly always there is one. */
  readonly #named = new Map<string, number[]>();

  add(pods: Pods): void {
    const name = `${pods.namespace.name}/${pods.kind}/${pods.name}`;
    const places = this.#named.get(name) ?? [];
    const at = places.find((place) => isAlike(this.list[place], pods));
    const known = at === undefined ? undefined : this.list[at];
    if (at !== undefined && known !== undefined) {
      this.list[at] = { ...known, workloads: [...known.workloads, ...pods.workloads] };
      return;
    }
    places.push(this.list.length);
    this.#named.set(name, places);
    this.list.push(pods);
  }
}

function isAlike(a: Pods | undefined, b: Pods): boolean {
  return a !== undefined && told(a) === told(b);
}

/** What tells pods of one name apart. */
function told({ labels, ports, node }: Pods): string {
  return JSON.stringify([[...labels], ports, node?.name]);
}

function podsOf(
  workload: Placed<Workload>,
  namespace: ClusterNamespace,
  nodes: ReadonlyMap<string, Labels>,
  accounts: ReadonlyMap<string, KnownLabels>,
): Pods {
  const { value } = workload;
  // The API server gives every pod one (the ServiceAccount admission controller).
  const serviceAccount = value.serviceAccount ?? defaultServiceAccount;
  const name = value.nodeName;
  return {
    kind: value.owner?.kind ?? value.kind,
    name: value.owner?.name ?? value.name,
    namespace,
    labels: value.labels,
    openLabels: value.openLabels,
    ports: portsOf(value),
    hostNetwork: value.hostNetwork,
    node: name === undefined ? undefined : { name, labels: nodes.get(name) },
    addresses: value.addresses,
    serviceAccount,
    accountLabels: accountLabelsOf(serviceAccount, accounts.get(`${namespace.name}/${serviceAccount}`)),
    workloads: [workload],
  };
}

/** The node's own processes reach its pods whatever the policies say (FACTS B0). */
export function isOwnNode(from: Pods, to: Pods): boolean {
  return from.hostNetwork && from.node !== undefined && from.node.name === to.node?.name;
}
