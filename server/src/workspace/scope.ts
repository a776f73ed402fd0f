import type { Resource } from '../kinds/kind.js';
import type { Policy } from '../model/policy.js';
import type { NamespaceObject, Service, Workload } from '../model/workload.js';

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
}

/** Objects that are applied together. Policies of one scope never bear on workloads of another. */
export interface Scope {
  readonly id: string;
  /** How a person would call it: a kustomization's or chart's folder, or the workspace folder. */
  readonly title: string;
  readonly kind: 'kustomization' | 'chart' | 'folder';
  readonly namespaces: ReadonlyMap<string, NamespaceContent>;
  /** Namespace objects by name. */
  readonly namespaceObjects: ReadonlyMap<string, Placed<NamespaceObject>>;
  readonly policies: readonly Placed<Policy>[];
  readonly workloads: readonly Placed<Workload>[];
}

export function contentOf(scope: Scope, namespace: NamespaceRef): NamespaceContent {
  return scope.namespaces.get(namespace.key) ?? { ref: namespace, policies: [], workloads: [], services: [] };
}

/** Collects placed objects and makes the scope from them. */
export class ScopeBuilder {
  readonly #namespaces = new Map<string, Mutable>();
  readonly #namespaceObjects = new Map<string, Placed<NamespaceObject>>();
  readonly #policies: Placed<Policy>[] = [];
  readonly #workloads: Placed<Workload>[] = [];

  constructor(
    readonly id: string,
    readonly title: string,
    readonly kind: Scope['kind'],
  ) {}

  /** `override` is the namespace a kustomization gives; `unsetKey` names the unset namespace the object falls in. */
  add(resource: Resource, uri: string, override: string | undefined, unsetKey: string): void {
    const object = resource.object;
    if (object === undefined) return;
    if (object.type === 'namespace') {
      this.#namespaceObjects.set(object.namespace.name, {
        value: object.namespace,
        namespace: named(object.namespace.name),
        resource,
        uri,
      });
      return;
    }
    const value =
      object.type === 'policy' ? object.policy : object.type === 'workload' ? object.workload : object.service;
    const name = override ?? value.namespace;
    const namespace = name === undefined || name === '' ? { key: `unset:${unsetKey}`, name: undefined } : named(name);
    const content = this.#content(namespace);
    const placed = { namespace: content.ref, resource, uri };
    if (object.type === 'policy') {
      const policy = { ...placed, value: object.policy };
      content.policies.push(policy);
      this.#policies.push(policy);
    } else if (object.type === 'workload') {
      const workload = { ...placed, value: object.workload };
      content.workloads.push(workload);
      this.#workloads.push(workload);
    } else content.services.push({ ...placed, value: object.service });
  }

  build(): Scope {
    return {
      id: this.id,
      title: this.title,
      kind: this.kind,
      namespaces: this.#namespaces,
      namespaceObjects: this.#namespaceObjects,
      policies: this.#policies,
      workloads: this.#workloads,
    };
  }

  #content(namespace: NamespaceRef): Mutable {
    let content = this.#namespaces.get(namespace.key);
    if (content === undefined) {
      content = { ref: namespace, policies: [], workloads: [], services: [] };
      this.#namespaces.set(namespace.key, content);
    }
    return content;
  }
}

interface Mutable extends NamespaceContent {
  readonly policies: Placed<Policy>[];
  readonly workloads: Placed<Workload>[];
  readonly services: Placed<Service>[];
}

function named(name: string): NamespaceRef {
  return { key: name, name };
}
