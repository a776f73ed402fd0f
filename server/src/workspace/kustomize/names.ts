import { stringOf, type YamlScalar } from '../../text/tree.js';
import { changedAt, scalarAt } from './derive.js';
import { type Built, currentId, type Step, withId } from './step.js';

/**
 * Puts every object into a namespace. The namespace itself is not written into the objects: it is known from the step.
 * A Namespace object takes the name.
 * Source: kustomize NamespaceTransformer, with its default field specs.
 */
export function namespaceStep(value: YamlScalar, namespace: string): Step {
  return {
    namespace,
    reads: [],
    apply(built) {
      if (built.kind !== 'Namespace') return withId(built, { namespace }, built.node);
      const node = changedAt(built.node, ['metadata', 'name'], undefined, (name) =>
        stringOf(name) === namespace ? name : scalarAt(name ?? value, namespace),
      );
      return withId(built, { name: namespace }, node);
    },
  };
}

/** Where services are named by kinds that are read. Source: kustomize nameReference field specs. */
const references: Readonly<Record<string, readonly string[]>> = {
  Ingress: [
    'spec/defaultBackend/service/name',
    'spec/rules/http/paths/backend/service/name',
    'spec/backend/serviceName',
    'spec/rules/http/paths/backend/serviceName',
  ],
  HTTPRoute: ['spec/rules/backendRefs/name'],
};

const neverRenamed = new Set(['Namespace', 'CustomResourceDefinition', 'APIService']);

/**
 * Puts a prefix and a suffix around names, and around the names of services where other objects speak of them. `services`
 * are those that the kustomization builds, as they were called before.
 * Source: kustomize PrefixTransformer, SuffixTransformer and NameReferenceTransformer.
 */
export function nameStep(prefix: string, suffix: string, services: () => ReadonlySet<string>): Step {
  const rename = (name: string) => prefix + name + suffix;
  return {
    rename,
    reads: [],
    apply(built) {
      let { node } = built;
      for (const path of references[built.kind] ?? []) {
        node = changedAt(node, path.split('/'), undefined, (at) => {
          const name = stringOf(at);
          return at !== undefined && name !== undefined && services().has(name) ? scalarAt(at, rename(name)) : at;
        });
      }
      return neverRenamed.has(built.kind) ? { ...built, node } : renamed({ ...built, node }, rename);
    },
  };
}

function renamed(built: Built, rename: (name: string) => string): Built {
  const node = changedAt(built.node, ['metadata', 'name'], undefined, (at) => {
    const name = stringOf(at);
    return at !== undefined && name !== undefined ? scalarAt(at, rename(name)) : at;
  });
  return node === built.node ? built : withId(built, { name: rename(currentId(built).name) }, node);
}
