import type { NamedAddresses } from '../model/address-set.js';
import type { ApiServerCalls } from '../model/called-service.js';
import type { EntryClass, EntryPoint, Gateway } from '../model/entry.js';
import type { LocalRedirect } from '../model/local-redirect.js';
import type { Monitor, PrometheusServer } from '../model/monitor.js';
import type { Policy } from '../model/policy.js';
import type { Config } from '../model/setting.js';
import type { Tier } from '../model/tier.js';
import type { NamespaceObject, NodeObject, Service, ServiceAccount, Workload } from '../model/workload.js';
import type { YamlMap, YamlPath } from '../text/tree.js';
import type { ObjectField } from './field.js';
import type { Problem } from './problem.js';

/** What objects are in the shared model, by their type. */
export interface ModelValues {
  policy: Policy;
  workload: Workload;
  namespace: NamespaceObject;
  node: NodeObject;
  service: Service;
  serviceAccount: ServiceAccount;
  config: Config;
  apiServerCalls: ApiServerCalls;
  entry: EntryPoint;
  entryClass: EntryClass;
  gateway: Gateway;
  monitor: Monitor;
  prometheus: PrometheusServer;
  tier: Tier;
  addressSet: NamedAddresses;
  localRedirect: LocalRedirect;
}

export type ModelType = keyof ModelValues;

/** What an object says, in the terms of the shared model. */
export type ModelObject = {
  readonly [T in ModelType]: { readonly type: T; readonly value: ModelValues[T] };
}[ModelType];

/** Facts of the cluster that decide what is valid. */
export interface ValidityContext {
  /** Major and minor, e.g. [1, 31]; undefined when not configured. */
  readonly kubernetesVersion: readonly [number, number] | undefined;
}

/** One kind of API object. */
export interface Kind {
  readonly apiVersions: readonly string[];
  /** Versions that mean the same and that no server offers any more: read, and not proposed. */
  readonly formerVersions?: readonly string[];
  readonly kind: string;
  readonly fields: ObjectField;
  /** The object in the model's terms. A wrong value costs that value only; undefined when nothing can be said. */
  read(object: YamlMap): ModelObject | undefined;
  /** What the object says beyond `read`: Cilium's `specs` are several policies in one object. */
  readMore?(object: YamlMap): readonly ModelObject[];
  /** Of a kind that runs pods: the path to the map that has their `metadata` and `spec`; empty for a pod. */
  readonly podPath?: readonly string[];
  /** Why the API server would refuse it; empty for kinds that netpol only reads. `at` is the object's path in its document. */
  check?(object: YamlMap, context: ValidityContext): readonly Problem[];
}

/** An object found in a document. */
export interface Resource {
  readonly kind: Kind;
  readonly node: YamlMap;
  /** Where the object stands in its document: empty, or ['items', i] within a List. */
  readonly path: YamlPath;
  readonly object: ModelObject | undefined;
  /** Which of several things that one object says this is, from 0; an object that says one thing has one resource. */
  readonly part?: number;
}
