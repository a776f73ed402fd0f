import type { Resource } from '../kinds/kind.js';
import type { NamedAddresses } from '../model/address-set.js';
import type { ApiServerCalls } from '../model/called-service.js';
import type { EntryClass, EntryPoint, Gateway } from '../model/entry.js';
import type { LocalRedirect } from '../model/local-redirect.js';
import type { Monitor, PrometheusServer } from '../model/monitor.js';
import type { Policy } from '../model/policy.js';
import type { Config } from '../model/setting.js';
import type { Tier } from '../model/tier.js';
import type { NamespaceObject, NodeObject, Service, ServiceAccount, Workload } from '../model/workload.js';
import type { YamlDocument } from '../text/document.js';
import type { Member } from './members.js';

/**
 * A namespace as far as the manifests tell. An unset one (`name` undefined) is that of the command that applies the
 * manifests; objects that share the key are taken to land in the same one.
 */
export interface NamespaceRef {
  readonly key: string;
  readonly name: string | undefined;
}

/** An object of a scope, with the namespace it has there. */
export interface Placed<T> {
  readonly value: T;
  readonly namespace: NamespaceRef;
  readonly resource: Resource;
  readonly uri: string;
}

/** The objects of one namespace of a scope. */
export interface NamespaceContent {
  readonly ref: NamespaceRef;
  readonly policies: readonly Placed<Policy>[];
  readonly workloads: readonly Placed<Workload>[];
  readonly services: readonly Placed<Service>[];
  readonly configs: readonly Placed<Config>[];
}

/**
 * Objects that are applied together. Policies of one scope never bear on workloads of another. It is always the scope as
 * it is now: what is worked out from it may be kept by its lists, which never change (a change makes new ones), or by
 * `observe`, and never by the scope itself.
 */
export interface Scope {
  readonly id: string;
  /** How a person would call it: a kustomization's or chart's folder, a snapshot's file, or the workspace folder. */
  readonly title: string;
  readonly kind: 'kustomization' | 'chart' | 'folder' | 'snapshot' | 'named';
  /** Something that kustomizations add or change is not here, or not evaluated: what is lacking may be there. */
  readonly incomplete: boolean;
  readonly namespaces: ReadonlyMap<string, NamespaceContent>;
  /** Those of `namespaces` that have no name, in their order. */
  readonly unsetNamespaces: readonly NamespaceContent[];
  /** Namespace objects by name. */
  readonly namespaceObjects: ReadonlyMap<string, Placed<NamespaceObject>>;
  /** Every Namespace object, also where several files define one name. */
  readonly declaredNamespaces: readonly Placed<NamespaceObject>[];
  /** Namespaced and cluster-wide. */
  readonly policies: readonly Placed<Policy>[];
  /** Those that belong to no namespace. */
  readonly clusterPolicies: readonly Placed<Policy>[];
  readonly workloads: readonly Placed<Workload>[];
  readonly entries: readonly Placed<EntryPoint>[];
  readonly entryClasses: readonly Placed<EntryClass>[];
  readonly gateways: readonly Placed<Gateway>[];
  readonly monitors: readonly Placed<Monitor>[];
  readonly prometheuses: readonly Placed<PrometheusServer>[];
  readonly nodes: readonly Placed<NodeObject>[];
  readonly tiers: readonly Placed<Tier>[];
  readonly addressSets: readonly Placed<NamedAddresses>[];
  readonly localRedirects: readonly Placed<LocalRedirect>[];
  readonly serviceAccounts: readonly Placed<ServiceAccount>[];
  readonly apiServerCalls: readonly Placed<ApiServerCalls>[];
  /** What an object of a file is in this scope: nothing where a patch deletes it, more than one where it is built again. */
  membersOf(resource: Resource): readonly Member[];
  /** The objects in which something stands that a patch or kustomization says. */
  membersFrom(uri: string): readonly Member[];
  /** The documents that were rendered from a template, in place of what it says itself. */
  renderedFrom(uri: string): readonly YamlDocument[];
  /** The policy that a resource is in this scope, the first of several; undefined for any other resource. */
  policyOf(resource: Resource): Placed<Policy> | undefined;
  workloadOf(resource: Resource): Placed<Workload> | undefined;
  /** Asks a question and notes every list of the scope that the answer was read from. */
  observe<T>(question: () => T): Observed<T>;
}

/** An answer from a scope. */
export interface Observed<T> {
  readonly answer: T;
  /** Whether all that was read is as it was, so that the question would be answered the same. */
  isCurrent(): boolean;
}

/** Where cluster-wide objects are: in no namespace. */
export const clusterWide: NamespaceRef = { key: '(cluster-wide)', name: undefined };

export function contentOf(scope: Scope, namespace: NamespaceRef): NamespaceContent {
  return (
    scope.namespaces.get(namespace.key) ?? { ref: namespace, policies: [], workloads: [], services: [], configs: [] }
  );
}
